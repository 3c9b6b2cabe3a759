"""Recordings to choose one from, where there may be a hundred thousand."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import DatasetMember, DatasetVersion, Recording
from services.datasets.selection import RecordingFilter, by_name, passing


class RecordingChoice(TypedDict):
    id: int
    name: str
    label: str | None


def choices_of(
    session: Session, version: DatasetVersion, including: int | None, search: str, most: int
) -> list[RecordingChoice]:
    """Those that a text finds, or that stand around one in the order of names."""
    chosen = session.get(Recording, including) if including is not None else None
    if chosen is not None and chosen.dataset_id != version.dataset_id:
        chosen = None
    if search.strip():
        found = passing(session, version.id, RecordingFilter(search))
        ids = set(session.scalars(found.order_by(Recording.name).limit(most)))
    else:
        ids = set(_around(session, version, chosen, most))
    if chosen is not None:
        ids.add(chosen.id)
    return _choices(session, version, ids)


def _around(
    session: Session, version: DatasetVersion, chosen: Recording | None, most: int
) -> list[int]:
    """As many on each side as there are; more on one side where the other has fewer."""
    if chosen is None or version.recording_count <= most:
        return _ids(session, version, [], Recording.name.asc(), most)
    after = _ids(session, version, [Recording.name >= chosen.name], Recording.name.asc(), most)
    before = _ids(session, version, [Recording.name < chosen.name], Recording.name.desc(), most)
    kept = max(most // 2, most - len(after))
    return [*before[:kept], *after[: max(most // 2, most - len(before))]]


def _ids(
    session: Session,
    version: DatasetVersion,
    where: list[ColumnElement[bool]],
    order: Any,
    most: int,
) -> list[int]:
    wanted = by_name(version.dataset_id, version.id).where(*where).order_by(order).limit(most)
    return list(session.scalars(wanted))


def _choices(session: Session, version: DatasetVersion, ids: set[int]) -> list[RecordingChoice]:
    member = (DatasetMember.recording_id == Recording.id) & (DatasetMember.version_id == version.id)
    wanted = (
        select(Recording.id, Recording.name, DatasetMember.label)
        .outerjoin(DatasetMember, member)
        .where(Recording.id.in_(ids))
    )
    found: list[RecordingChoice] = [
        {"id": row.id, "name": row.name, "label": row.label} for row in session.execute(wanted)
    ]
    return sorted(found, key=lambda one: one["name"])
