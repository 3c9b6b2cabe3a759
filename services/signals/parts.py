"""Which samples of a recording a picture or a figure is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from diagnostics.signals import envelope
from diagnostics.signals.recording_file import open_recording
from models import Recording
from services import actor
from services.errors import Invalid, NotFound
from services.runtime import artefacts, unit_of_work
from services.signal_service import refusals

Array = NDArray[Any]

MOST_SAMPLES = 2**20
"""Spectra and statistics are computed from at most so many samples, to stay quick."""


class PartView(TypedDict):
    """Which part of the chosen time a result was computed from."""

    unit: str
    sample_rate_hz: float
    start_s: float
    stop_s: float
    sample_count: int
    chosen_count: int


@dataclass(frozen=True)
class Part:
    """Samples of one channel that were read for a computation."""

    samples: Array
    sample_rate_hz: float
    unit: str
    shaft_hz: float
    first: int
    chosen_count: int

    def view(self) -> PartView:
        return {
            "unit": self.unit,
            "sample_rate_hz": self.sample_rate_hz,
            "start_s": self.first / self.sample_rate_hz,
            "stop_s": (self.first + self.samples.size) / self.sample_rate_hz,
            "sample_count": self.samples.size,
            "chosen_count": self.chosen_count,
        }


class Stored(NamedTuple):
    """Where the samples of a recording lie, and what is needed to read them."""

    artefact_key: str
    sample_rate_hz: float
    speed_rpm: float | None


def find_stored(recording_id: int) -> Stored:
    actor.reader()
    wanted = select(Recording.artefact_key, Recording.sample_rate_hz, Recording.speed_rpm)
    with unit_of_work(writing=False) as session:
        found = session.execute(wanted.where(Recording.id == recording_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no recording {recording_id}.")
    return Stored(*found)


def samples_between(
    start_s: float | None, stop_s: float | None, rate_hz: float, count: int
) -> tuple[int, int]:
    """First sample of the chosen time and the one after it, at least two and all there."""
    low = 0.0 if start_s is None else start_s
    high = count / rate_hz if stop_s is None else stop_s
    if not -np.inf < low <= high < np.inf:
        raise Invalid(f"The time must begin before it ends, got {low:g} to {high:g} s.")
    start = min(max(int(np.floor(low * rate_hz)), 0), max(count - 2, 0))
    stop = min(max(int(np.ceil(high * rate_hz)), start + 2), count)
    return start, stop


def read_part(recording_id: int, channel: int, start_s: float | None, stop_s: float | None) -> Part:
    """Samples of the chosen time; its middle when there are too many."""
    key, rate_hz, speed_rpm = find_stored(recording_id)
    with refusals(), open_recording(artefacts().local_path(key)) as file:
        start, stop = samples_between(start_s, stop_s, rate_hz, file.sample_count)
        chosen = stop - start
        if chosen > MOST_SAMPLES:
            start += (chosen - MOST_SAMPLES) // 2
            stop = start + MOST_SAMPLES
        samples = file.read(channel, start, stop)
        unit = file.channels[channel].unit.value
    return Part(samples, rate_hz, unit, (speed_rpm or 0.0) / 60, start, chosen)


def chosen_band(part: Part, low_hz: float | None, high_hz: float | None) -> envelope.Band:
    """The band of the envelope; its open ends are those of the usual band."""
    usual = envelope.default_band(part.sample_rate_hz)
    with refusals():
        return envelope.Band(
            usual.low_hz if low_hz is None else low_hz,
            usual.high_hz if high_hz is None else high_hz,
        )
