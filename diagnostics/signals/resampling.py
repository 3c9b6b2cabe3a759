"""The same signal at another sampling rate."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import FEWEST_SAMPLES, check

Array = NDArray[np.float64]

LARGEST_RATIO = 10.0
LARGEST_DENOMINATOR = 2_000
PASSED = 0.8
ATTENUATION_DB = 80.0


class Resampled(NamedTuple):
    """Samples at another rate, which is the nearest fraction of the old one that was wanted."""

    samples: Array
    sample_rate_hz: float


def resample(samples: NDArray[np.floating], sample_rate_hz: float, to_rate_hz: float) -> Resampled:
    """The signal at another sampling rate, without mirror images of what no longer fits.

    Frequencies up to 80 % of the lower of both half rates pass unchanged, those above that
    half rate are about 80 dB down before samples are dropped, so that a high tone does not
    show as a low one that the machine does not have. Sampling faster adds no knowledge.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    sample_rate_hz : float
        Above 0.
    to_rate_hz : float
        Above 0, at most 10 times the old rate. When both rates have no common measure, the
        nearest fraction with a denominator up to 2000 is taken.

    Returns
    -------
    Resampled
        In the unit of the signal, with the rate that it really has.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples before or after, a value is not finite or a rate
        is out of range.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 100 * np.arange(48_000) / 48_000)
    >>> result = resample(tone, 48_000, 12_000)
    >>> result.samples.size, result.sample_rate_hz
    (12000, 12000.0)
    >>> bool(np.allclose(result.samples[100:-100], tone[::4][100:-100], atol=1e-3))
    True
    """
    from scipy.signal import firwin, kaiser_beta, kaiserord, resample_poly

    check(samples, sample_rate_hz)
    if not 0 < to_rate_hz <= LARGEST_RATIO * sample_rate_hz:
        raise SignalError(
            f"The new sampling rate must be above 0 and at most {LARGEST_RATIO:g} times the old "
            f"one of {sample_rate_hz:g} Hz, got {to_rate_hz:g} Hz."
        )
    ratio = Fraction(to_rate_hz / sample_rate_hz).limit_denominator(LARGEST_DENOMINATOR)
    if samples.shape[-1] * ratio < FEWEST_SAMPLES:
        raise SignalError(
            f"{samples.shape[-1]} samples are too few to be taken at {to_rate_hz:g} Hz instead "
            f"of {sample_rate_hz:g} Hz: fewer than {FEWEST_SAMPLES} would be left."
        )
    if ratio == 1:
        return Resampled(np.array(samples, dtype=np.float64), sample_rate_hz)
    widest = max(ratio.numerator, ratio.denominator)
    taps, _ = kaiserord(ATTENUATION_DB, (1 - PASSED) / widest)
    weights = firwin(
        taps | 1, (1 + PASSED) / 2 / widest, window=("kaiser", kaiser_beta(ATTENUATION_DB))
    )
    values = resample_poly(
        np.asarray(samples, dtype=np.float64),
        ratio.numerator,
        ratio.denominator,
        axis=-1,
        window=weights,
        padtype="line",
    )
    return Resampled(values, float(sample_rate_hz * ratio))
