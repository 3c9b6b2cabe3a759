"""Data sets and versions as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import Dataset, DatasetVersion, Experiment, Origin, User
from services.errors import Invalid
from services.paging import MOST_ROWS, paged
from services.text_search import contains

LONGEST_SEARCH = 200


class DatasetView(TypedDict):
    id: int
    name: str
    description: str
    origin: Origin
    owner_id: int
    owner_name: str
    created_at: datetime
    archived_at: datetime | None
    version_id: int | None
    version: int | None
    changed_at: datetime
    recording_count: int
    class_count: int
    duration_s: float
    warning_count: int


class VersionView(TypedDict):
    """The counts are what it changed against the version before it."""

    id: int
    number: int
    reason: str
    content_hash: str
    recording_count: int
    added_count: int
    removed_count: int
    relabelled_count: int
    created_by: str
    created_at: datetime


class DatasetDetails(DatasetView):
    versions: list[VersionView]
    provenance: dict[str, Any] | None
    experiment_count: int


class ExperimentUse(TypedDict):
    """An experiment that was made on a version of a data set."""

    id: int
    name: str
    version: int
    owner_name: str
    created_at: datetime
    archived: bool


_newest = aliased(DatasetVersion)
SORTS: Mapping[str, Any] = {
    "name": func.lower(Dataset.name),
    "owner": func.lower(User.name),
    "created_at": Dataset.created_at,
    "changed_at": func.coalesce(_newest.created_at, Dataset.created_at),
    "origin": Dataset.origin,
    "version": _newest.number,
    "recording_count": _newest.recording_count,
    "class_count": _newest.class_count,
    "duration_s": _newest.duration_s,
    "warning_count": _newest.warned_count,
}


def with_newest() -> Select[Dataset, str, DatasetVersion]:
    """Data sets with the name of their owner and their newest version, if any."""
    latest = (
        select(DatasetVersion.dataset_id, func.max(DatasetVersion.number).label("number"))
        .group_by(DatasetVersion.dataset_id)
        .subquery()
    )
    newest = (_newest.dataset_id == Dataset.id) & (_newest.number == latest.c.number)
    return (
        select(Dataset, User.name, _newest)
        .join(User, User.id == Dataset.owner_id)
        .outerjoin(latest, latest.c.dataset_id == Dataset.id)
        .outerjoin(_newest, newest)
    )


def sorted_by(sort: str, *, descending: bool) -> list[ColumnElement[Any]]:
    """The order that a list is asked for in.

    Raises
    ------
    Invalid
        If the list cannot be sorted so.
    """
    if sort not in SORTS:
        raise Invalid(f"Data sets are sorted by {', '.join(SORTS)}, got “{sort}”.")
    by = SORTS[sort]
    return [(by.desc() if descending else by.asc()).nulls_last(), Dataset.id]


def matching(search: str | None, *, archived: bool) -> list[ColumnElement[bool]]:
    """Search looks at names, descriptions and owners."""
    hidden = Dataset.archived_at.is_not(None)
    conditions: list[ColumnElement[bool]] = [hidden if archived else ~hidden]
    text = (search or "").strip()[:LONGEST_SEARCH]
    if text:
        owners = select(User.id).where(contains(User.name, text))
        conditions.append(
            or_(
                contains(Dataset.name, text),
                contains(Dataset.description, text),
                Dataset.owner_id.in_(owners),
            )
        )
    return conditions


def dataset_view(row: Row[Dataset, str, DatasetVersion]) -> DatasetView:
    dataset, owner_name, version = row
    return {
        "id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "origin": dataset.origin,
        "owner_id": dataset.owner_id,
        "owner_name": owner_name,
        "created_at": dataset.created_at,
        "archived_at": dataset.archived_at,
        "version_id": version.id if version else None,
        "version": version.number if version else None,
        "changed_at": version.created_at if version else dataset.created_at,
        "recording_count": version.recording_count if version else 0,
        "class_count": version.class_count if version else 0,
        "duration_s": version.duration_s if version else 0.0,
        "warning_count": version.warned_count if version else 0,
    }


def list_versions(session: Session, dataset_id: int, limit: int = MOST_ROWS) -> list[VersionView]:
    """Newest first."""
    wanted = (
        select(DatasetVersion, User.name)
        .join(User, User.id == DatasetVersion.created_by)
        .where(DatasetVersion.dataset_id == dataset_id)
        .order_by(DatasetVersion.number.desc())
    )
    rows = session.execute(paged(wanted, limit))
    return [version_view(version, name) for version, name in rows]


def version_view(version: DatasetVersion, created_by: str) -> VersionView:
    return {
        "id": version.id,
        "number": version.number,
        "reason": version.reason,
        "content_hash": version.content_hash,
        "recording_count": version.recording_count,
        "added_count": version.added_count,
        "removed_count": version.removed_count,
        "relabelled_count": version.relabelled_count,
        "created_by": created_by,
        "created_at": version.created_at,
    }


def uses(dataset_id: int) -> Select[int, str, datetime, datetime | None, int, str]:
    """Experiments that were made on the data set; archived ones too, since they need it as well."""
    return (
        # Columns and not the row: the split of an experiment names every recording.
        select(
            Experiment.id,
            Experiment.name,
            Experiment.created_at,
            Experiment.archived_at,
            DatasetVersion.number,
            User.name.label("owner_name"),
        )
        .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
        .join(User, User.id == Experiment.owner_id)
        .where(DatasetVersion.dataset_id == dataset_id)
    )


def count_uses(session: Session, dataset_id: int) -> int:
    counted = uses(dataset_id).with_only_columns(func.count(Experiment.id))
    return session.scalar(counted) or 0


def use_view(row: Row[int, str, datetime, datetime | None, int, str]) -> ExperimentUse:
    return {
        "id": row.id,
        "name": row.name,
        "version": row.number,
        "owner_name": row.owner_name,
        "created_at": row.created_at,
        "archived": row.archived_at is not None,
    }
