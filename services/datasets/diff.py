"""What differs between two versions of a data set."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, TypedDict

from sqlalchemy import Select, func, literal, null, select
from sqlalchemy.orm import Session, aliased

from models import DatasetMember, DatasetVersion, Recording
from services.datasets.versions import Counts
from services.datasets.views import VersionView


class ChangeKind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RELABELLED = "relabelled"


class Transition(TypedDict):
    """How many recordings came, went or changed their label, from which label to which."""

    kind: ChangeKind
    before: str | None
    after: str | None
    count: int


class VersionDiff(TypedDict):
    """``steps`` are the versions after the older one up to the newer: who made each, and why."""

    older: VersionView
    newer: VersionView
    added: int
    removed: int
    relabelled: int
    transitions: list[Transition]
    steps: list[VersionView]


class RecordingChange(TypedDict):
    recording_id: int
    name: str
    kind: ChangeKind
    before: str | None
    after: str | None


_old, _new = aliased(DatasetMember), aliased(DatasetMember)


def transitions(session: Session, older: DatasetVersion, newer: DatasetVersion) -> list[Transition]:
    """Changes by kind and labels, the most frequent first within a kind."""
    found: list[Transition] = []
    for kind, changed in _parts(session, older, newer):
        counted = changed.with_only_columns(
            _before(kind), _after(kind), func.count().label("recordings")
        ).group_by(*_labels(kind))
        rows = sorted(
            session.execute(counted),
            key=lambda row: (-row.recordings, (row[0] or "", row[1] or "")),
        )
        found += [
            {"kind": kind, "before": row[0], "after": row[1], "count": row.recordings}
            for row in rows
        ]
    return found


def count_changes(session: Session, older: DatasetVersion, newer: DatasetVersion) -> Counts:
    """How many recordings came, went and changed their label."""
    counts = dict.fromkeys(ChangeKind, 0)
    for kind, changed in _parts(session, older, newer):
        counted = changed.with_only_columns(func.count())
        counts[kind] = session.scalar(counted) or 0
    return Counts(*(counts[kind] for kind in ChangeKind))


def list_changes(
    session: Session,
    older: DatasetVersion,
    newer: DatasetVersion,
    kind: ChangeKind,
    limit: int,
    offset: int,
) -> list[RecordingChange]:
    """The recordings of one kind of change, in the order in which they came into the data set."""
    changed = _changed(kind, older.id, newer.id)
    member = _member(kind)
    page = (
        changed.add_columns(Recording.name, _before(kind), _after(kind))
        .join(Recording, Recording.id == member.recording_id)
        .order_by(member.recording_id)
        .limit(limit)
        .offset(offset)
    )
    return [
        {"recording_id": row[0], "name": row[1], "kind": kind, "before": row[2], "after": row[3]}
        for row in session.execute(page)
    ]


def _parts(
    session: Session, older: DatasetVersion, newer: DatasetVersion
) -> Iterator[tuple[ChangeKind, Select[Any]]]:
    """What has to be looked for: kinds of change that some version in between has made."""
    low, high = sorted((older.number, newer.number))
    made = session.execute(
        select(
            func.sum(DatasetVersion.added_count),
            func.sum(DatasetVersion.removed_count),
            func.sum(DatasetVersion.relabelled_count),
        ).where(
            DatasetVersion.dataset_id == older.dataset_id,
            DatasetVersion.number > low,
            DatasetVersion.number <= high,
        )
    ).one()
    added, removed, relabelled = (count or 0 for count in made)
    # What went and came back may be relabelled, though no step did that; and what one
    # direction adds, the other removes.
    if relabelled or (added and removed):
        yield ChangeKind.RELABELLED, _changed(ChangeKind.RELABELLED, older.id, newer.id)
    forward = older.number <= newer.number
    if removed if forward else added:
        yield ChangeKind.REMOVED, _changed(ChangeKind.REMOVED, older.id, newer.id)
    if added if forward else removed:
        yield ChangeKind.ADDED, _changed(ChangeKind.ADDED, older.id, newer.id)


def _changed(kind: ChangeKind, older_id: int, newer_id: int) -> Select[Any]:
    if kind is ChangeKind.RELABELLED:
        same = (_new.recording_id == _old.recording_id) & (_new.version_id == newer_id)
        other = _new.label.is_distinct_from(_old.label)
        return select(_old.recording_id).join(_new, same).where(_old.version_id == older_id, other)
    here, there = (_new, _old) if kind is ChangeKind.ADDED else (_old, _new)
    here_id, there_id = (newer_id, older_id) if kind is ChangeKind.ADDED else (older_id, newer_id)
    also = select(literal(1)).where(
        there.version_id == there_id, there.recording_id == here.recording_id
    )
    return select(here.recording_id).where(here.version_id == here_id, ~also.exists())


def _member(kind: ChangeKind) -> Any:
    return _new if kind is ChangeKind.ADDED else _old


def _before(kind: ChangeKind) -> Any:
    return null() if kind is ChangeKind.ADDED else _old.label


def _after(kind: ChangeKind) -> Any:
    return null() if kind is ChangeKind.REMOVED else _new.label


def _labels(kind: ChangeKind) -> list[Any]:
    if kind is ChangeKind.ADDED:
        return [_new.label]
    return [_old.label] if kind is ChangeKind.REMOVED else [_old.label, _new.label]
