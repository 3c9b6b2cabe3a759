"""How fast the shaft turned: as recorded, as typed, or read from the vibration itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from diagnostics.signals.recording_file import open_recording
from diagnostics.signals.speed import HARMONICS, SpeedEstimate, estimate_speed
from models import Recording
from services import actor
from services.errors import NotFound
from services.runtime import artefacts, unit_of_work
from services.signal_service import refusals
from services.signals import parts
from services.signals.settings import OverlaySettings, PlotSettings, SpeedSource

AROUND = 0.1
"""An estimate is looked for so near to a speed that is known, as a share of it."""
LOW_RPM, HIGH_RPM = 600.0, 4_000.0
"""Where it is looked for when no speed is known."""
LEAST_RATIO = 1.05


@dataclass(frozen=True)
class ShaftSpeed:
    """``rpm`` is None where no speed is known; ``how`` is a sentence about where it is from."""

    rpm: float | None
    source: str
    how: str

    @property
    def shaft_hz(self) -> float:
        """Turns in a second, 0 where no speed is known."""
        return (self.rpm or 0.0) / 60


def shaft_speed(
    recording_id: int,
    channel: int,
    start_s: float | None = None,
    stop_s: float | None = None,
    settings: Mapping[str, Any] | OverlaySettings | None = None,
) -> ShaftSpeed:
    """The speed that orders and defect frequencies are counted in.

    Raises
    ------
    NotFound, Invalid
        If there is no such recording or channel, or a setting cannot be.
    """
    wanted = settings
    if not isinstance(wanted, OverlaySettings):
        wanted = PlotSettings.from_mapping(wanted).overlay
    recorded_rpm, said = _recorded(recording_id)
    if wanted.speed_source is SpeedSource.ESTIMATED:
        known = recorded_rpm if wanted.speed_rpm is None else wanted.speed_rpm
        return _estimated(recording_id, channel, (start_s, stop_s), known)
    if wanted.speed_source is SpeedSource.TYPED:
        if wanted.speed_rpm is None:
            return ShaftSpeed(None, "typed", "No speed is typed yet.")
        return ShaftSpeed(wanted.speed_rpm, "typed", f"{wanted.speed_rpm:.6g} rpm as typed.")
    if recorded_rpm is None:
        missing = "The recording has no speed. Type one, or have it estimated."
        return ShaftSpeed(None, "recorded", missing)
    origin = f" (source: {said})" if said else ""
    return ShaftSpeed(recorded_rpm, "recorded", f"{recorded_rpm:.6g} rpm as recorded{origin}.")


def _recorded(recording_id: int) -> tuple[float | None, str]:
    """A recorded speed of 0 tells nothing of orders."""
    actor.reader()
    with unit_of_work(writing=False) as session:
        wanted = select(Recording.speed_rpm, Recording.speed_source)
        found = session.execute(wanted.where(Recording.id == recording_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no recording {recording_id}.")
    return (found.speed_rpm or None), found.speed_source


def _estimated(
    recording_id: int,
    channel: int,
    span_s: tuple[float | None, float | None],
    known_rpm: float | None,
) -> ShaftSpeed:
    stored = parts.find_stored(recording_id)
    low, high = LOW_RPM, HIGH_RPM
    if known_rpm is not None:
        low, high = known_rpm * (1 - AROUND), known_rpm * (1 + AROUND)
    # The lines of an estimate must lie within the spectrum.
    high = min(high, 60 * stored.sample_rate_hz / 2 / (HARMONICS + 2))
    if high < LEAST_RATIO * low:
        told = f"The sampling rate is too low to show {HARMONICS} multiples of {low:.5g} rpm."
        return ShaftSpeed(None, "estimated", told)
    found = _estimate(stored.artefact_key, channel, span_s, (low, high))
    looked = f"Looked for from {low:.5g} to {high:.5g} rpm."
    if found.rpm is None:
        return ShaftSpeed(None, "estimated", f"No estimate. {found.how} {looked}")
    sure = f"{100 * found.confidence:.0f} %"
    told = f"{found.rpm:.5g} rpm estimated, confidence {sure}. {found.how} {looked}"
    return ShaftSpeed(found.rpm, "estimated", told)


@lru_cache(maxsize=256)
def _estimate(
    artefact_key: str,
    channel: int,
    span_s: tuple[float | None, float | None],
    range_rpm: tuple[float, float],
) -> SpeedEstimate:
    """Kept, since each plot asks again; samples under a key never change."""
    with refusals(), open_recording(artefacts().local_path(artefact_key)) as file:
        start, stop = parts.samples_between(*span_s, file.sample_rate_hz, file.sample_count)
        start += max(stop - start - parts.MOST_SAMPLES, 0) // 2
        samples = file.read(channel, start, min(stop, start + parts.MOST_SAMPLES))
        return estimate_speed(samples, file.sample_rate_hz, *range_rpm)
