"""Counts over the recordings of one version of a data set."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Bearing, DatasetMember, Machine, Recording, RecordingChannel

if TYPE_CHECKING:
    from services.dataset_service import DatasetStatistics

UNLABELLED = "no label"
# A group with a value for almost every recording, such as a serial number, tells nothing.
MOST_VALUES = 200
MOST_MESSAGES = 12


def statistics_of(session: Session, version_id: int | None) -> DatasetStatistics:
    """Of a version; of nothing when there is none."""
    rows = session.execute(
        select(Recording, DatasetMember.label, Bearing.name, Machine.name)
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        .outerjoin(Machine, Machine.id == Recording.machine_id)
        .where(DatasetMember.version_id == version_id)
    ).all()
    channels = session.execute(
        select(RecordingChannel.recording_id, RecordingChannel.name, RecordingChannel.unit)
        .join(DatasetMember, DatasetMember.recording_id == RecordingChannel.recording_id)
        .where(DatasetMember.version_id == version_id)
    ).all()
    recordings: list[Recording] = [row[0] for row in rows]
    return {
        "num_signals": len(rows),
        "duration_s": sum(r.sample_count / r.sample_rate_hz for r in recordings),
        "classes": _count([label or UNLABELLED for _, label, _, _ in rows]),
        "groups": _groups(list(rows)),
        "sample_rates_hz": sorted({recording.sample_rate_hz for recording in recordings}),
        "units": sorted({unit.value for _, _, unit in channels}),
        "channel_counts": _count([name for _, name, _ in channels]),
        "warnings": _count([str(w["code"]) for r in recordings for w in r.warnings]),
        "warning_messages": dict(
            Counter(str(w["message"]) for r in recordings for w in r.warnings).most_common(
                MOST_MESSAGES
            )
        ),
    }


def _groups(
    rows: list[tuple[Recording, str | None, str | None, str | None]],
) -> dict[str, dict[str, int]]:
    found: dict[str, list[str]] = {}
    for recording, _, bearing, machine in rows:
        known = {
            "machine": machine,
            "bearing": bearing,
            "load": recording.load,
            **recording.attributes,
        }
        for name, value in known.items():
            if value is not None:
                text = f"{value:g}" if isinstance(value, float) else str(value)
                found.setdefault(name, []).append(text)
    counts = {name: _count(values) for name, values in found.items()}
    return {name: values for name, values in counts.items() if len(values) <= MOST_VALUES}


def _count(values: list[str]) -> dict[str, int]:
    """By value, in the order of the values."""
    return dict(sorted(Counter(values).items()))
