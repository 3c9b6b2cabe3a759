"""How a plot was made: the measurement card under it and at the head of its export."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select

from diagnostics.signals.averaging import Averaging
from diagnostics.signals.measurement_card import MeasurementCard
from diagnostics.signals.spectrum import Detector, Window
from models import Origin, Recording
from services import actor
from services.errors import NotFound
from services.runtime import unit_of_work
from services.signals.curves import Computed
from services.signals.parts import ProcessedPart
from services.signals.settings import SpeedSource
from services.signals.speed import ShaftSpeed

DETECTORS = {
    Detector.PEAK: "peak",
    Detector.RMS: "RMS",
    Detector.PEAK_TO_PEAK: "peak to peak",
}
WINDOWS = {
    Window.HANN: "Hann",
    Window.FLAT_TOP: "flat top",
    Window.HAMMING: "Hamming",
    Window.BLACKMAN: "Blackman",
    Window.RECTANGULAR: "rectangular",
}
AVERAGINGS = {Averaging.LINEAR: "linear", Averaging.PEAK_HOLD: "peak hold"}


class Facts(NamedTuple):
    content_hash: str
    origin: Origin
    speed_source: str

    @property
    def is_generated(self) -> bool:
        return self.origin == Origin.GENERATED


def facts_of(recording_id: int) -> Facts:
    """What a card says of the recording itself.

    Raises
    ------
    NotFound
        If there is no such recording.
    """
    actor.reader()
    wanted = select(Recording.content_hash, Recording.origin, Recording.speed_source)
    with unit_of_work(writing=False) as session:
        found = session.execute(wanted.where(Recording.id == recording_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no recording {recording_id}.")
    return Facts(*found)


def card_of(
    title: str, unit: str, part: ProcessedPart, speed: ShaftSpeed, done: Computed | None = None
) -> MeasurementCard:
    """The card of a part of a signal, and of the plot that is made of it."""
    facts = facts_of(part.place[0])
    noted = () if done is None else done.noted
    notes = (*noted, *ends_of(part), *cut_of(part), *about_recording(facts, speed))
    return MeasurementCard(
        title,
        unit,
        part.sample_rate_hz,
        (part.start_s, part.stop_s),
        part.samples.size,
        facts.content_hash,
        speed_rpm=speed.rpm,
        speed_source=speed_words(facts, speed),
        steps=part.steps,
        notes=tuple(note.removesuffix(".") for note in notes),
        **({} if done is None else _made(done)),
    )


def ends_of(part: ProcessedPart) -> list[str]:
    """What the processing leaves unsure, as sentences."""
    if not part.unsettled_samples:
        return []
    return [f"The processing disturbs the first and the last {part.unsettled_s:.3g} s."]


def cut_of(part: ProcessedPart) -> list[str]:
    """That not all that was chosen is used, as sentences."""
    used, chosen = part.raw.samples.size, part.raw.chosen_count
    return [] if used == chosen else [f"Made of the middle {used:,} of {chosen:,} chosen samples."]


def about_recording(facts: Facts, speed: ShaftSpeed) -> list[str]:
    """What must stand beside every number of a recording, as sentences."""
    said = ["The samples are generated, not measured."] if facts.is_generated else []
    return [*said, speed.how] if speed.source == SpeedSource.ESTIMATED else said


def speed_words(facts: Facts, speed: ShaftSpeed) -> str:
    """Whom the speed is from; of a recorded one also where the recording has it from."""
    if speed.source == SpeedSource.RECORDED and facts.speed_source:
        return f"{speed.source} ({facts.speed_source})"
    return speed.source


def _made(done: Computed) -> dict[str, Any]:
    return {
        "detector": None if done.detector is None else DETECTORS[done.detector],
        "band_hz": None if done.band is None else (done.band.low_hz, done.band.high_hz),
        "window": None if done.window is None else WINDOWS[done.window],
        "averaging": None if done.averaging is None else AVERAGINGS[done.averaging],
        "averages": done.averages,
        "overlap": done.overlap,
        "resolution_hz": done.resolution_hz,
    }
