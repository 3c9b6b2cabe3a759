"""Keep the narrow rows beside experiments current, whoever changes what they follow from.

They are written in the transaction of the change, right after it: nothing that is added,
renamed, tagged or finished can be forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, delete, event, insert, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from diagnostics.training.classifiers import CLASSIFIERS
from models import (
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentEntry,
    ExperimentTag,
    ExperimentValue,
    Tag,
)
from services.search.values import values_of
from services.search.words import as_words

AT_ONCE = 500
TITLES = {card.name: card.title for card in CLASSIFIERS}


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
    if not (experiments or renamed or tagged):
        return
    connection = session.connection()
    for row in renamed:
        _rename_data(connection, row)
    if experiments:
        _write(connection, experiments)
    _write_tags(connection, tagged - {row.id for row in experiments})


def classifier_title(name: str) -> str:
    return TITLES.get(name, name)


def _was_renamed(dataset: Dataset) -> bool:
    return bool(inspect(dataset).attrs.name.history.has_changes())


def _write(connection: Connection, experiments: Collection[Experiment]) -> None:
    ids = [row.id for row in experiments]
    datasets = _datasets(connection, {row.version_id for row in experiments})
    tags = _tags(connection, ids)
    known = set(_scalars(connection, select(ExperimentEntry.experiment_id), ids))
    entries = [_entry(row, datasets[row.version_id], tags.get(row.id, "")) for row in experiments]
    fresh = [entry for entry in entries if entry["experiment_id"] not in known]
    if fresh:
        connection.execute(insert(ExperimentEntry), fresh)
    for entry in entries:
        if (number := entry["experiment_id"]) in known:
            changed = update(ExperimentEntry).where(ExperimentEntry.experiment_id == number)
            connection.execute(changed.values(entry))
    connection.execute(delete(ExperimentValue).where(ExperimentValue.experiment_id.in_(ids)))
    values = [
        {"experiment_id": row.id, "name": name, "number": value.number, "text": value.text}
        for row in experiments
        for name, value in values_of(row).items()
    ]
    if values:
        connection.execute(insert(ExperimentValue), values)


def _entry(experiment: Experiment, dataset: str, tags: str) -> dict[str, Any]:
    return {
        "experiment_id": experiment.id,
        "archived": experiment.archived_at is not None,
        "created_at": experiment.created_at,
        "owner_id": experiment.owner_id,
        "version_id": experiment.version_id,
        "job_id": experiment.job_id,
        "classifier": experiment.classifier,
        "sort_name": experiment.name.lower(),
        "name_words": as_words(experiment.name),
        "tag_words": tags,
        "data_words": _data_words(experiment.classifier, dataset),
        "note_words": as_words(experiment.notes or ""),
    }


def _data_words(classifier: str, dataset: str) -> str:
    return as_words(classifier, classifier_title(classifier), dataset)


def _datasets(connection: Connection, versions: Collection[int]) -> dict[int, str]:
    """Names of data sets by the id of their version."""
    wanted = (
        select(DatasetVersion.id, Dataset.name)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id.in_(versions))
    )
    return {row[0]: row[1] for row in connection.execute(wanted)}


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
    tags = _tags(connection, ids)
    for number in ids:
        entry = update(ExperimentEntry).where(ExperimentEntry.experiment_id == number)
        connection.execute(entry.values(tag_words=tags.get(number, "")))


def _rename_data(connection: Connection, dataset: Dataset) -> None:
    versions = select(DatasetVersion.id).where(DatasetVersion.dataset_id == dataset.id)
    for card in TITLES:
        theirs = update(ExperimentEntry).where(
            ExperimentEntry.version_id.in_(versions), ExperimentEntry.classifier == card
        )
        connection.execute(theirs.values(data_words=_data_words(card, dataset.name)))


def _scalars(connection: Connection, wanted: Select[int], ids: Iterable[int]) -> Iterator[int]:
    for some in _chunks(ids):
        yield from connection.scalars(wanted.where(ExperimentEntry.experiment_id.in_(some)))


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    unread = iter(ids)
    while some := list(islice(unread, AT_ONCE)):
        yield some
