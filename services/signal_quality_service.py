"""What is wrong with a recording that is stored already, looked for when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from diagnostics.signals.quality import Channel, QualityWarning, check_rate, check_rows
from diagnostics.signals.recording_file import RecordingFile, open_recording
from diagnostics.signals.signal import Samples
from services import actor
from services.runtime import artefacts
from services.signal_service import refusals
from services.signals.parts import Stored, find_stored

MOST_SAMPLES = 10_000_000
"""Samples of all channels together that are looked at, to stay within seconds."""
FEWEST_SHOWN = 400
"""Samples around a place that are shown with it, or nobody sees what is the matter."""


class PlaceView(TypedDict):
    """``shown_from_s`` and ``shown_to_s`` are a little more than the place, to look at it."""

    start_s: float
    stop_s: float
    shown_from_s: float
    shown_to_s: float


class FindingView(TypedDict):
    """``channel`` is the position of the channel, None for the whole recording.

    ``value`` was measured, and ``threshold`` is from where on it counts. No places mean all
    of the channel.
    """

    code: str
    message: str
    advice: str
    channel: int | None
    channel_name: str | None
    value: float | None
    threshold: float | None
    places: list[PlaceView]


class QualityView(TypedDict):
    """``checked_count`` of the ``sample_count`` samples of each channel were looked at."""

    findings: list[FindingView]
    channel_count: int
    sample_count: int
    checked_count: int


class SignalQualityService:
    """Checks a recording for cut, dead, lost, doubled and wrongly described signals."""

    @staticmethod
    def check(recording_id: int) -> QualityView:
        """What is wrong with each channel, with measured value, limit and place.

        Of more than ten million samples the first of each channel are looked at.

        Raises
        ------
        NotFound
            If there is no such recording.
        """
        actor.reader()
        stored = find_stored(recording_id)
        with refusals(), open_recording(artefacts().local_path(stored.artefact_key)) as file:
            checked = min(file.sample_count, MOST_SAMPLES // len(file.channels))
            names = [channel.name for channel in file.channels]
            sample_count = file.sample_count
            found = check_rows(_rows(file, stored, checked))
        rate_hz = stored.sample_rate_hz
        found += check_rate(rate_hz, sample_count, stored.speed_rpm)
        return {
            "findings": [_view(one, names, rate_hz, checked) for one in found],
            "channel_count": len(names),
            "sample_count": sample_count,
            "checked_count": checked,
        }


def _rows(file: RecordingFile, stored: Stored, checked: int) -> Iterator[tuple[Channel, Samples]]:
    """Channel after channel, so that one is held at a time."""
    for position, channel in enumerate(file.channels):
        about = Channel(channel.name, channel.unit, stored.sample_rate_hz, stored.speed_rpm)
        yield about, file.read(position, 0, checked)


def _view(found: QualityWarning, names: list[str], rate_hz: float, count: int) -> FindingView:
    return {
        "code": found.problem.value,
        "message": found.message,
        "advice": found.advice,
        "channel": None if found.channel is None else names.index(found.channel),
        "channel_name": found.channel,
        "value": found.value,
        "threshold": found.threshold,
        "places": [_place(start, stop, rate_hz, count) for start, stop in found.places],
    }


def _place(start: int, stop: int, rate_hz: float, count: int) -> PlaceView:
    beside = max((FEWEST_SHOWN - (stop - start)) // 2, (stop - start) // 2)
    return {
        "start_s": start / rate_hz,
        "stop_s": stop / rate_hz,
        "shown_from_s": max(start - beside, 0) / rate_hz,
        "shown_to_s": min(stop + beside, count) / rate_hz,
    }
