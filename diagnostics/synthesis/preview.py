"""One example of a class, as numbers to draw: a stretch of the wave, and its spectrum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.display import reduce_line
from diagnostics.signals.envelope import envelope_spectrum
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum
from diagnostics.synthesis.config import SHORTEST_S, SynthesisConfig
from diagnostics.synthesis.faults import SEVERITIES, Fault, Kind, RollingFault
from diagnostics.synthesis.recordings import (
    GeneratedRecording,
    PlannedRecording,
    generate,
    housing_of,
)
from diagnostics.synthesis.rolling_faults import strike_band, strike_order
from diagnostics.synthesis.signatures import Seen, expected_lines

Array = NDArray[np.floating]

LONGEST_S = 1.0
# Somebody waits for the examples: above this, they are as short as a recording may be.
FULL_LENGTH_UP_TO_HZ = 51_200.0
SHOWN_S = 0.5
POINTS = 800
STRIKES_SHOWN = 4.5
EACH_LINE_HZ = 400.0
STRETCHES = 300


@dataclass(frozen=True)
class Mark:
    """Where a line is expected, in Hz; a band when both differ."""

    name: str
    low_hz: float
    high_hz: float


@dataclass(frozen=True, eq=False)
class Example:
    """What a class looks like under a config.

    Parameters
    ----------
    fault : JournalFault or RollingFault
    made : GeneratedRecording
        A second of it or half of one, at the most severe level.
    times_s, samples : array of shape (points,)
        The first half second, in g; no peak is left out.
    frequencies_hz, amplitudes, sound : array of shape (lines,)
        Spectrum in g, and the same of the machine without the fault: of the signal for
        journal bearings, of the envelope for rolling elements.
    marks : tuple of Mark
    """

    fault: Fault
    made: GeneratedRecording
    times_s: Array
    samples: Array
    frequencies_hz: Array
    amplitudes: Array
    sound: Array
    marks: tuple[Mark, ...]


def examples(config: SynthesisConfig) -> Iterator[Example]:
    """An example of each class of a config: the first machine, the most severe of the levels.

    Examples
    --------
    >>> example = next(examples(SynthesisConfig(classes={"misalignment": 1})))
    >>> [mark.name for mark in example.marks], example.made.facts["severity_level"]
    (['2 ×', '3 ×'], 'severe')
    """
    worst = max(config.severities, key=list(SEVERITIES).index)
    longest_s = LONGEST_S if config.sample_rate_hz <= FULL_LENGTH_UP_TO_HZ else SHORTEST_S
    shown = replace(config, severities=(worst,), duration_s=min(config.duration_s, longest_s))
    for fault, _ in config.faults:
        yield _example(shown, PlannedRecording(fault, 1, 1))


def _example(config: SynthesisConfig, planned: PlannedRecording) -> Example:
    made = generate(config, planned)
    sound = generate(config, planned, without_fault=True)
    samples = made.signal.samples[0]
    shown = samples[: round(SHOWN_S * config.sample_rate_hz)]
    times_s = np.arange(shown.size) / config.sample_rate_hz
    spectrum, of_sound = (_spectrum(config, planned, one) for one in (made, sound))
    starts = _lines_to_draw(spectrum.frequencies_hz)
    return Example(
        planned.fault,
        made,
        *reduce_line(times_s, shown, POINTS),
        spectrum.frequencies_hz[starts],
        np.maximum.reduceat(spectrum.values, starts),
        np.maximum.reduceat(of_sound.values, starts),
        _marks(config, planned.fault, made.speed_rpm / 60),
    )


def _spectrum(
    config: SynthesisConfig, planned: PlannedRecording, made: GeneratedRecording
) -> Spectrum:
    samples, rate_hz = made.signal.samples[0], config.sample_rate_hz
    if config.kind is Kind.JOURNAL:
        return amplitude_spectrum(samples, rate_hz)
    first_hz = housing_of(config, planned.bearing).resonances_hz[0]
    fastest_hz = made.facts["speed_max_rpm"] / 60
    band = strike_band(config.geometry, first_hz, fastest_hz, rate_hz)
    whole = envelope_spectrum(samples, rate_hz, band)
    order = config.geometry.bpfi
    if isinstance(planned.fault, RollingFault) and planned.fault is not RollingFault.HEALTHY:
        order = strike_order(planned.fault, config.geometry)
    inside = whole.frequencies_hz <= STRIKES_SHOWN * max(order, 1.0) * made.speed_rpm / 60
    return Spectrum(whole.frequencies_hz[inside], whole.values[inside])


def _lines_to_draw(frequencies_hz: Array) -> NDArray[np.intp]:
    """Where each drawn stretch of a spectrum begins: its highest line stands for it.

    Every line up to ``EACH_LINE_HZ``; further up, stretches that look alike on a logarithmic
    axis. The line at 0 Hz is left out.
    """
    each = int(np.searchsorted(frequencies_hz, EACH_LINE_HZ))
    above = frequencies_hz.size
    if above <= each + STRETCHES:
        return np.arange(1, above)
    edges = np.unique(np.geomspace(each, above - 1, STRETCHES).astype(np.intp))
    return np.concatenate([np.arange(1, each), edges])


def _marks(config: SynthesisConfig, fault: Fault, shaft_hz: float) -> tuple[Mark, ...]:
    marks = []
    for line in expected_lines(fault, config.geometry):
        factor = 1.0 if line.seen is Seen.HERTZ else shaft_hz
        marks.append(Mark(line.name, line.low * factor, line.high * factor))
    return tuple(marks)
