"""What can be explained: experiments with a classifier, and their recordings."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import select

from models import Experiment, Recording
from services.errors import NotFound
from services.evaluation.views import is_explainable
from services.experiments.sides import SHARED
from services.explanations.asking import methods_of
from services.paging import paged
from services.runtime import unit_of_work

# What was held out says most, so it comes first.
SIDE_ORDER = ("test", "validation", "train", SHARED)


class NetworkChoice(TypedDict):
    """An experiment that can be explained, and the methods that fit it."""

    experiment_id: int
    name: str
    class_names: list[str]
    methods: list[str]


class RecordingChoice(TypedDict):
    """A recording of an experiment, with the side it was on and its true class."""

    recording_id: int
    name: str
    side: str
    true_class: str


def trained(limit: int, *, networks_only: bool) -> list[NetworkChoice]:
    """Experiments with a trained classifier, newest first."""
    newest = paged(
        select(Experiment)
        .where(Experiment.checkpoint_key.is_not(None), Experiment.archived_at.is_(None))
        .order_by(Experiment.id.desc()),
        limit,
    )
    with unit_of_work(writing=False) as session:
        return [
            {
                "experiment_id": row.id,
                "name": row.name,
                "class_names": list(row.class_names),
                "methods": methods_of(row),
            }
            for row in session.scalars(newest)
            if is_explainable(row) or not networks_only
        ]


def recordings_of(experiment_id: int) -> list[RecordingChoice]:
    """The recordings of an experiment, those that were held out first.

    Raises
    ------
    NotFound
        If there is no such experiment.
    """
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}.")
        sides, targets = experiment.split["sides"], experiment.split["targets"]
        named = select(Recording.id, Recording.name).where(Recording.id.in_(map(int, sides)))
        names = session.execute(named).all()
    found: list[RecordingChoice] = [
        {
            "recording_id": number,
            "name": name,
            "side": sides[str(number)],
            "true_class": targets[str(number)],
        }
        for number, name in names
    ]
    return sorted(found, key=lambda row: (SIDE_ORDER.index(row["side"]), row["name"]))
