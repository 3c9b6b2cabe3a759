"""Spectrum of a logarithmic spectrum: families of evenly spaced lines as one peak."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import Window, check

Array = NDArray[np.float64]

FLOOR = 1e-12
"""Lines are not taken for lower than this share of the highest: a logarithm of 0 is none."""


class CepstrumKind(enum.StrEnum):
    """Of the logarithm of amplitudes, or of powers: the one is half the other."""

    REAL = "real"
    POWER = "power"


@dataclass(frozen=True)
class Cepstrum:
    """``values`` (..., quefrencies), natural logarithms, over ``quefrencies_s``."""

    quefrencies_s: Array
    values: Array


def cepstrum(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    kind: CepstrumKind = CepstrumKind.REAL,
    window: Window = Window.HANN,
) -> Cepstrum:
    """Inverse Fourier transform of the logarithm of the spectrum [1]_.

    Harmonics of a shaft, or sidebands of a gear mesh, at a spacing of F Hz make one peak at
    the quefrency 1/F s and more at its multiples (*rahmonics*, the lower the more the speed
    wanders; the first one counts): a family that takes practice to see in a spectrum has
    one height that can be trended. Sidebands that stand at no multiple of F are found, too.
    In gearboxes the peak of a local tooth fault lies at the period of its shaft.

    Where it misleads: one single line is no family and does not show. The first part, below
    about the period of the lowest resonance, is the path from the source to the sensor; it
    is large and says nothing of periods. Noise that fills the gaps between the lines, a
    filter or a band without signal pull the logarithm down and hide the peaks. A heavily
    filtered signal has no meaningful cepstrum. Echoes make peaks, too.

    To *lifter* is to keep only some quefrencies: the short ones give the smooth shape of
    the spectrum, see :func:`smooth_spectrum`.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit, which changes the value at quefrency 0 only. The mean is taken off.
    sample_rate_hz : float
        Above 0.
    kind : CepstrumKind
        ``real``: of the logarithm of amplitudes; ``power``: of powers, twice as high.
    window : Window
        Keeps the gaps between the lines of a machine deep, which seldom fit the signal
        exactly. ``boxcar`` for echoes.

    Returns
    -------
    Cepstrum
        From 0 to half the duration of the signal; values of shape (..., samples // 2 + 1),
        of any sign. The first one is the mean of the logarithm; leave it out of a plot.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0 or
        the signal is constant.

    References
    ----------
    .. [1] R. B. Randall, "A history of cepstrum analysis and its application to mechanical
       problems", Mechanical Systems and Signal Processing 97, 3-19, 2017.

    Examples
    --------
    >>> strikes = np.random.default_rng(0).normal(scale=0.01, size=10_000)
    >>> strikes[::100] += 1.0
    >>> result = cepstrum(strikes, 10_000)
    >>> peak = result.values[100]
    >>> float(result.quefrencies_s[100]), bool(peak > 5 * result.values[51:100].max())
    (0.01, True)
    """
    from scipy import fft

    count = samples.shape[-1] if samples.ndim else 0
    logarithms = _logarithms(samples, sample_rate_hz, window)
    if kind is CepstrumKind.POWER:
        logarithms *= 2.0
    values: Array = fft.irfft(logarithms, count, axis=-1)
    quefrencies_s = np.arange(count // 2 + 1, dtype=np.float64) / sample_rate_hz
    return Cepstrum(quefrencies_s, values[..., : count // 2 + 1])


def smooth_spectrum(
    samples: NDArray[np.floating], sample_rate_hz: float, longest_s: float
) -> tuple[Array, Array]:
    """The smooth shape of the amplitudes: what short quefrencies alone make of a spectrum.

    A low-pass *lifter*: it keeps the resonances between source and sensor and drops all
    families of lines closer than ``1 / longest_s`` Hz. Compare it between measurements: when
    it changes, the structure or the mounting of the sensor did, not the source.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    sample_rate_hz : float
        Above 0.
    longest_s : float
        Longest quefrency that is kept: above 0, below half the duration. Well below the
        period of the shaft.

    Returns
    -------
    frequencies_hz : array of shape (samples // 2 + 1,)
    values : array of shape (..., samples // 2 + 1)
        Geometric mean of the peak amplitudes around each frequency, in the unit of the
        signal.

    Raises
    ------
    SignalError
        As :func:`cepstrum`, or if the quefrency is out of range.

    Examples
    --------
    >>> strike = np.zeros(1_000)
    >>> strike[0] = 500.0
    >>> frequencies_hz, values = smooth_spectrum(strike, 1_000, 0.01)
    >>> bool(np.allclose(values[1:-1], 1.0))
    True
    """
    from scipy import fft

    count = samples.shape[-1] if samples.ndim else 0
    logarithms = _logarithms(samples, sample_rate_hz, Window.RECTANGULAR)
    duration_s = count / sample_rate_hz
    if not 1 / sample_rate_hz <= longest_s < duration_s / 2:
        raise SignalError(
            f"The longest quefrency must be between {1 / sample_rate_hz:.3g} s and half of the "
            f"{duration_s:.3g} s of the signal, got {longest_s:.3g} s."
        )
    values = fft.irfft(logarithms, count, axis=-1)
    longest = int(longest_s * sample_rate_hz)
    values[..., longest + 1 : count - longest] = 0.0
    smooth = np.exp(fft.rfft(values, axis=-1).real) * (2.0 / count)
    return np.arange(smooth.shape[-1], dtype=np.float64) * (sample_rate_hz / count), smooth


def _logarithms(samples: NDArray[np.floating], sample_rate_hz: float, window: Window) -> Array:
    """Natural logarithms of the magnitudes of the lines; 0 Hz as the line beside it."""
    from scipy import fft

    check(samples, sample_rate_hz)
    centred = samples - np.mean(samples, axis=-1, keepdims=True, dtype=np.float64)
    centred *= window.weights(samples.shape[-1])
    magnitudes = np.abs(fft.rfft(centred, axis=-1, overwrite_x=True))
    magnitudes[..., 0] = magnitudes[..., 1]  # the mean was taken off
    highest = magnitudes.max(axis=-1, keepdims=True)
    if not (np.ptp(samples, axis=-1) > 0).all():
        raise SignalError("A constant signal has no cepstrum.")
    result: Array = np.log(np.maximum(magnitudes, FLOOR * highest))
    return result
