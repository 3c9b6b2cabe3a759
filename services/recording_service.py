"""The recordings of data sets: lists of a version, and one in full."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from models import Bearing, DatasetMember, DatasetVersion, Machine, Origin, Recording
from services import actor
from services.datasets.versions import version_id_of
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work

Found = TypeVarTuple("Found")

MAX_RECORDINGS = 500
SORTABLE: dict[str, InstrumentedAttribute[Any] | ColumnElement[Any]] = {
    "name": Recording.name,
    "label": DatasetMember.label,
    "machine": Machine.name,
    "bearing": Bearing.name,
    "load": Recording.load,
    "speed_rpm": Recording.speed_rpm,
    "sample_rate_hz": Recording.sample_rate_hz,
    "duration_s": Recording.sample_count / Recording.sample_rate_hz,
    "source_file": Recording.source_file,
}


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
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


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


@dataclass(frozen=True)
class RecordingFilter:
    """``search`` looks at name, label, machine, bearing and load."""

    search: str = ""
    label: str | None = None
    only_warned: bool = False


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
        if sort not in SORTABLE:
            raise Invalid(f"Recordings are sorted by {', '.join(SORTABLE)}, got “{sort}”.")
        by = SORTABLE[sort]
        with unit_of_work(writing=False) as session:
            wanted = (
                _joined(select(Recording, DatasetMember.label, Machine.name, Bearing.name))
                .where(*_conditions(session, dataset_id, version, chosen))
                .order_by(by.desc() if descending else by.asc(), Recording.id)
                .limit(min(limit, MAX_RECORDINGS))
                .offset(offset)
                .options(selectinload(Recording.channels))
            )
            return [_view(*row) for row in session.execute(wanted)]

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
            conditions = _conditions(session, dataset_id, version, chosen)
            counted = _joined(select(func.count(Recording.id))).where(*conditions)
            return session.scalar(counted) or 0

    @staticmethod
    def export_recordings(dataset_id: int, version: int | None = None) -> str:
        """The list of a version as CSV: a row for each recording, a column for each attribute.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        rows: list[RecordingView] = []
        while page := RecordingService.list_recordings(
            dataset_id, version, MAX_RECORDINGS, len(rows)
        ):
            rows += page
        return _as_csv(rows)

    @staticmethod
    def get_recording(recording_id: int) -> RecordingView:
        """One recording with the label of the newest version that has it.

        Raises
        ------
        NotFound
            If there is no such recording.
        """
        actor.reader()
        wanted = (
            _joined(select(Recording, DatasetMember.label, Machine.name, Bearing.name))
            .join(DatasetVersion, DatasetVersion.id == DatasetMember.version_id, isouter=True)
            .where(Recording.id == recording_id)
            .order_by(DatasetVersion.number.desc())
            .limit(1)
        )
        with unit_of_work(writing=False) as session:
            row = session.execute(wanted).one_or_none()
            if row is None:
                raise NotFound(f"There is no recording {recording_id}.")
            return _view(*row)


def _joined(wanted: Select[*Found]) -> Select[*Found]:
    """With the member that gives the label, machine and bearing."""
    return (
        wanted.select_from(Recording)
        .outerjoin(DatasetMember, DatasetMember.recording_id == Recording.id)
        .outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        .outerjoin(Machine, Machine.id == func.coalesce(Recording.machine_id, Bearing.machine_id))
    )


def _conditions(
    session: Session, dataset_id: int, version: int | None, chosen: RecordingFilter | None
) -> list[ColumnElement[bool]]:
    chosen = chosen or RecordingFilter()
    conditions = [DatasetMember.version_id == version_id_of(session, dataset_id, version)]
    if chosen.label is not None:
        same = DatasetMember.label == chosen.label
        conditions.append(same if chosen.label else DatasetMember.label.is_(None))
    if chosen.only_warned:
        conditions.append(Recording.warning_count > 0)
    text = chosen.search.strip()
    if text:
        fields = (
            Recording.name,
            DatasetMember.label,
            Machine.name,
            Bearing.name,
            Recording.load,
        )
        conditions.append(or_(*(field.icontains(text, autoescape=True) for field in fields)))
    return conditions


def _as_csv(rows: list[RecordingView]) -> str:
    attributes = sorted({name for row in rows for name in row["attributes"]})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*EXPORTED, "channels", "warnings", *attributes])
    for row in rows:
        values: dict[str, Any] = dict(row)
        cells = [
            *(values[name] for name in EXPORTED),
            "; ".join(f"{c['name']} [{c['unit']}]" for c in row["channels"]),
            " ".join(str(w["message"]) for w in row["warnings"]),
            *(row["attributes"].get(name) for name in attributes),
        ]
        writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    """No text that a spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _view(
    recording: Recording, label: str | None, machine: str | None, bearing: str | None
) -> RecordingView:
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
