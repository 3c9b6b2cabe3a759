"""The waveform at any zoom: of the samples as stored, or as the settings ask for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.conversion import conversion_gain, integrations
from diagnostics.signals.display import reduce_line
from diagnostics.signals.measurement_card import MeasurementCard
from diagnostics.signals.recording_file import RecordingFile, open_recording
from diagnostics.signals.signal import Unit
from services.runtime import artefacts
from services.signal_service import refusals
from services.signals.cards import about_recording, ends_of, facts_of, speed_words
from services.signals.parts import Place, find_stored, read_processed, samples_between
from services.signals.settings import PlotSettings, ProcessingSettings
from services.signals.speed import shaft_speed

Array = NDArray[Any]

DRAWN = "Drawn as the lowest and the highest value of each stretch of time."


class WaveformView(TypedDict):
    """``start_s`` to ``stop_s`` was chosen. Of a processed waveform the times may be fewer,
    which ``notes`` (sentences) say; ``card`` has a title and a text in each row."""

    times_s: Array
    values: Array
    unit: str
    start_s: float
    stop_s: float
    duration_s: float
    card: list[tuple[str, str]]
    notes: list[str]


@dataclass(frozen=True)
class _Drawn:
    """The points of a waveform, and how they came about."""

    times_s: Array
    values: Array
    unit: Unit
    sample_rate_hz: float
    span_s: tuple[float, float]
    samples: int
    steps: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()


def waveform_of(place: Place, settings: PlotSettings, stretches: int) -> WaveformView:
    """The lowest and the highest value of each stretch of the chosen time.

    Raises
    ------
    NotFound, Invalid
        If there is no such recording or channel, or it cannot be processed so.
    """
    key, rate_hz, _ = find_stored(place[0])
    with refusals(), open_recording(artefacts().local_path(key)) as file:
        start, stop = samples_between(place[2], place[3], rate_hz, file.sample_count)
        duration_s = file.sample_count / rate_hz
        places, values = _extremes(file, place[1], start, stop, stretches)
        unit = file.channels[place[1]].unit
    stored = _Drawn(
        places / rate_hz, values, unit, rate_hz, (start / rate_hz, stop / rate_hz), stop - start
    )
    if settings.processing == ProcessingSettings():
        drawn = stored
    elif _is_scale(settings.processing, unit):
        drawn = _scaled(stored, settings.processing.unit or unit)
    else:
        drawn = _processed(place, settings, stretches)
    return {
        "times_s": drawn.times_s,
        "values": drawn.values,
        "unit": drawn.unit.value,
        "start_s": start / rate_hz,
        "stop_s": stop / rate_hz,
        "duration_s": duration_s,
        "card": _card(drawn, place, settings).rows(),
        "notes": list(drawn.noted),
    }


def _extremes(
    file: RecordingFile, channel: int, start: int, stop: int, stretches: int
) -> tuple[Array, Array]:
    """Places of samples and their values; every sample where there are few."""
    if stop - start <= 2 * stretches:
        return np.arange(start, stop, dtype=np.float64), file.read(channel, start, stop)
    extremes = file.envelope(channel, start, stop, stretches)
    values = np.stack([extremes.minimum, extremes.maximum], axis=-1).ravel()
    last = np.append(extremes.first_sample[1:], stop) - 1
    return np.stack([extremes.first_sample, last], axis=-1).ravel(), values


def _is_scale(processing: ProcessingSettings, unit: Unit) -> bool:
    """Whether each value is multiplied by the same number, so that extremes stay extremes.

    A high-pass belongs to an integration and does nothing without one.
    """
    if replace(processing, high_pass_hz=None) != ProcessingSettings(processing.unit):
        return False
    with refusals():
        return integrations(unit, processing.unit or unit) == 0


def _scaled(stored: _Drawn, unit: Unit) -> _Drawn:
    if unit == stored.unit:
        return stored
    gain = float(conversion_gain(np.ones(1), stored.unit, unit)[0])
    steps = (f"converted from {stored.unit.value} to {unit.value}",)
    return replace(stored, values=stored.values * gain, unit=unit, steps=steps)


def _processed(place: Place, settings: PlotSettings, stretches: int) -> _Drawn:
    part = read_processed(place, settings)
    times_s, values = reduce_line(part.times_s, part.samples, 2 * stretches)
    noted = ends_of(part)
    if part.raw.samples.size < part.raw.chosen_count:
        noted.append(
            f"Only the middle {part.stop_s - part.start_s:.5g} s were processed and are shown. "
            "Zoom in to see another part."
        )
    return _Drawn(
        times_s,
        values,
        part.unit,
        part.sample_rate_hz,
        (part.start_s, part.stop_s),
        part.samples.size,
        part.steps,
        tuple(noted),
    )


def _card(drawn: _Drawn, place: Place, settings: PlotSettings) -> MeasurementCard:
    facts = facts_of(place[0])
    speed = shaft_speed(*place, settings.overlay)
    notes = (DRAWN, *drawn.noted, *about_recording(facts, speed))
    return MeasurementCard(
        "waveform",
        drawn.unit.value,
        drawn.sample_rate_hz,
        drawn.span_s,
        drawn.samples,
        facts.content_hash,
        speed_rpm=speed.rpm,
        speed_source=speed_words(facts, speed),
        steps=drawn.steps,
        notes=tuple(note.removesuffix(".") for note in notes),
    )
