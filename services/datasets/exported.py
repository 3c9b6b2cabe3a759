"""A version of a data set as the exporters take it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, selectinload

from diagnostics.exporters.record import ExportedDataset, ExportedRecording, Record
from diagnostics.exporters.registry import Format
from diagnostics.signals.recording_file import RecordingFile, open_recording
from diagnostics.signals.signal import Channel
from models import (
    Bearing,
    Dataset,
    DatasetMember,
    DatasetVersion,
    Machine,
    Recording,
    RecordingChannel,
)
from services.runtime import artefacts, unit_of_work

PAGE = 500
SAMPLED = 50
HEAD_BYTES = 4096  # what is written about one recording, roughly


def exported_head(session: Session, version_id: int) -> ExportedDataset:
    """What is known about the whole version."""
    version, name = session.execute(
        select(DatasetVersion, Dataset.name)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id == version_id)
    ).one()
    values = _value_count(session, version_id)
    return ExportedDataset(
        name, version.number, version.content_hash, version.recording_count, values
    )


def _value_count(session: Session, version_id: int) -> int:
    """Samples over all recordings and channels."""
    counted = (
        select(func.coalesce(func.sum(Recording.sample_count), 0))
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .join(RecordingChannel, RecordingChannel.recording_id == Recording.id)
        .where(DatasetMember.version_id == version_id)
    )
    return int(session.scalar(counted) or 0)


def estimate_size(session: Session, version_id: int, chosen: Format) -> int:
    """About how many bytes a file has, from recordings taken evenly from the version."""
    total = session.get_one(DatasetVersion, version_id).recording_count
    members = select(Recording.artefact_key, Recording.sample_count * _channel_count()).join(
        DatasetMember, DatasetMember.recording_id == Recording.id
    )
    members = members.where(DatasetMember.version_id == version_id).limit(2 * SAMPLED)
    evenly = DatasetMember.recording_id % max(1, total // SAMPLED) == 0
    some = session.execute(members.where(evenly)).all() or session.execute(members).all()
    packed = sum(artefacts().size(key) for key, _ in some)
    values = sum(count for _, count in some)
    return int(chosen.estimate(packed, values) * total / max(len(some), 1)) + HEAD_BYTES * total


def _channel_count() -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(RecordingChannel.recording_id == Recording.id)
        .correlate(Recording)
        .scalar_subquery()
    )


def exported_recordings(version_id: int) -> Iterator[ExportedRecording]:
    """In the order of their numbers; a page at a time, and no transaction between pages."""
    last = 0
    while page := _page(version_id, last):
        last = page[-1][0]
        for _, exported in page:
            yield exported


def _page(version_id: int, after: int) -> list[tuple[int, ExportedRecording]]:
    wanted = (
        select(Recording, DatasetMember.label, Bearing.name, Machine.name)
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        .outerjoin(Machine, Machine.id == func.coalesce(Recording.machine_id, Bearing.machine_id))
        .where(DatasetMember.version_id == version_id, Recording.id > after)
        .order_by(Recording.id)
        .limit(PAGE)
        .options(selectinload(Recording.channels))
    )
    with unit_of_work(writing=False) as session:
        return [
            (row.id, ExportedRecording(_record(row, *names), partial(_open, row.artefact_key)))
            for row, *names in session.execute(wanted)
        ]


def _open(key: str) -> AbstractContextManager[RecordingFile]:
    return open_recording(artefacts().local_path(key))


def _record(row: Recording, label: str | None, bearing: str | None, machine: str | None) -> Record:
    return Record(
        name=row.name,
        sample_rate_hz=row.sample_rate_hz,
        sample_count=row.sample_count,
        channels=tuple(Channel(channel.name, channel.unit) for channel in row.channels),
        speed_rpm=row.speed_rpm,
        label=label or "",
        machine=machine or "",
        bearing=bearing or "",
        load=row.load or "",
        speed_source=row.speed_source,
        origin=row.origin.value,
        source_file=row.source_file,
        content_hash=row.content_hash,
        attributes=row.attributes,
        warnings=tuple(row.warnings),
    )
