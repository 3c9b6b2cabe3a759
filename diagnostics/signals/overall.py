"""The few numbers that vibration of a machine is first judged by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.conversion import conversion_gain, convert, integrations
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import FEWEST_SAMPLES, check, power_spectral_density

Array = NDArray[np.float64]

SEVERITY_BAND_HZ = (10.0, 1_000.0)
FEWEST_PERIODS = 5
"""Of the lowest frequency of a band that a signal must have for a value in that band."""
RATE_MARGIN = 2.1
"""Sampling rate over the highest frequency of a band: twice, and some room for the sensor's
anti-aliasing filter."""
_SEGMENT_S = 2.0


@dataclass(frozen=True)
class OverallValue:
    """One number with all that is needed to read it.

    ``value`` is None where it cannot be given; ``note`` says why then, and otherwise how it
    was made. ``band_hz`` is None where all that was sampled counts.
    """

    name: str
    title: str
    value: float | None
    unit: str
    band_hz: tuple[float, float] | None = None
    note: str = ""


def overall_values(
    samples: NDArray[np.floating], sample_rate_hz: float, unit: Unit
) -> list[OverallValue]:
    """RMS, peaks, crest factor and kurtosis; velocity, acceleration and displacement.

    * RMS is the energy of the signal. *Velocity RMS* from 10 Hz to 1 kHz is what severity
      zones are made for; ISO 2954 asks that range of instruments [1]_, whose edges fall
      off gently while this band ends sharply.
    * The true peak is the largest excursion that was sampled, the derived peak the one that
      a sine of the same RMS would have. Where both differ much there are impacts. A single
      disturbance decides about the true peak.
    * Crest factor and kurtosis (1.5 for a sine, 3 for Gaussian noise) rise with the first
      impacts of a damaged bearing and *fall again* when the damage spreads, so that a low
      value proves no health.
    * Displacement peak to peak tells of slow motion and clearance; from an accelerometer it
      is integrated twice and holds down to 10 Hz only.

    All but the offset are those of the signal without its mean.

    Parameters
    ----------
    samples : array of shape (samples,)
        In ``unit``.
    sample_rate_hz : float
        Above 0.
    unit : Unit

    Returns
    -------
    list of OverallValue
        Always the same names in the same order: rms, true_peak, derived_peak, peak_to_peak,
        crest_factor, kurtosis, offset, velocity_rms, acceleration_rms, acceleration_peak,
        displacement_peak_to_peak.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite or the rate is not above 0.

    References
    ----------
    .. [1] ISO 2954:2012, "Mechanical vibration of rotating and reciprocating machinery -
       Requirements for instruments for measuring vibration severity" (read in a summary).

    Examples
    --------
    >>> time_s = np.arange(20_000) / 5_000
    >>> values = overall_values(np.sin(2 * np.pi * 50 * time_s), 5_000, Unit.ACCELERATION_G)
    >>> for value in values[:2] + values[7:8] + values[-1:]:
    ...     print(value.title, round(value.value, 2), value.unit)
    RMS 0.71 g
    True peak 1.0 g
    Velocity RMS 22.07 mm/s
    Displacement peak to peak 198.73 µm
    """
    check(samples, sample_rate_hz)
    offset = float(np.mean(samples, dtype=np.float64))
    centred: Array = samples - np.float64(offset)
    return [
        *_of_the_signal(centred, unit),
        OverallValue("offset", "Offset", offset, unit.value, None, "mean of the signal"),
        velocity_rms(centred, sample_rate_hz, unit),
        *_accelerations(centred, sample_rate_hz, unit),
        _displacement(centred, sample_rate_hz, unit),
    ]


def band_rms(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    low_hz: float,
    high_hz: float,
    unit: Unit,
    to_unit: Unit | None = None,
) -> float:
    """RMS of what lies between two frequencies, on request in another unit of motion.

    The root of the area under the power spectral density (segments of 2 s, Hann, half
    overlap), converted line by line: no end effects, and a band with sharp edges. A tone on
    an edge counts in part.

    Parameters
    ----------
    samples : array of shape (samples,)
        In ``unit``.
    sample_rate_hz : float
        Above 0.
    low_hz, high_hz : float
        From 0 Hz to half the sampling rate.
    unit : Unit
    to_unit : Unit, optional
        The signal's own by default.

    Returns
    -------
    float
        In ``to_unit``, at least 0.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, a unit measures no motion,
        or the rate or the length of the signal does not allow the band.

    Examples
    --------
    >>> time_s = np.arange(10_000) / 5_000
    >>> tones = 2 * np.sin(2 * np.pi * 50 * time_s) + np.sin(2 * np.pi * 2_000 * time_s)
    >>> round(band_rms(tones, 5_000, 10, 1_000, Unit.VELOCITY), 3)
    1.414
    """
    check(samples, sample_rate_hz)
    integrations(unit, to_unit or unit)
    duration_s = samples.shape[-1] / sample_rate_hz
    if not 0 <= low_hz < high_hz <= sample_rate_hz / 2:
        raise SignalError(
            f"The band must lie between 0 and {sample_rate_hz / 2:g} Hz and end above its "
            f"beginning, got {low_hz:g} to {high_hz:g} Hz."
        )
    if duration_s * low_hz < FEWEST_PERIODS and low_hz > 0:
        raise SignalError(
            f"A band from {low_hz:g} Hz needs {FEWEST_PERIODS / low_hz:.3g} s or more, "
            f"got {duration_s:.3g} s."
        )
    length = min(samples.shape[-1], math.ceil(_SEGMENT_S * sample_rate_hz))
    density = power_spectral_density(samples, sample_rate_hz, length)
    inside = (density.frequencies_hz >= low_hz) & (density.frequencies_hz <= high_hz)
    gain = conversion_gain(density.frequencies_hz[inside], unit, to_unit or unit)
    power = np.sum(density.values[..., inside] * np.square(gain)) * density.resolution_hz
    return math.sqrt(power)


def velocity_rms(samples: NDArray[np.floating], sample_rate_hz: float, unit: Unit) -> OverallValue:
    """Velocity RMS from 10 Hz to 1 kHz, or the reason why it cannot be given.

    The number that severity zones are made for; see :func:`overall_values`.

    Parameters
    ----------
    samples : array of shape (samples,)
        In ``unit``.
    sample_rate_hz : float
        Above 0.
    unit : Unit

    Returns
    -------
    OverallValue
        In mm/s; without a value where unit, rate or length do not allow it.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 50 * np.arange(20_000) / 5_000)
    >>> round(velocity_rms(wave, 5_000, Unit.ACCELERATION_G).value, 2)
    22.07
    >>> velocity_rms(wave, 500, Unit.ACCELERATION_G).note
    'A band up to 1000 Hz needs a sampling rate of 2100 Hz or more, got 500 Hz.'
    """
    low_hz, high_hz = SEVERITY_BAND_HZ

    def compute() -> float:
        integrations(unit, Unit.VELOCITY)
        if sample_rate_hz < RATE_MARGIN * high_hz:
            raise SignalError(
                f"A band up to {high_hz:g} Hz needs a sampling rate of {RATE_MARGIN * high_hz:g} "
                f"Hz or more, got {sample_rate_hz:g} Hz."
            )
        return band_rms(samples, sample_rate_hz, low_hz, high_hz, unit, Unit.VELOCITY)

    note = _made_from(unit, Unit.VELOCITY)
    return _or_reason(
        "velocity_rms", "Velocity RMS", Unit.VELOCITY, SEVERITY_BAND_HZ, note, compute
    )


def _of_the_signal(centred: Array, unit: Unit) -> list[OverallValue]:
    rms = math.sqrt(np.mean(np.square(centred)))
    peak = float(np.abs(centred).max())
    swing = float(centred.max() - centred.min())
    ratios: tuple[float | None, float | None] = (None, None)
    notes = ("the signal is constant", "the signal is constant")
    if swing > 0:
        shape = centred / rms
        ratios = (peak / rms, float(np.mean(np.square(np.square(shape)))))
        notes = ("true peak / RMS; 1.41 for a sine", "3 for Gaussian noise, 1.5 for a sine")
    text = unit.value
    return [
        OverallValue("rms", "RMS", rms, text),
        OverallValue("true_peak", "True peak", peak, text, None, "largest excursion"),
        OverallValue("derived_peak", "Derived peak", math.sqrt(2) * rms, text, None, "√2 × RMS"),
        OverallValue("peak_to_peak", "Peak to peak", swing, text),
        OverallValue("crest_factor", "Crest factor", ratios[0], "", None, notes[0]),
        OverallValue("kurtosis", "Kurtosis", ratios[1], "", None, notes[1]),
    ]


def _accelerations(centred: Array, sample_rate_hz: float, unit: Unit) -> list[OverallValue]:
    wanted = unit if unit is Unit.ACCELERATION_G else Unit.ACCELERATION
    names = (("acceleration_rms", "Acceleration RMS"), ("acceleration_peak", "Acceleration peak"))
    try:
        moved = _settled(centred, sample_rate_hz, unit, wanted, None)
    except SignalError as reason:
        return [OverallValue(*name, None, wanted.value, None, str(reason)) for name in names]
    rms, peak = math.sqrt(np.mean(np.square(moved))), float(np.abs(moved).max())
    note = _made_from(unit, wanted)
    return [
        OverallValue(*name, value, wanted.value, None, note)
        for name, value in zip(names, (rms, peak), strict=True)
    ]


def _displacement(centred: Array, sample_rate_hz: float, unit: Unit) -> OverallValue:
    lowest_hz = SEVERITY_BAND_HZ[0]
    band = None if unit is Unit.DISPLACEMENT else (lowest_hz, sample_rate_hz / 2)

    def compute() -> float:
        moved = _settled(centred, sample_rate_hz, unit, Unit.DISPLACEMENT, lowest_hz)
        return float(moved.max() - moved.min())

    return _or_reason(
        "displacement_peak_to_peak",
        "Displacement peak to peak",
        Unit.DISPLACEMENT,
        band,
        _made_from(unit, Unit.DISPLACEMENT),
        compute,
    )


def _settled(
    centred: Array, sample_rate_hz: float, unit: Unit, to_unit: Unit, high_pass_hz: float | None
) -> Array:
    """The signal in another unit without the ends that the conversion disturbs."""
    moved = convert(centred, sample_rate_hz, unit, to_unit, high_pass_hz)
    stop = centred.shape[-1] - moved.unsettled_samples
    if stop - moved.unsettled_samples < FEWEST_SAMPLES:
        raise SignalError(
            f"{centred.shape[-1]} samples are too few to convert {unit.value} to {to_unit.value}."
        )
    return moved.samples[..., moved.unsettled_samples : stop]


def _or_reason(
    name: str,
    title: str,
    unit: Unit,
    band_hz: tuple[float, float] | None,
    note: str,
    compute: Callable[[], float],
) -> OverallValue:
    try:
        return OverallValue(name, title, compute(), unit.value, band_hz, note)
    except SignalError as reason:
        return OverallValue(name, title, None, unit.value, band_hz, str(reason))


def _made_from(unit: Unit, to_unit: Unit) -> str:
    if unit == to_unit:
        return ""
    try:
        count = integrations(unit, to_unit)
    except SignalError:
        return ""
    if count == 0:
        return f"converted from {unit.value}"
    how = "integrated" if count > 0 else "differentiated"
    return f"{how}{' twice' if abs(count) == 2 else ''} from {unit.value}"
