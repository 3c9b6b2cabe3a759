"""What has a name, found by it: for who knows what something is called and not where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from sqlalchemy import Select, or_, select

from models import (
    Bearing,
    Campaign,
    Dataset,
    DatasetVersion,
    Experiment,
    FeatureSet,
    Machine,
    Recording,
    RepeatedExperiment,
    Source,
)
from services import actor
from services.runtime import unit_of_work
from services.text_search import contains

FEWEST_CHARACTERS = 2
MOST_CHARACTERS = 200
MOST_OF_A_KIND = 5

Statement = Select[*tuple[Any, ...]]


class Found(TypedDict):
    """``about`` says where it belongs, and is empty where the name is enough."""

    kind: str
    id: int | str
    name: str
    about: str


class GlobalSearchService:
    @staticmethod
    def find(text: str) -> list[Found]:
        """Objects whose name holds the text, in whatever case: the newest five of each kind.

        What is archived is left out. A text of fewer than two characters finds nothing.
        """
        actor.reader()
        wanted = text.strip()[:MOST_CHARACTERS]
        if len(wanted) < FEWEST_CHARACTERS:
            return []
        with unit_of_work(writing=False) as session:
            return [
                {"kind": kind, "id": id, "name": name, "about": about or ""}
                for kind, statement in _statements(wanted)
                for id, name, about in session.execute(statement.limit(MOST_OF_A_KIND))
            ]


def _statements(text: str) -> Iterator[tuple[str, Statement]]:
    """One statement for each kind; each gives id, name and what it is about."""
    yield "dataset", _described(Dataset, text).where(Dataset.archived_at.is_(None))
    yield (
        "recording",
        select(Recording.id, Recording.name, Dataset.name)
        .join(Dataset, Dataset.id == Recording.dataset_id)
        .where(contains(Recording.name, text), Dataset.archived_at.is_(None))
        .order_by(Recording.id.desc()),
    )
    yield "machine", _described(Machine, text)
    yield (
        # It is shown on the page of its machine.
        "bearing",
        select(Machine.id, Bearing.name, Machine.name)
        .join(Machine, Machine.id == Bearing.machine_id)
        .where(or_(contains(Bearing.name, text), contains(Bearing.designation, text)))
        .order_by(Bearing.id.desc()),
    )
    yield "source", _described(Source, text)
    yield "feature_set", _made_on_data(FeatureSet, FeatureSet.dataset_version_id, text)
    experiments = _made_on_data(Experiment, Experiment.version_id, text)
    yield "experiment", experiments.where(Experiment.archived_at.is_(None))
    yield "repeated", _made_on_data(RepeatedExperiment, RepeatedExperiment.version_id, text)
    yield "campaign", _made_on_data(Campaign, Campaign.version_id, text)


def _described(table: Any, text: str) -> Statement:
    named = select(table.id, table.name, table.description).where(contains(table.name, text))
    return named.order_by(table.id.desc())


def _made_on_data(table: Any, version_id: Any, text: str) -> Statement:
    return (
        select(table.id, table.name, Dataset.name)
        .join(DatasetVersion, DatasetVersion.id == version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(contains(table.name, text))
        .order_by(table.id.desc())
    )
