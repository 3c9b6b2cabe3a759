"""Keep the narrow rows beside experiments current, whoever changes what they follow from.

They are written in the transaction of the change, right after it: nothing that is added,
renamed, tagged or finished can be forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, event, insert, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from diagnostics.training.classifiers import NAMED
from models import (
    CampaignRun,
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentEntry,
    ExperimentTag,
    ExperimentText,
    ExperimentValue,
    Job,
    RepeatedRun,
    Tag,
    User,
)
from services.search.values import values_of
from services.search.words import as_words

AT_ONCE = 500
TITLES = {card.name: card.title for card in NAMED}


def keep_current() -> None:
    """Follow every session from now on; to say so twice changes nothing."""
    if not event.contains(Session, "after_flush", follow):
        event.listen(Session, "after_flush", follow)


def follow(session: Session, _flush: UOWTransaction) -> None:
    """Write anew what has just been changed; SQLAlchemy calls it after each flush."""
    changed = [*session.new, *(row for row in session.dirty if session.is_modified(row))]
    experiments = [row for row in changed if isinstance(row, Experiment)]
    renamed = [row for row in changed if isinstance(row, Dataset) and _was_renamed(row)]
    tagged = {
        row.experiment_id for row in (*changed, *session.deleted) if isinstance(row, ExperimentTag)
    }
    runs = [row for row in changed if isinstance(row, RepeatedRun | CampaignRun)]
    if not (experiments or renamed or tagged or runs):
        return
    connection = session.connection()
    for row in renamed:
        _rename_data(connection, row)
    if experiments:
        _write(connection, experiments)
    _write_tags(connection, tagged - {row.id for row in experiments})
    for run in runs:
        entry = update(ExperimentEntry).where(ExperimentEntry.experiment_id == run.experiment_id)
        repeated_id = run.repeated_id if isinstance(run, RepeatedRun) else None
        connection.execute(entry.values(is_run=True, repeated_id=repeated_id))


def classifier_title(name: str) -> str:
    return TITLES.get(name, name)


def _was_renamed(dataset: Dataset) -> bool:
    return bool(inspect(dataset).attrs.name.history.has_changes())


def _write(connection: Connection, experiments: Collection[Experiment]) -> None:
    ids = [row.id for row in experiments]
    datasets = _datasets(connection, {row.version_id for row in experiments})
    owners = _pairs(connection, User.id, User.name, {row.owner_id for row in experiments})
    states = _pairs(connection, Job.id, Job.status, {row.job_id for row in experiments})
    tags = _tags(connection, ids)
    runs = _pairs(connection, RepeatedRun.experiment_id, RepeatedRun.repeated_id, ids)
    trials = _pairs(connection, CampaignRun.experiment_id, CampaignRun.trial_id, ids)
    entries = [
        {
            "experiment_id": row.id,
            "archived": row.archived_at is not None,
            "created_at": row.created_at,
            "owner_id": row.owner_id,
            "owner_name": owners[row.owner_id],
            "version_id": row.version_id,
            "job_id": row.job_id,
            "status": states.get(row.job_id),
            "classifier": row.classifier,
            "sort_name": row.name.lower(),
            "sort_data": _sort_data(*datasets[row.version_id]),
            "is_run": row.id in runs or row.id in trials,
            "repeated_id": runs.get(row.id),
        }
        for row in experiments
    ]
    texts = [
        {
            "experiment_id": row.id,
            "name_words": as_words(row.name),
            "tag_words": tags.get(row.id, ""),
            "data_words": _data_words(row.classifier, datasets[row.version_id][0]),
            "note_words": as_words(row.notes or ""),
        }
        for row in experiments
    ]
    values = [
        {"experiment_id": row.id, "name": name, "number": value.number, "text": value.text}
        for row in experiments
        for name, value in values_of(row).items()
    ]
    for table, rows in (
        (ExperimentEntry, entries),
        (ExperimentText, texts),
        (ExperimentValue, values),
    ):
        for some in _chunks(ids):
            connection.execute(delete(table).where(table.experiment_id.in_(some)))
        if rows:
            connection.execute(insert(table), rows)


def _pairs(connection: Connection, key: Any, value: Any, wanted: Iterable[Any]) -> dict[Any, Any]:
    known = select(key, value).where(key.in_({one for one in wanted if one is not None}))
    return {row[0]: row[1] for row in connection.execute(known)}


def _sort_data(name: str, number: int) -> str:
    return f"{name.lower()} {number:08d}"


def _data_words(classifier: str, dataset: str) -> str:
    return as_words(classifier, classifier_title(classifier), dataset)


def _datasets(connection: Connection, versions: Collection[int]) -> dict[int, tuple[str, int]]:
    """Names of data sets with the number of their version, by its id."""
    wanted = (
        select(DatasetVersion.id, Dataset.name, DatasetVersion.number)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id.in_(versions))
        # Nobody renames it before this is committed.
        .with_for_update(read=True, of=Dataset)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(wanted)}


def _tags(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The words of their tags by experiment."""
    found: dict[int, list[str]] = {}
    for some in _chunks(ids):
        wanted = (
            select(ExperimentTag.experiment_id, Tag.name)
            .join(Tag, Tag.id == ExperimentTag.tag_id)
            .where(ExperimentTag.experiment_id.in_(some))
            .order_by(ExperimentTag.experiment_id, Tag.slug)
        )
        for experiment_id, name in connection.execute(wanted):
            found.setdefault(experiment_id, []).append(name)
    return {key: as_words(*names) for key, names in found.items()}


def _write_tags(connection: Connection, ids: Collection[int]) -> None:
    # Who tags the same experiments waits here, and then sees what has been committed meanwhile.
    for some in _chunks(sorted(ids)):
        held = select(ExperimentText.experiment_id).where(ExperimentText.experiment_id.in_(some))
        connection.execute(held.order_by(ExperimentText.experiment_id).with_for_update())
    tags = _tags(connection, ids)
    for number in ids:
        entry = update(ExperimentText).where(ExperimentText.experiment_id == number)
        connection.execute(entry.values(tag_words=tags.get(number, "")))


def _rename_data(connection: Connection, dataset: Dataset) -> None:
    versions = select(DatasetVersion.id, DatasetVersion.number)
    for version_id, number in connection.execute(
        versions.where(DatasetVersion.dataset_id == dataset.id)
    ).all():
        own = ExperimentEntry.version_id == version_id
        renamed = update(ExperimentEntry).where(own)
        connection.execute(renamed.values(sort_data=_sort_data(dataset.name, number)))
        for classifier in connection.scalars(
            select(ExperimentEntry.classifier).where(own).distinct()
        ).all():
            theirs = select(ExperimentEntry.experiment_id).where(
                own, ExperimentEntry.classifier == classifier
            )
            changed = update(ExperimentText).where(ExperimentText.experiment_id.in_(theirs))
            data_words = _data_words(classifier, dataset.name)
            connection.execute(changed.values(data_words=data_words))


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    unread = iter(ids)
    while some := list(islice(unread, AT_ONCE)):
        yield some
