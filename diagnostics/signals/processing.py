"""What is done to a signal before anything is computed from it, and what was done, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.conversion import convert, integrations
from diagnostics.signals.filters import Detrend, Filter, apply_filter, detrend
from diagnostics.signals.resampling import resample
from diagnostics.signals.signal import Unit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Processing:
    """What is to be done, in this order: detrend, filter, convert, resample.

    Parameters
    ----------
    unit : Unit, optional
        That the signal is to have; its own by default.
    high_pass_hz : float, optional
        Where an integration ends; see :func:`diagnostics.signals.conversion.convert`.
        Without effect where nothing is integrated.
    detrend : Detrend
    filter : Filter, optional
    resample_hz : float, optional
        New sampling rate.
    """

    unit: Unit | None = None
    high_pass_hz: float | None = None
    detrend: Detrend = Detrend.NONE
    filter: Filter | None = None
    resample_hz: float | None = None


@dataclass(frozen=True)
class Processed:
    """A signal and how it came about.

    ``steps`` are sentences without a full stop, in the order in which they were done.
    ``unsettled_samples`` at each end are not to be trusted.
    """

    samples: Array
    sample_rate_hz: float
    unit: Unit
    steps: tuple[str, ...] = ()
    unsettled_samples: int = 0


def process(
    samples: NDArray[np.floating], sample_rate_hz: float, unit: Unit, processing: Processing
) -> Processed:
    """A signal without trend, filtered, in another unit, at another rate, as far as asked for.

    What one looks at afterwards is no longer what the sensor gave: keep ``steps`` beside it,
    and leave out ``unsettled_samples`` at both ends where single values count.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In ``unit``.
    sample_rate_hz : float
        Above 0.
    unit : Unit
    processing : Processing

    Returns
    -------
    Processed
        With float64 samples of its own.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0,
        or a step does not fit the signal.

    Examples
    --------
    >>> time_s = np.arange(20_000) / 2_000
    >>> wanted = Processing(Unit.VELOCITY, detrend=Detrend.MEAN, resample_hz=1_000)
    >>> result = process(np.sin(time_s) + 3, 2_000, Unit.ACCELERATION, wanted)
    >>> for step in result.steps:
    ...     print(step)
    mean taken off
    integrated from m/s² to mm/s with a high-pass at 2 Hz
    resampled from 2000 to 1000 Hz
    >>> result.unit.value, result.sample_rate_hz, result.samples.size, result.unsettled_samples
    ('mm/s', 1000.0, 10000, 958)
    """
    values = detrend(samples, processing.detrend)
    steps = []
    if processing.detrend is not Detrend.NONE:
        fitted = "mean" if processing.detrend is Detrend.MEAN else "straight line"
        steps.append(f"{fitted} taken off")
    unsettled = 0
    if processing.filter is not None:
        values, unsettled = apply_filter(values, sample_rate_hz, processing.filter)
        steps.append(processing.filter.words)
    if processing.unit not in (None, unit):
        wanted = Unit(processing.unit)
        converted = convert(values, sample_rate_hz, unit, wanted, processing.high_pass_hz)
        values = converted.samples
        unsettled += converted.unsettled_samples
        steps.append(_conversion_words(unit, wanted, converted.high_pass_hz))
        unit = wanted
    if processing.resample_hz not in (None, sample_rate_hz):
        values, rate_hz = resample(values, sample_rate_hz, float(processing.resample_hz or 0.0))
        steps.append(f"resampled from {sample_rate_hz:g} to {rate_hz:g} Hz")
        unsettled = int(np.ceil(unsettled * rate_hz / sample_rate_hz))
        sample_rate_hz = rate_hz
    return Processed(values, sample_rate_hz, unit, tuple(steps), unsettled)


def _conversion_words(from_unit: Unit, to_unit: Unit, high_pass_hz: float | None) -> str:
    count = integrations(from_unit, to_unit)
    words = f"from {from_unit.value} to {to_unit.value}"
    if count == 0:
        return f"converted {words}"
    twice = " twice" if abs(count) == 2 else ""
    if count < 0:
        return f"differentiated{twice} {words}"
    return f"integrated{twice} {words} with a high-pass at {high_pass_hz:.4g} Hz"
