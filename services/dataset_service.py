"""Data sets and their versions: what people do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from models import (
    Dataset,
    DatasetMember,
    DatasetVersion,
    Experiment,
    Origin,
    Recording,
    User,
)
from models.base import now
from services import actor, events
from services.datasets.recording_store import StoredSamples
from services.datasets.versions import (
    Added,
    add_recordings,
    add_version,
    find_dataset,
    labels_of,
    latest_version,
    version_id_of,
)
from services.errors import Conflict, Invalid, NotFound
from services.explanation_cache import forget_recordings
from services.kept_files import delete_unnamed
from services.runtime import unit_of_work

MAX_DATASET_LIST_LIMIT = 100
LONGEST_NAME = 120


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
    recording_count: int
    class_count: int
    duration_s: float
    warning_count: int


class VersionView(TypedDict):
    id: int
    number: int
    reason: str
    content_hash: str
    recording_count: int
    created_by: str
    created_at: datetime


class DatasetDetails(DatasetView):
    versions: list[VersionView]


class DatasetStatistics(TypedDict):
    """Counts over the newest version, or the asked one. ``groups``: attribute → value → count."""

    num_signals: int
    duration_s: float
    classes: dict[str, int]
    groups: dict[str, dict[str, int]]
    sample_rates_hz: list[float]
    units: list[str]
    channel_counts: dict[str, int]
    warnings: dict[str, int]
    warning_messages: dict[str, int]


class AddedView(TypedDict):
    version: int | None
    recordings: list[Added]


class DatasetService:
    """Make, list, extend, relabel, archive and delete data sets."""

    @staticmethod
    def create(name: str, description: str = "", origin: Origin = Origin.IMPORTED) -> int:
        """A new, empty data set of the actor.

        Raises
        ------
        Invalid
            If the name is empty or too long.
        Conflict
            If the name is taken.
        """
        owner_id = actor.user_id()
        name = _clean_name(name)
        with unit_of_work() as session:
            if session.scalar(select(Dataset.id).where(Dataset.name == name)) is not None:
                raise Conflict(f"There is a data set “{name}” already. Choose another name.")
            dataset = Dataset(
                name=name, description=description.strip(), origin=origin, owner_id=owner_id
            )
            session.add(dataset)
            session.flush()
            events.record(session, "dataset.created", f"dataset:{dataset.id}", name=name)
            return dataset.id

    @staticmethod
    def list_datasets(
        limit: int = MAX_DATASET_LIST_LIMIT,
        offset: int = 0,
        search_query: str | None = None,
        *,
        archived: bool = False,
    ) -> list[DatasetView]:
        """Data sets by name; at most ``MAX_DATASET_LIST_LIMIT`` of them."""
        actor.reader()
        wanted = (
            select(Dataset, User.name)
            .join(User, User.id == Dataset.owner_id)
            .where(*_matching(search_query, archived))
            .order_by(func.lower(Dataset.name))
            .limit(min(limit, MAX_DATASET_LIST_LIMIT))
            .offset(offset)
        )
        with unit_of_work(writing=False) as session:
            return [_view(session, dataset, name) for dataset, name in session.execute(wanted)]

    @staticmethod
    def count_datasets(search_query: str | None = None, *, archived: bool = False) -> int:
        actor.reader()
        counted = (
            select(func.count()).select_from(Dataset).where(*_matching(search_query, archived))
        )
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def get_dataset_details(dataset_id: int) -> DatasetDetails | None:
        """A data set with its versions, newest first; None if there is none."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            wanted = (
                select(Dataset, User.name)
                .join(User, User.id == Dataset.owner_id)
                .where(Dataset.id == dataset_id)
            )
            row = session.execute(wanted).one_or_none()
            if row is None:
                return None
            return {**_view(session, *row), "versions": _versions(session, dataset_id)}

    @staticmethod
    def get_dataset_statistics(dataset_id: int, version: int | None = None) -> DatasetStatistics:
        """Counts over the recordings of a version; the newest when none is named.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        from services.datasets.statistics import statistics_of

        with unit_of_work(writing=False) as session:
            return statistics_of(session, version_id_of(session, dataset_id, version))

    @staticmethod
    def add_recordings(dataset_id: int, stored: Sequence[StoredSamples], reason: str) -> AddedView:
        """Put stored samples into the next version; without anything new there is none.

        Raises
        ------
        NotFound
            If there is no such data set.
        Conflict
            If it is archived.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = _changeable(session, dataset_id)
            members = labels_of(session, latest_version(session, dataset_id))
            added = add_recordings(session, dataset, stored, members)
            if not any(recording.is_new for recording in added):
                return {"version": None, "recordings": added}
            version = add_version(session, dataset, members, reason)
            return {"version": version.number, "recordings": added}

    @staticmethod
    def check_changeable(dataset_id: int) -> None:
        """Pass when the actor may add to the data set.

        Raises
        ------
        NotFound
            If there is no such data set.
        Forbidden
            If it is somebody else's.
        Conflict
            If it is archived.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            _changeable(session, dataset_id, lock=False)

    @staticmethod
    def relabel(dataset_id: int, labels: Mapping[int, str | None], reason: str) -> int:
        """Make a version with other labels for some recordings; its number.

        Raises
        ------
        NotFound
            If the data set has no such recording.
        Invalid
            If nothing would change.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = _changeable(session, dataset_id)
            members = labels_of(session, latest_version(session, dataset_id))
            absent = set(labels) - set(members)
            if absent:
                raise NotFound(f"The newest version has no recording {min(absent)}.")
            changed = members | {key: _clean_label(label) for key, label in labels.items()}
            if changed == members:
                raise Invalid("These recordings have these labels already.")
            return add_version(session, dataset, changed, reason.strip() or "relabelled").number

    @staticmethod
    def remove_recordings(dataset_id: int, recording_ids: Sequence[int], reason: str) -> int:
        """Make a version without some recordings; its number. Older versions keep them.

        Raises
        ------
        NotFound
            If the newest version has no such recording.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = _changeable(session, dataset_id)
            members = labels_of(session, latest_version(session, dataset_id))
            absent = set(recording_ids) - set(members)
            if absent or not recording_ids:
                raise NotFound("The newest version has no such recording.")
            kept = {key: label for key, label in members.items() if key not in set(recording_ids)}
            return add_version(
                session, dataset, kept, reason.strip() or "recordings removed"
            ).number

    @staticmethod
    def archive_dataset(dataset_id: int) -> bool:
        """Put a data set out of sight; experiments on it stay. False if there is none."""
        actor.writer()
        return _set_archived(dataset_id, now())

    @staticmethod
    def restore_dataset(dataset_id: int) -> bool:
        """Bring an archived data set back. False if there is none."""
        actor.writer()
        return _set_archived(dataset_id, None)

    @staticmethod
    def delete_dataset(dataset_id: int, delete_file: bool = False) -> bool:
        """Delete a data set with its recordings; False if there is none.

        ``delete_file`` deletes the files of its recordings too, where no other data set
        has the same samples.

        Raises
        ------
        Conflict
            If an experiment was made on it.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = session.get(Dataset, dataset_id)
            if dataset is None:
                return False
            actor.owner_or_admin(dataset.owner_id)
            _refuse_when_used(session, dataset)
            explanations = forget_recordings(session, dataset_id)
            keys = _delete_rows(session, dataset)
            events.record(session, "dataset.deleted", f"dataset:{dataset_id}", name=dataset.name)
        delete_unnamed(explanations)
        if delete_file:
            delete_unnamed(keys)
        return True


def _clean_name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise Invalid(
            f"A data set needs a name of 1 to {LONGEST_NAME} characters that can be shown."
        )
    return clean


def _clean_label(label: str | None) -> str | None:
    clean = (label or "").strip()
    if len(clean) > LONGEST_NAME or not clean.isprintable():
        raise Invalid(f"A label has at most {LONGEST_NAME} characters that can be shown.")
    return clean or None


def _matching(search: str | None, archived: bool) -> list[ColumnElement[bool]]:
    hidden = Dataset.archived_at.is_not(None)
    conditions: list[ColumnElement[bool]] = [hidden if archived else ~hidden]
    if search and search.strip():
        conditions.append(Dataset.name.icontains(search.strip(), autoescape=True))
    return conditions


def _view(session: Session, dataset: Dataset, owner_name: str) -> DatasetView:
    version = latest_version(session, dataset.id)
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
        "recording_count": version.recording_count if version else 0,
        "class_count": version.class_count if version else 0,
        "duration_s": version.duration_s if version else 0.0,
        "warning_count": version.warned_count if version else 0,
    }


def _versions(session: Session, dataset_id: int) -> list[VersionView]:
    rows = session.execute(
        select(DatasetVersion, User.name)
        .join(User, User.id == DatasetVersion.created_by)
        .where(DatasetVersion.dataset_id == dataset_id)
        .order_by(DatasetVersion.number.desc())
    )
    return [
        {
            "id": version.id,
            "number": version.number,
            "reason": version.reason,
            "content_hash": version.content_hash,
            "recording_count": version.recording_count,
            "created_by": name,
            "created_at": version.created_at,
        }
        for version, name in rows
    ]


def _changeable(session: Session, dataset_id: int, *, lock: bool = True) -> Dataset:
    dataset = find_dataset(session, dataset_id, lock=lock)
    actor.owner_or_admin(dataset.owner_id)
    if dataset.archived_at is not None:
        raise Conflict(f"“{dataset.name}” is archived. Restore it first.")
    return dataset


def _set_archived(dataset_id: int, moment: datetime | None) -> bool:
    with unit_of_work() as session:
        dataset = session.get(Dataset, dataset_id)
        if dataset is None:
            return False
        actor.owner_or_admin(dataset.owner_id)
        dataset.archived_at = moment
        verb = "archived" if moment else "restored"
        events.record(session, f"dataset.{verb}", f"dataset:{dataset_id}")
        return True


def _refuse_when_used(session: Session, dataset: Dataset) -> None:
    counted = (
        select(func.count())
        .select_from(Experiment)
        .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
        .where(DatasetVersion.dataset_id == dataset.id)
    )
    used = session.scalar(counted) or 0
    if used:
        made = "1 experiment was" if used == 1 else f"{used} experiments were"
        raise Conflict(f"{made} made on “{dataset.name}”. Archive it instead.")


def _delete_rows(session: Session, dataset: Dataset) -> list[str]:
    """Delete the data set's rows; the keys of the files of its recordings."""
    mine = select(Recording.artefact_key).where(Recording.dataset_id == dataset.id)
    keys = set(session.scalars(mine))
    versions = select(DatasetVersion.id).where(DatasetVersion.dataset_id == dataset.id)
    session.execute(delete(DatasetMember).where(DatasetMember.version_id.in_(versions)))
    session.execute(delete(DatasetVersion).where(DatasetVersion.dataset_id == dataset.id))
    for recording in session.scalars(select(Recording).where(Recording.dataset_id == dataset.id)):
        session.delete(recording)
    session.flush()
    session.delete(dataset)
    session.flush()
    return sorted(keys)
