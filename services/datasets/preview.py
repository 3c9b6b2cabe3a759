"""A few recordings of each class as they look: their extremes over time, from the pyramid."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.signals.recording_file import open_recording
from models import DatasetMember, DatasetVersion, Recording
from services.runtime import artefacts
from services.signal_service import refusals

MOST_CLASSES = 24
MOST_RECORDINGS = 10
STRETCHES = 160
DIGITS = 6


class WaveformPreview(TypedDict):
    """The first channel: lowest and highest value of each stretch, which begins at its time."""

    recording_id: int
    name: str
    load: str | None
    speed_rpm: float | None
    channel: str
    unit: str
    sample_rate_hz: float
    duration_s: float
    times_s: list[float]
    minimum: list[float]
    maximum: list[float]


class ClassPreview(TypedDict):
    label: str | None
    count: int
    recordings: list[WaveformPreview]


class DatasetPreview(TypedDict):
    """``more_classes`` are not shown, since nobody could look at them all."""

    dataset_id: int
    version: int | None
    num_signals: int
    classes: list[ClassPreview]
    more_classes: int


def preview_of(
    session: Session, dataset_id: int, version_id: int | None, num_samples: int
) -> DatasetPreview:
    """``num_samples`` recordings of each class, spread over the order in which they came."""
    version = None if version_id is None else session.get(DatasetVersion, version_id)
    bounds = session.execute(
        select(
            DatasetMember.label,
            func.count(),
            func.min(DatasetMember.recording_id),
            func.max(DatasetMember.recording_id),
        )
        .where(DatasetMember.version_id == version_id)
        .group_by(DatasetMember.label)
    ).all()
    classes = sorted(bounds, key=lambda row: (row[0] is None, row[0] or ""))
    each = min(max(num_samples, 1), MOST_RECORDINGS)
    return {
        "dataset_id": dataset_id,
        "version": version.number if version else None,
        "num_signals": version.recording_count if version else 0,
        "classes": [
            {
                "label": label,
                "count": count,
                "recordings": [
                    _waveform(recording)
                    for recording in _spread(session, version_id, label, (low, high), each)
                ],
            }
            for label, count, low, high in classes[:MOST_CLASSES]
        ],
        "more_classes": max(len(classes) - MOST_CLASSES, 0),
    }


def _spread(
    session: Session,
    version_id: int | None,
    label: str | None,
    bounds: tuple[int, int],
    each: int,
) -> list[Recording]:
    low, high = bounds
    mine = (
        select(DatasetMember.recording_id)
        .where(
            DatasetMember.version_id == version_id,
            DatasetMember.label.is_not_distinct_from(label),
        )
        .order_by(DatasetMember.recording_id)
    )
    found: list[int] = []
    for part in range(each):
        # After the one before, so that none is taken twice where ids lie close together.
        begin = low + (high - low + 1) * part // each
        after = max(begin, found[-1] + 1) if found else begin
        one = session.scalar(mine.where(DatasetMember.recording_id >= after).limit(1))
        if one is not None:
            found.append(one)
    return list(session.scalars(select(Recording).where(Recording.id.in_(found)).order_by("id")))


def _waveform(recording: Recording) -> WaveformPreview:
    with refusals(), open_recording(artefacts().local_path(recording.artefact_key)) as file:
        extremes = file.envelope(0, 0, file.sample_count, STRETCHES)
        channel = file.channels[0]
    return {
        "recording_id": recording.id,
        "name": recording.name,
        "load": recording.load,
        "speed_rpm": recording.speed_rpm,
        "channel": channel.name,
        "unit": channel.unit.value,
        "sample_rate_hz": recording.sample_rate_hz,
        "duration_s": recording.sample_count / recording.sample_rate_hz,
        "times_s": [_short(n / recording.sample_rate_hz) for n in extremes.first_sample],
        "minimum": [_short(value) for value in extremes.minimum],
        "maximum": [_short(value) for value in extremes.maximum],
    }


def _short(value: float) -> float:
    """No more digits than a picture shows."""
    return float(f"{float(value):.{DIGITS}g}")
