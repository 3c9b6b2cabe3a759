"""Versions of a data set, which are made and never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from models import Dataset, DatasetMember, DatasetVersion, Recording
from services import actor, events
from services.datasets.tallies import LABEL, Tally, count_members, count_version
from services.errors import NotFound

Wanted = TypeVar("Wanted")

CHUNK = 500
SUMMARISED = ("minimum", "maximum", "mean", "rms", "skewness", "kurtosis")
# When more than one in so many recordings changes, all are counted anew.
RECOUNT = 4
# No object of this session is a member, so none has to be told of the update.
UNSEEN = {"synchronize_session": False}


class Counts(NamedTuple):
    """How many recordings a version changed against the one before it."""

    added: int
    removed: int
    relabelled: int


@dataclass(frozen=True)
class Change:
    """What a new version has other than the one before it; none of it is there already."""

    added: Mapping[int, str | None] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    relabelled: Mapping[int, str | None] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        return Counts(len(self.added), len(self.removed), len(self.relabelled))


def find_dataset(session: Session, dataset_id: int, *, lock: bool = False) -> Dataset:
    """The row of a data set.

    Raises
    ------
    NotFound
        If there is no such data set.
    """
    wanted = select(Dataset).where(Dataset.id == dataset_id)
    dataset = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if dataset is None:
        raise NotFound(f"There is no data set {dataset_id}.")
    return dataset


def latest_version(session: Session, dataset_id: int) -> DatasetVersion | None:
    newest = (
        select(DatasetVersion)
        .where(DatasetVersion.dataset_id == dataset_id)
        .order_by(DatasetVersion.number.desc())
        .limit(1)
    )
    return session.scalars(newest).one_or_none()


def version_id_of(session: Session, dataset_id: int, number: int | None = None) -> int | None:
    """The id of a version, the newest when none is named; None for a data set without any.

    Raises
    ------
    NotFound
        If there is no such data set or version.
    """
    find_dataset(session, dataset_id)
    if number is None:
        newest = latest_version(session, dataset_id)
        return newest.id if newest else None
    wanted = select(DatasetVersion.id).where(
        DatasetVersion.dataset_id == dataset_id, DatasetVersion.number == number
    )
    found = session.scalar(wanted)
    if found is None:
        raise NotFound(f"Data set {dataset_id} has no version {number}.")
    return found


def labels_of(
    session: Session, version: DatasetVersion | None, recording_ids: Iterable[int]
) -> dict[int, str | None]:
    """Those of the recordings that are in a version, with their labels."""
    found: dict[int, str | None] = {}
    if version is None:
        return found
    for ids in chunks(sorted(set(recording_ids))):
        members = select(DatasetMember.recording_id, DatasetMember.label).where(
            DatasetMember.version_id == version.id, DatasetMember.recording_id.in_(ids)
        )
        found.update(session.execute(members).all())
    return found


def chunks(values: Sequence[Wanted]) -> Iterator[Sequence[Wanted]]:
    """Parts that fit into one statement: databases take only so many parameters."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def add_version(session: Session, dataset: Dataset, change: Change, reason: str) -> DatasetVersion:
    """Make the next version of a data set that the caller has locked."""
    before = latest_version(session, dataset.id)
    version = _begin(session, dataset, before, reason)
    tally = _tally_after(session, before, change)
    _copy_members(session, before, version)
    _apply(session, version, change)
    return _complete(session, version, change.counts, tally)


def add_version_like(
    session: Session, dataset: Dataset, older: DatasetVersion, counts: Counts, reason: str
) -> DatasetVersion:
    """Make the next version with the members and labels of an older one."""
    version = _begin(session, dataset, latest_version(session, dataset.id), reason)
    _copy_members(session, older, version)
    tally = None if older.tally is None else Tally.from_json(older.tally)
    return _complete(session, version, counts, tally)


def tally_of(session: Session, version_id: int | None) -> Tally:
    """The kept tally of a version; that of one from before tallies were kept is counted."""
    if version_id is None:
        return Tally()
    kept = session.scalar(select(DatasetVersion.tally).where(DatasetVersion.id == version_id))
    return count_version(session, version_id) if kept is None else Tally.from_json(kept)


def _begin(
    session: Session, dataset: Dataset, before: DatasetVersion | None, reason: str
) -> DatasetVersion:
    version = DatasetVersion(
        dataset_id=dataset.id,
        number=before.number + 1 if before else 1,
        reason=reason,
        content_hash="",
        recording_count=0,
        created_by=actor.user_id(),
    )
    session.add(version)
    session.flush()
    return version


def _copy_members(session: Session, source: DatasetVersion | None, target: DatasetVersion) -> None:
    if source is None:
        return
    members = select(literal(target.id), DatasetMember.recording_id, DatasetMember.label).where(
        DatasetMember.version_id == source.id
    )
    columns = ["version_id", "recording_id", "label"]
    session.execute(insert(DatasetMember).from_select(columns, members))


def _apply(session: Session, version: DatasetVersion, change: Change) -> None:
    """Change the members of a version that is being made."""
    mine = DatasetMember.version_id == version.id
    for ids in chunks(sorted(change.removed)):
        session.execute(delete(DatasetMember).where(mine, DatasetMember.recording_id.in_(ids)))
    alike: dict[str | None, list[int]] = {}
    for recording_id, label in change.relabelled.items():
        alike.setdefault(label, []).append(recording_id)
    for label, same in alike.items():
        for ids in chunks(sorted(same)):
            some = update(DatasetMember).where(mine, DatasetMember.recording_id.in_(ids))
            session.execute(some.values(label=label), execution_options=UNSEEN)
    if change.added:
        rows = [
            {"version_id": version.id, "recording_id": recording_id, "label": label}
            for recording_id, label in change.added.items()
        ]
        session.execute(insert(DatasetMember), rows)


def _tally_after(session: Session, before: DatasetVersion | None, change: Change) -> Tally | None:
    """That of the version before with the change applied; None where counting anew is quicker."""
    touched = len(change.added) + len(change.removed) + len(change.relabelled)
    if before is None or before.tally is None or RECOUNT * touched > before.recording_count:
        return None
    tally = Tally.from_json(before.tally)
    gone = labels_of(session, before, [*change.removed, *change.relabelled])
    tally.add(count_members(session, gone), -1)
    tally.add(count_members(session, {**change.relabelled, **change.added}))
    return tally


def _complete(
    session: Session, version: DatasetVersion, counts: Counts, tally: Tally | None
) -> DatasetVersion:
    """Hash and totals of the members, which stay true because the version never changes."""
    version.content_hash = _hash(session, version.id)
    version.added_count, version.removed_count, version.relabelled_count = counts
    if tally is None:
        tally = count_version(session, version.id)
    version.tally = tally.to_json()
    version.class_count = len(tally.values.get(LABEL, ()))
    totals = (
        select(
            func.count(),
            func.coalesce(func.sum(Recording.sample_count / Recording.sample_rate_hz), 0.0),
            func.count().filter(Recording.warning_count > 0),
        )
        .select_from(DatasetMember)
        .join(Recording, Recording.id == DatasetMember.recording_id)
        .where(DatasetMember.version_id == version.id)
    )
    count, seconds, version.warned_count = session.execute(totals).one()
    version.recording_count, version.duration_s = count, float(seconds)
    session.flush()
    events.record(
        session,
        "dataset.version_made",
        f"dataset:{version.dataset_id}",
        version=version.number,
        recordings=count,
        reason=version.reason,
    )
    return version


def _hash(session: Session, version_id: int) -> str:
    """Over contents and labels, so that equal versions have equal hashes."""
    wanted = (
        select(Recording.content_hash, DatasetMember.label)
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .where(DatasetMember.version_id == version_id)
    )
    quoted: dict[str | None, str] = {}
    pairs = []
    for content, label in session.connection().execute(wanted):
        if label not in quoted:
            quoted[label] = json.dumps(label or "")
        pairs.append(f'["{content}", {quoted[label]}]')
    # Sorted here, since databases order text by rules of their own. Contents differ.
    pairs.sort()
    return hashlib.sha256(f"[{', '.join(pairs)}]".encode()).hexdigest()
