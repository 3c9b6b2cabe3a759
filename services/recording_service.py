"""The recordings of data sets: lists of a version, and one in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, selectinload

from diagnostics.spreadsheets import csv_lines, harmless
from models import Bearing, DatasetMember, DatasetVersion, Machine, Origin, Recording
from services import actor
from services.datasets.selection import (
    RecordingFilter,
    by_name,
    ordered,
    ordered_and_counted,
    passing,
)
from services.datasets.statistics import is_field, kept_count
from services.datasets.versions import tally_of, version_id_of
from services.errors import NotFound
from services.runtime import unit_of_work

MAX_RECORDINGS = 500
EXPORTED = (
    "id",
    "name",
    "label",
    "machine",
    "bearing",
    "load",
    "speed_rpm",
    "speed_source",
    "sample_rate_hz",
    "sample_count",
    "duration_s",
    "source_file",
    "content_hash",
)
# Counted of each recording, but no attributes: they have columns of their own.
NO_ATTRIBUTES = ("sample_rate_hz", "origin", "importer")


class RecordingChannelView(TypedDict):
    name: str
    unit: str


class RecordingView(TypedDict):
    id: int
    dataset_id: int
    name: str
    label: str | None
    origin: Origin
    machine: str | None
    bearing: str | None
    load: str | None
    speed_rpm: float | None
    speed_source: str
    sample_rate_hz: float
    sample_count: int
    duration_s: float
    channels: list[RecordingChannelView]
    attributes: dict[str, Any]
    warnings: list[dict[str, Any]]
    source_file: str
    importer: str
    content_hash: str
    created_at: datetime


class RecordingService:
    """List and read recordings."""

    @staticmethod
    def list_recordings(
        dataset_id: int,
        version: int | None = None,
        limit: int = 100,
        offset: int = 0,
        chosen: RecordingFilter | None = None,
        sort: str = "name",
        *,
        descending: bool = False,
    ) -> list[RecordingView]:
        """Recordings of a version (the newest by default) with their labels.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If the list cannot be sorted so.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)
            part = _part(limit, offset)
            if sort == "name" and (chosen is None or chosen.is_open):
                labels = _page_by_name(session, dataset_id, version_id, part, descending=descending)
            else:
                labels = _page(session, version_id, part, chosen, sort, descending=descending)
            return _views(session, labels)

    @staticmethod
    def page_of_recordings(
        dataset_id: int,
        version: int | None = None,
        limit: int = 100,
        offset: int = 0,
        chosen: RecordingFilter | None = None,
        sort: str = "name",
        *,
        descending: bool = False,
    ) -> tuple[list[RecordingView], int]:
        """What :meth:`list_recordings` gives, and how many there are in all.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If the list cannot be sorted so.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)
            total = _known_total(session, version_id, chosen)
            if total is None:
                part = _part(limit, offset)
                labels, total = _counted_page(
                    session, version_id, part, chosen, sort, descending=descending
                )
                return _views(session, labels), total
            rows = RecordingService.list_recordings(
                dataset_id, version, limit, offset, chosen, sort, descending=descending
            )
            return rows, total

    @staticmethod
    def count_recordings(
        dataset_id: int, version: int | None = None, chosen: RecordingFilter | None = None
    ) -> int:
        """How many :meth:`list_recordings` has in all.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)
            total = _known_total(session, version_id, chosen)
            return _count(session, version_id, chosen) if total is None else total

    @staticmethod
    def export_recordings(
        dataset_id: int, version: int | None = None, chosen: RecordingFilter | None = None
    ) -> Iterator[str]:
        """The list of a version as CSV, piece by piece: a row for each recording that passes
        the filter, by name, and a column for each attribute.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)
            wanted = passing(session, version_id, chosen).order_by(Recording.name, Recording.id)
            labels = [(row[0], row[1]) for row in session.execute(wanted)]
            attributes = _attribute_names(session, version_id)
        return _csv_pieces(labels, attributes)

    @staticmethod
    def get_recording(recording_id: int) -> RecordingView:
        """One recording with the label of the newest version that has it.

        Raises
        ------
        NotFound
            If there is no such recording.
        """
        actor.reader()
        newest = (
            select(DatasetMember.label)
            .join(DatasetVersion, DatasetVersion.id == DatasetMember.version_id)
            .where(DatasetMember.recording_id == recording_id)
            .order_by(DatasetVersion.number.desc())
            .limit(1)
        )
        with unit_of_work(writing=False) as session:
            row = session.execute(_in_full().where(Recording.id == recording_id)).one_or_none()
            if row is None:
                raise NotFound(f"There is no recording {recording_id}.")
            return _view(row, session.scalar(newest))


def _part(limit: int, offset: int) -> tuple[int, int]:
    return max(0, min(limit, MAX_RECORDINGS)), max(0, offset)


def _known_total(
    session: Session, version_id: int | None, chosen: RecordingFilter | None
) -> int | None:
    """How many there are, where that was counted when the version was made."""
    if chosen is not None and not chosen.is_open:
        return kept_count(session, version_id, chosen)
    total = select(DatasetVersion.recording_count)
    return session.scalar(total.where(DatasetVersion.id == version_id)) or 0


def _count(session: Session, version_id: int | None, chosen: RecordingFilter | None) -> int:
    counted = passing(session, version_id, chosen).with_only_columns(func.count())
    return session.scalar(counted) or 0


def _page(
    session: Session,
    version_id: int | None,
    part: tuple[int, int],
    chosen: RecordingFilter | None,
    sort: str,
    *,
    descending: bool,
) -> dict[int, str | None]:
    wanted = ordered(passing(session, version_id, chosen), sort, descending=descending)
    page = wanted.limit(part[0]).offset(part[1])
    return {row[0]: row[1] for row in session.execute(page)}


def _counted_page(
    session: Session,
    version_id: int | None,
    part: tuple[int, int],
    chosen: RecordingFilter | None,
    sort: str,
    *,
    descending: bool,
) -> tuple[dict[int, str | None], int]:
    """A page and how many there are in all, with one look at the recordings for both."""
    passed = passing(session, version_id, chosen)
    wanted = ordered_and_counted(passed, sort, descending=descending)
    rows = session.execute(wanted.limit(part[0]).offset(part[1])).all()
    labels = {row[0]: row[1] for row in rows}
    return labels, rows[0][2] if rows else _count(session, version_id, chosen)


def _page_by_name(
    session: Session,
    dataset_id: int,
    version_id: int | None,
    part: tuple[int, int],
    *,
    descending: bool,
) -> dict[int, str | None]:
    name = Recording.name.desc() if descending else Recording.name.asc()
    page = by_name(dataset_id, version_id).order_by(name).limit(part[0]).offset(part[1])
    ids = list(session.scalars(page))
    members = select(DatasetMember.recording_id, DatasetMember.label).where(
        DatasetMember.version_id == version_id, DatasetMember.recording_id.in_(ids)
    )
    labels = {row[0]: row[1] for row in session.execute(members)}
    return {key: labels[key] for key in ids}


def _views(session: Session, labels: Mapping[int, str | None]) -> list[RecordingView]:
    """Recordings in full, in the order of ``labels``."""
    wanted = _in_full().where(Recording.id.in_(labels)).options(selectinload(Recording.channels))
    found = {row[0].id: row for row in session.execute(wanted)}
    # One that was deleted since it was chosen is passed over.
    return [_view(found[key], label) for key, label in labels.items() if key in found]


def _in_full() -> Select[Recording, str, str]:
    return (
        select(Recording, Machine.name, Bearing.name)
        .outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        .outerjoin(Machine, Machine.id == func.coalesce(Recording.machine_id, Bearing.machine_id))
    )


def _attribute_names(session: Session, version_id: int | None) -> list[str]:
    tally = tally_of(session, version_id)
    fields = {*tally.values, *(name for name in tally.left_out if is_field(name))}
    return sorted(fields - {"label", "machine", "bearing", "load", *NO_ATTRIBUTES})


def _csv_pieces(labels: list[tuple[int, str | None]], attributes: list[str]) -> Iterator[str]:
    yield csv_lines([[*EXPORTED, "channels", "warnings", *map(harmless, attributes)]])
    for start in range(0, len(labels), MAX_RECORDINGS):
        with unit_of_work(writing=False) as session:
            rows = _views(session, dict(labels[start : start + MAX_RECORDINGS]))
        yield csv_lines(_cells(row, attributes) for row in rows)


def _cells(row: RecordingView, attributes: list[str]) -> list[Any]:
    values: dict[str, Any] = dict(row)
    cells = [
        *(values[name] for name in EXPORTED),
        "; ".join(f"{c['name']} [{c['unit']}]" for c in row["channels"]),
        " ".join(str(w["message"]) for w in row["warnings"]),
        *(row["attributes"].get(name) for name in attributes),
    ]
    return [harmless(cell) for cell in cells]


def _view(row: Row[Recording, str, str], label: str | None) -> RecordingView:
    recording, machine, bearing = row
    return {
        "id": recording.id,
        "dataset_id": recording.dataset_id,
        "name": recording.name,
        "label": label,
        "origin": recording.origin,
        "machine": machine,
        "bearing": bearing,
        "load": recording.load,
        "speed_rpm": recording.speed_rpm,
        "speed_source": recording.speed_source,
        "sample_rate_hz": recording.sample_rate_hz,
        "sample_count": recording.sample_count,
        "duration_s": recording.sample_count / recording.sample_rate_hz,
        "channels": [{"name": c.name, "unit": c.unit.value} for c in recording.channels],
        "attributes": recording.attributes,
        "warnings": recording.warnings,
        "source_file": recording.source_file,
        "importer": recording.importer,
        "content_hash": recording.content_hash,
        "created_at": recording.created_at,
    }
