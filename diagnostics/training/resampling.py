"""Bring recordings with different sampling rates to one rate.

A classifier that sees 12 kHz and 48 kHz recordings side by side tells the rates apart and
not the faults: the same window would cover another stretch of time, and another band.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError
from diagnostics.signals.signal import Samples

# scipy's default filter reaches so many samples of the slower rate to each side.
_REACH = 10
# Rates such as 48 828 Hz, which converters have, share no small factor with round ones. The first
# that is near enough is taken; the filter is as long as the denominator.
_DENOMINATORS = (1000, 20_000)


def common_rate(rates_hz: Iterable[float], chosen_hz: float | None) -> float:
    """The rate at which windows are cut.

    Parameters
    ----------
    rates_hz : iterable of float
        Of the recordings.
    chosen_hz : float or None
        None takes the rate that all recordings share.

    Returns
    -------
    float
        In Hz.

    Raises
    ------
    TrainingError
        If the rates differ and none was chosen, or a recording is slower than the chosen
        rate: what was never measured cannot be computed.

    Examples
    --------
    >>> common_rate([48_000.0, 12_000.0], 12_000.0)
    12000.0
    """
    rates = sorted(set(rates_hz))
    if not rates:
        raise TrainingError("There are no recordings to cut windows from.")
    if chosen_hz is None:
        if len(rates) > 1:
            listed = ", ".join(f"{rate:g}" for rate in rates)
            raise TrainingError(
                f"The recordings were taken at different rates ({listed} Hz). Choose a common"
                f" sampling rate of {rates[0]:g} Hz or less; recordings are filtered and"
                " resampled to it."
            )
        return rates[0]
    if chosen_hz > rates[0]:
        raise TrainingError(
            f"The sampling rate of {chosen_hz:g} Hz is above that of some recordings"
            f" ({rates[0]:g} Hz). Choose {rates[0]:g} Hz or less."
        )
    return chosen_hz


def rate_warnings(rates_hz: Mapping[str, Iterable[float]]) -> list[str]:
    """What to know when some classes were taken at other rates than the others.

    A low-pass leaves a band near half the new rate empty, and another sampling system has
    another one: a classifier can tell the rates apart by it, even after resampling.

    Parameters
    ----------
    rates_hz : mapping of class to iterable of float
        Rates of the recordings of each class.

    Returns
    -------
    list of str
        One sentence for each class that shares no rate with any other class.

    Examples
    --------
    >>> rate_warnings({"ball": [12_000.0], "inner race": [12_000.0], "normal": [48_000.0]})[0][:68]
    'All recordings of class “normal” were taken at 48000 Hz, and those o'
    >>> rate_warnings({"ball": [12_000.0], "normal": [12_000.0, 48_000.0]})
    []
    """
    rates = {name: set(found) for name, found in rates_hz.items()}
    warnings = []
    for name, own in rates.items():
        others = set().union(*(found for other, found in rates.items() if other != name))
        if others and not own & others:
            warnings.append(
                f"All recordings of class “{name}” were taken at {_listed(own)} Hz, and those of"
                f" the other classes at {_listed(others)} Hz: resampling leaves a trace by which"
                " the class can be told without any fault. Part of the result may be that."
            )
    # Of two classes, one sentence names both.
    return warnings[:1] if len(rates) == 2 else warnings


def _listed(rates: set[float]) -> str:
    return ", ".join(f"{rate:g}" for rate in sorted(rates))


# Asked for each recording; a data set has few rates.
@lru_cache(maxsize=256)
def ratio(from_hz: float, to_hz: float) -> Fraction:
    """``to_hz / from_hz`` as a fraction of whole numbers, as small as is near enough.

    Raises
    ------
    TrainingError
        If there is none near enough.

    Examples
    --------
    >>> ratio(48_000.0, 12_000.0)
    Fraction(1, 4)
    >>> ratio(48_828.0, 12_000.0)
    Fraction(1000, 4069)
    """
    for largest in _DENOMINATORS:
        near = Fraction(to_hz / from_hz).limit_denominator(largest)
        if near and abs(float(near) * from_hz / to_hz - 1) <= 1e-6:
            return near
    raise TrainingError(
        f"{from_hz:.10g} Hz cannot be brought to {to_hz:.10g} Hz by a ratio of whole numbers up to"
        f" {_DENOMINATORS[-1]}. Train at a rate that divides it, or name the rate more exactly."
    )


def resampled_count(sample_count: int, step: Fraction) -> int:
    """Samples that a recording has afterwards.

    Examples
    --------
    >>> resampled_count(1001, Fraction(1, 4))
    251
    """
    return -(-sample_count * step.numerator // step.denominator)


def read_resampled(
    read: Callable[[int, int], Samples],
    sample_count: int,
    step: Fraction,
    start: int,
    stop: int,
) -> NDArray[np.float64]:
    """A stretch of the resampled recording, as if all of it had been resampled.

    A linear-phase low-pass keeps what lies above half the new rate out of it. Only the
    samples that reach into the stretch are read. Beyond its ends a recording counts as zero,
    so the first and last few samples of a recording with an offset are not to be trusted.

    Parameters
    ----------
    read : function
        Gives samples ``start`` to ``stop - 1`` of the recording as it was taken.
    sample_count : int
        Of the recording as it was taken.
    step : Fraction
        New rate over old rate, at most 1.
    start, stop : int
        In samples at the new rate.

    Returns
    -------
    array of shape (stop - start,)

    Examples
    --------
    >>> slow = np.sin(np.arange(4000) / 50)
    >>> part = read_resampled(lambda a, b: slow[a:b], 4000, Fraction(1, 4), 100, 200)
    >>> bool(np.allclose(part, slow[400:800:4], atol=1e-3))
    True
    """
    from scipy.signal import resample_poly

    up, down = step.numerator, step.denominator
    reach = _REACH * max(up, down)
    # The block begins where an old and a new sample coincide, so the phases agree.
    first = max(0, (start * down - reach) // up // down * down)
    last = min(sample_count, -(-((stop - 1) * down + reach) // up) + 1)
    block = np.asarray(read(first, last), dtype=np.float64)
    offset = start - first * up // down
    resampled: NDArray[np.float64] = resample_poly(block, up, down, window=_low_pass(max(up, down)))
    return resampled[offset : offset + stop - start]


# As scipy designs it for each stretch anew, which for long filters takes most of the time.
@lru_cache(maxsize=16)
def _low_pass(factor: int) -> NDArray[np.float64]:
    from scipy.signal import firwin

    taps: NDArray[np.float64] = firwin(2 * _REACH * factor + 1, 1 / factor, window=("kaiser", 5.0))
    return taps
