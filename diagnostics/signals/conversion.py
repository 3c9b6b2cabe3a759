"""The same vibration as acceleration, velocity or displacement."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.filters import Filter, FilterKind, apply_response
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import check

Array = NDArray[np.float64]

STANDARD_GRAVITY = 9.80665
"""m/s² in one g, by definition (``scipy.constants.g``)."""
USUAL_HIGH_PASS_HZ = 2.0
HIGH_PASS_ORDER = 4
RINGING_SAMPLES = 64
"""Samples at each end that a derivative of a cut-off signal disturbs."""
_UNSETTLED_SHARE = 0.2

_SI = {
    Unit.ACCELERATION_G: (2, STANDARD_GRAVITY),
    Unit.ACCELERATION: (2, 1.0),
    Unit.VELOCITY: (1, 1e-3),
    Unit.DISPLACEMENT: (0, 1e-6),
}
"""How often displacement is differentiated to get there, and the unit in m, m/s or m/s²."""


@dataclass(frozen=True)
class Converted:
    """A signal in another unit.

    ``high_pass_hz`` is the lowest frequency that is still right to −3 dB, where the signal
    was integrated. ``unsettled_samples`` at each end are not to be trusted.
    """

    samples: Array
    unit: Unit
    high_pass_hz: float | None = None
    unsettled_samples: int = 0


def integrations(from_unit: Unit, to_unit: Unit) -> int:
    """How often a signal is integrated on the way; below 0 it is differentiated.

    Raises
    ------
    SignalError
        If one of two different units is none of a motion.

    Examples
    --------
    >>> integrations(Unit.ACCELERATION_G, Unit.DISPLACEMENT)
    2
    """
    if from_unit == to_unit:
        return 0
    for unit in (from_unit, to_unit):
        if unit not in _SI:
            raise SignalError(
                f"{from_unit.value} cannot be converted to {to_unit.value}: {unit.value} "
                "measures no motion. Units of motion are g, m/s², mm/s and µm."
            )
    return _SI[from_unit][0] - _SI[to_unit][0]


def conversion_gain(frequencies_hz: Array, from_unit: Unit, to_unit: Unit) -> Array:
    """By how much the amplitude of a sine grows at each frequency: no ends, no high-pass.

    For spectra, which can be converted line by line. At 0 Hz an integral has no value; 0 is
    given there. The lines next to it are made of drift and of what the window leaks.

    Parameters
    ----------
    frequencies_hz : array
        At least 0.
    from_unit, to_unit : Unit

    Returns
    -------
    array
        New units per old unit, of the shape of ``frequencies_hz``.

    Raises
    ------
    SignalError
        If one of two different units is none of a motion.

    Examples
    --------
    >>> conversion_gain(np.array([50.0]), Unit.ACCELERATION_G, Unit.VELOCITY).round(2).tolist()
    [31.22]
    """
    count = integrations(from_unit, to_unit)
    scale = _SI[from_unit][1] / _SI[to_unit][1] if from_unit != to_unit else 1.0
    omega = 2 * np.pi * np.asarray(frequencies_hz, dtype=np.float64)
    if count <= 0:
        return np.asarray(scale * omega ** (-count), dtype=np.float64)
    gain = np.zeros_like(omega)
    np.divide(scale, omega**count, out=gain, where=omega > 0)
    return gain


def settling_time_s(high_pass_hz: float, count: int = 1) -> float:
    """How long each end of a signal that is integrated ``count`` times is disturbed.

    The ringing of the high-pass decays to 1 % in ``0.96 s × 2 Hz / high_pass_hz``; each
    integration makes its low frequencies so much larger that it takes as long again.

    Examples
    --------
    >>> round(settling_time_s(2.0), 2), round(settling_time_s(10.0, 2), 2)
    (0.96, 0.38)
    """
    return count * Filter(FilterKind.HIGH, high_pass_hz, order=HIGH_PASS_ORDER).settling_s


def usual_high_pass_hz(duration_s: float, count: int = 1) -> float:
    """2 Hz, or as much more as a short signal needs so that at most a fifth of it is disturbed
    at each end.

    Examples
    --------
    >>> usual_high_pass_hz(60.0), round(usual_high_pass_hz(1.0), 1)
    (2.0, 9.6)
    """
    return max(USUAL_HIGH_PASS_HZ, settling_time_s(1.0, count) / (_UNSETTLED_SHARE * duration_s))


def convert(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    from_unit: Unit,
    to_unit: Unit,
    high_pass_hz: float | None = None,
) -> Converted:
    """A signal in another unit, integrated or differentiated as the units ask for.

    Displacement tells of slow motion and clearance, velocity of the energy of most machine
    faults from 10 Hz to 1 kHz, acceleration of bearings and gears. Each is the next one's
    derivative, so nothing is gained but another weighting of the frequencies:

    * An integral grows without bound towards 0 Hz, where a sensor has only offset, drift
      and noise. A high-pass (4th order, −3 dB at ``high_pass_hz``, no delay) must cut that
      off; slower motion than that is lost, and what is seen near it may be the sensor's.
    * At both ends the signal is continued by its mirror image. What rings from there is
      counted in ``unsettled_samples`` (see :func:`settling_time_s`), and a tone far above
      the high-pass is disturbed relatively more there: leave the ends out of peak values.
    * A derivative grows with frequency, and noise with it; filter it above the band that
      matters.

    Both are done on the spectrum, exactly at every frequency.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In ``from_unit``.
    sample_rate_hz : float
        Above 0.
    from_unit, to_unit : Unit
        Acceleration in g or m/s², velocity in mm/s, displacement in µm; or the same unit
        twice, which may be any.
    high_pass_hz : float, optional
        Of an integral, otherwise without effect; by default :func:`usual_high_pass_hz`.

    Returns
    -------
    Converted
        As many samples in ``to_unit``; without their mean where integrated or
        differentiated.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0,
        a unit measures no motion, or the high-pass does not fit the rate and the length.

    Examples
    --------
    >>> time_s = np.arange(20_000) / 2_000
    >>> in_g = np.cos(2 * np.pi * 50 * time_s)
    >>> result = convert(in_g, 2_000, Unit.ACCELERATION_G, Unit.VELOCITY)
    >>> result.high_pass_hz, result.unsettled_samples
    (2.0, 1916)
    >>> error = result.samples - 31.216 * np.sin(2 * np.pi * 50 * time_s)
    >>> bool(np.abs(error[1916:-1916]).max() < 0.1)
    True
    """
    check(samples, sample_rate_hz)
    count = integrations(from_unit, to_unit)
    if count == 0:
        scale = 1.0 if from_unit == to_unit else _SI[from_unit][1] / _SI[to_unit][1]
        return Converted(np.asarray(samples, dtype=np.float64) * scale, to_unit)
    centred = samples - np.mean(samples, axis=-1, keepdims=True, dtype=np.float64)
    high_pass = None
    unsettled = min(RINGING_SAMPLES, samples.shape[-1] // 2)
    if count > 0:
        high_pass, unsettled = _high_pass(samples.shape[-1], sample_rate_hz, count, high_pass_hz)

    def response(frequencies_hz: Array) -> NDArray[Any]:
        factors = conversion_gain(frequencies_hz, from_unit, to_unit) * (1j) ** -count
        return factors if high_pass is None else factors * high_pass.gain(frequencies_hz)

    values = apply_response(centred, sample_rate_hz, response, unsettled)
    edge_hz = None if high_pass is None else high_pass.low_hz
    return Converted(values, to_unit, edge_hz, unsettled)


def _high_pass(
    sample_count: int, sample_rate_hz: float, count: int, wanted_hz: float | None
) -> tuple[Filter, int]:
    """The high-pass of an integral, checked, and how many samples it disturbs at each end."""
    duration_s = sample_count / sample_rate_hz
    edge_hz = usual_high_pass_hz(duration_s, count) if wanted_hz is None else wanted_hz
    if not 0 < edge_hz < sample_rate_hz / 2:
        raise SignalError(
            "The high-pass of an integration must lie above 0 Hz and below half the sampling "
            f"rate of {sample_rate_hz:g} Hz, got {edge_hz:.4g} Hz."
        )
    unsettled = math.ceil(settling_time_s(edge_hz, count) * sample_rate_hz)
    if 2 * unsettled >= sample_count:
        lowest_hz = 2 * settling_time_s(1.0, count) / duration_s
        raise SignalError(
            f"A signal of {duration_s:.3g} s is too short for a high-pass at {edge_hz:g} Hz, "
            f"which disturbs {unsettled / sample_rate_hz:.3g} s at each end. Choose more than "
            f"{lowest_hz:.3g} Hz or a longer time."
        )
    return Filter(FilterKind.HIGH, edge_hz, order=HIGH_PASS_ORDER), unsettled
