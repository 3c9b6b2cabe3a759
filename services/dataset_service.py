"""Data sets and their versions: what people do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from models import (
    Dataset,
    DatasetExport,
    DatasetMember,
    DatasetVersion,
    Experiment,
    Origin,
    Recording,
    RecordingChannel,
)
from models.base import now
from services import actor, events
from services.datasets.additions import Added, add_recordings
from services.datasets.changing import changeable, clean_label, clean_reason
from services.datasets.preview import DatasetPreview, preview_of
from services.datasets.recording_store import StoredSamples
from services.datasets.statistics import (
    Crossing,
    DatasetStatistics,
    WarningGroup,
    crossing_of,
    statistics_of,
    warning_groups,
)
from services.datasets.versions import (
    Change,
    add_version,
    labels_of,
    latest_version,
    version_id_of,
)
from services.datasets.views import (
    DatasetDetails,
    DatasetView,
    ExperimentUse,
    count_uses,
    dataset_view,
    list_versions,
    matching,
    sorted_by,
    use_view,
    uses,
    with_newest,
)
from services.errors import Conflict, Invalid, NotFound
from services.explanation_cache import forget_recordings
from services.features.tables import forget_features
from services.files.kept_files import delete_unnamed
from services.paging import MOST_OFFERED, paged
from services.runtime import unit_of_work

MAX_DATASET_LIST_LIMIT = 100
LONGEST_NAME = 120
LONGEST_DESCRIPTION = 10_000
# Experiments that the refusal to delete names.
MOST_NAMED = 5


class DatasetName(TypedDict):
    id: int
    name: str
    owner_id: int
    recording_count: int


class AddedView(TypedDict):
    version: int | None
    recordings: list[Added]


class DatasetService:
    """Make, list, extend, relabel, archive and delete data sets."""

    @staticmethod
    def create(
        name: str,
        description: str = "",
        origin: Origin = Origin.IMPORTED,
        provenance: Mapping[str, Any] | None = None,
    ) -> int:
        """A new, empty data set of the actor; ``provenance`` says how one was generated.

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
            _refuse_taken(session, name)
            dataset = Dataset(
                name=name,
                description=_clean_description(description),
                origin=origin,
                owner_id=owner_id,
                provenance=None if provenance is None else dict(provenance),
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
        sort: str = "name",
        descending: bool = False,
    ) -> list[DatasetView]:
        """Data sets by name; at most ``MAX_DATASET_LIST_LIMIT`` of them.

        Raises
        ------
        Invalid
            If the list cannot be sorted so.
        """
        actor.reader()
        wanted = paged(
            with_newest()
            .where(*matching(search_query, archived=archived))
            .order_by(*sorted_by(sort, descending=descending)),
            min(limit, MAX_DATASET_LIST_LIMIT),
            offset,
        )
        with unit_of_work(writing=False) as session:
            return [dataset_view(row) for row in session.execute(wanted)]

    @staticmethod
    def list_names(also: int | None = None, *, owner_id: int | None = None) -> list[DatasetName]:
        """Data sets that are not archived, to choose one from: the ``MOST_OFFERED`` newest by name.

        ``owner_id`` leaves out those of other people. ``also`` names one that is to be among
        them though it is older, archived or of somebody else.
        """
        actor.reader()
        owned = [] if owner_id is None else [Dataset.owner_id == owner_id]
        offered = (
            select(Dataset.id)
            .where(Dataset.archived_at.is_(None), *owned)
            .order_by(Dataset.id.desc())
            .limit(MOST_OFFERED)
        )
        newest = (
            select(DatasetVersion.recording_count)
            .where(DatasetVersion.dataset_id == Dataset.id)
            .order_by(DatasetVersion.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        wanted = (
            select(Dataset.id, Dataset.name, Dataset.owner_id, func.coalesce(newest, 0))
            .where(or_(Dataset.id.in_(offered), Dataset.id == also))
            .order_by(func.lower(Dataset.name), Dataset.id)
        )
        with unit_of_work(writing=False) as session:
            return [
                {"id": key, "name": name, "owner_id": owner_id, "recording_count": count}
                for key, name, owner_id, count in session.execute(wanted)
            ]

    @staticmethod
    def count_datasets(search_query: str | None = None, *, archived: bool = False) -> int:
        actor.reader()
        found = matching(search_query, archived=archived)
        with unit_of_work(writing=False) as session:
            return session.scalar(select(func.count()).select_from(Dataset).where(*found)) or 0

    @staticmethod
    def get_dataset_details(dataset_id: int) -> DatasetDetails | None:
        """A data set with its ``MOST_OFFERED`` newest versions, newest first; None if none is."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = session.execute(with_newest().where(Dataset.id == dataset_id)).one_or_none()
            if row is None:
                return None
            return {
                **dataset_view(row),
                "versions": list_versions(session, dataset_id, MOST_OFFERED),
                "provenance": row[0].provenance,
                "experiment_count": count_uses(session, dataset_id),
            }

    @staticmethod
    def list_experiments(dataset_id: int, limit: int = 50, offset: int = 0) -> list[ExperimentUse]:
        """Experiments that were made on any version of a data set, newest first."""
        actor.reader()
        page = uses(dataset_id).order_by(Experiment.id.desc())
        newest = paged(page, limit, offset)
        with unit_of_work(writing=False) as session:
            return [use_view(row) for row in session.execute(newest)]

    @staticmethod
    def get_dataset_statistics(dataset_id: int, version: int | None = None) -> DatasetStatistics:
        """Counts over the recordings of a version; the newest when none is named.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return statistics_of(session, version_id_of(session, dataset_id, version))

    @staticmethod
    def get_crossing(
        dataset_id: int, rows: str = "label", columns: str = "load", version: int | None = None
    ) -> Crossing:
        """How many recordings have which value of two fields: class, bearing, load, attributes.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If no recording has the field, or the two have too many values for a table.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)
            return crossing_of(session, version_id, rows, columns)

    @staticmethod
    def list_warnings(dataset_id: int, version: int | None = None) -> list[WarningGroup]:
        """The quality warnings of a version by kind, the most frequent first.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return warning_groups(session, version_id_of(session, dataset_id, version))

    @staticmethod
    def get_dataset_preview(
        dataset_id: int, num_samples: int = 3, version: int | None = None
    ) -> DatasetPreview:
        """How a few recordings of each class look; of the newest version when none is named.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)
            return preview_of(session, dataset_id, version_id, num_samples)

    @staticmethod
    def edit_dataset(
        dataset_id: int, *, name: str | None = None, description: str | None = None
    ) -> None:
        """Give a data set another name or description; what is None stays.

        Raises
        ------
        NotFound
            If there is no such data set.
        Invalid
            If the name or the description cannot be used.
        Conflict
            If the name is taken, or the data set is archived.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = changeable(session, dataset_id)
            if name is not None and _clean_name(name) != dataset.name:
                _refuse_taken(session, _clean_name(name))
                dataset.name = _clean_name(name)
            if description is not None:
                dataset.description = _clean_description(description)
            events.record(session, "dataset.edited", f"dataset:{dataset_id}", name=dataset.name)

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
            dataset = changeable(session, dataset_id)
            added, change = add_recordings(session, dataset, stored)
            if not change.added:
                return {"version": None, "recordings": added}
            version = add_version(session, dataset, change, reason)
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
            changeable(session, dataset_id, lock=False)

    @staticmethod
    def relabel(
        dataset_id: int,
        labels: Mapping[int, str | None],
        reason: str,
        based_on: int | None = None,
    ) -> int:
        """Make a version with other labels for some recordings; its number.

        ``based_on`` is the version that the person saw when deciding.

        Raises
        ------
        NotFound
            If the data set has no such recording.
        Invalid
            If nothing would change.
        Conflict
            If there is a newer version than ``based_on``, or the data set is archived.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = changeable(session, dataset_id, based_on=based_on)
            members = labels_of(session, latest_version(session, dataset_id), labels)
            absent = set(labels) - set(members)
            if absent:
                raise NotFound(f"The newest version has no recording {min(absent)}.")
            clean = {key: clean_label(label) for key, label in labels.items()}
            other = {key: label for key, label in clean.items() if label != members[key]}
            if not other:
                raise Invalid("These recordings have these labels already.")
            change = Change(relabelled=other)
            return add_version(session, dataset, change, clean_reason(reason, "relabelled")).number

    @staticmethod
    def remove_recordings(
        dataset_id: int, recording_ids: Sequence[int], reason: str, based_on: int | None = None
    ) -> int:
        """Make a version without some recordings; its number. Older versions keep them.

        ``based_on`` is the version that the person saw when deciding.

        Raises
        ------
        NotFound
            If the newest version has no such recording.
        Conflict
            If there is a newer version than ``based_on``, or the data set is archived.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = changeable(session, dataset_id, based_on=based_on)
            gone = frozenset(recording_ids)
            members = labels_of(session, latest_version(session, dataset_id), gone)
            if not gone or gone - set(members):
                raise NotFound("The newest version has no such recording.")
            why = clean_reason(reason, "recordings removed")
            return add_version(session, dataset, Change(removed=gone), why).number

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
    def export_dataset(
        dataset_id: int, format: str = "hdf5", output_dir: str = "exports"
    ) -> str | None:
        """Write the newest version to one file, here and now: its key inside the store.

        ``format`` is ``hdf5``, ``mat``, ``csv`` or ``parquet``; ``output_dir`` a folder of the
        store. None if there is no such data set. Pages and API have a job do this:
        :class:`services.export_service.ExportService`.

        Raises
        ------
        Invalid
            If there is nothing to export, or format or folder cannot be used.
        """
        from services.export_service import ExportService

        actor.writer()
        if DatasetService.get_dataset_details(dataset_id) is None:
            return None
        made = ExportService.make_export(dataset_id, None, format, output_dir)
        return made["artefact_key"]

    @staticmethod
    def delete_dataset(dataset_id: int, delete_file: bool = False) -> bool:
        """Delete a data set with its recordings, exports and feature sets; False if there is none.

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
            gone = [*forget_recordings(session, dataset_id), *_exports(session, dataset_id)]
            gone += forget_features(session, dataset_id)
            keys = _delete_rows(session, dataset)
            events.record(session, "dataset.deleted", f"dataset:{dataset_id}", name=dataset.name)
        delete_unnamed(gone)
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


def _clean_description(description: str) -> str:
    clean = description.strip()
    if len(clean) > LONGEST_DESCRIPTION:
        raise Invalid(
            f"A description has at most {LONGEST_DESCRIPTION} characters, got {len(clean)}."
        )
    if not clean.replace("\n", "").replace("\t", "").replace("\r", "").isprintable():
        raise Invalid("The description has characters that cannot be shown. Type it anew.")
    return clean


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(select(Dataset.id).where(Dataset.name == name)) is not None:
        raise Conflict(f"There is a data set “{name}” already. Choose another name.")


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
    used = count_uses(session, dataset.id)
    if not used:
        return
    newest = uses(dataset.id).order_by(Experiment.id.desc()).limit(MOST_NAMED)
    names = [f"“{row.name}”" for row in session.execute(newest)]
    more = f" and {used - len(names)} more" if used > len(names) else ""
    made = "1 experiment was" if used == 1 else f"{used} experiments were"
    raise Conflict(
        f"{made} made on “{dataset.name}”: {', '.join(names)}{more}. Archive it instead."
    )


def _exports(session: Session, dataset_id: int) -> Sequence[str]:
    """Keys of the files that were made of a data set; their rows go with its versions."""
    of_version = DatasetVersion.id == DatasetExport.version_id
    keys = select(DatasetExport.artefact_key).join(DatasetVersion, of_version)
    return session.scalars(keys.where(DatasetVersion.dataset_id == dataset_id)).all()


def _delete_rows(session: Session, dataset: Dataset) -> list[str]:
    """Delete the data set's rows; the keys of the files of its recordings."""
    mine = Recording.dataset_id == dataset.id
    keys = set(session.scalars(select(Recording.artefact_key).where(mine)))
    versions = select(DatasetVersion.id).where(DatasetVersion.dataset_id == dataset.id)
    recordings = select(Recording.id).where(mine)
    # By conditions and not row by row: there may be a hundred thousand.
    for rows in (
        delete(DatasetMember).where(DatasetMember.version_id.in_(versions)),
        delete(DatasetVersion).where(DatasetVersion.dataset_id == dataset.id),
        delete(RecordingChannel).where(RecordingChannel.recording_id.in_(recordings)),
        delete(Recording).where(mine),
    ):
        session.execute(rows, execution_options={"synchronize_session": False})
    session.delete(dataset)
    session.flush()
    return sorted(keys)
