"""What can be explained: experiments with a classifier, and their recordings."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Experiment, Recording
from services.errors import NotFound
from services.evaluation.views import is_explainable
from services.experiments.classifier_sources import side_of
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
    """A recording of an experiment, with the side it was on and its true class.

    Both are empty for a recording that the experiment knows nothing of.
    """

    recording_id: int
    name: str
    side: str
    true_class: str


def trained(limit: int, *, networks_only: bool, also: int | None = None) -> list[NetworkChoice]:
    """Experiments with a trained classifier, newest first.

    ``also`` is one that is to be among them, if it is trained, however old and also archived.
    """
    known = select(Experiment).where(Experiment.checkpoint_key.is_not(None))
    newest = paged(
        known.where(Experiment.archived_at.is_(None)).order_by(Experiment.id.desc()), limit
    )
    with unit_of_work(writing=False) as session:
        rows = list(session.scalars(newest))
        if also is not None and also not in {row.id for row in rows}:
            rows += session.scalars(known.where(Experiment.id == also))
        return [
            {
                "experiment_id": row.id,
                "name": row.name,
                "class_names": list(row.class_names),
                "methods": methods_of(row),
            }
            for row in rows
            if is_explainable(row) or not networks_only
        ]


def recordings_of(experiment_id: int, also: int | None = None) -> list[RecordingChoice]:
    """The recordings of an experiment, those that were held out first.

    ``also`` is any other recording that is to be among them; it comes before all others, and is
    left out where it does not exist.

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
        other = None if also is None or str(also) in sides else session.get(Recording, also)
        first = [] if other is None else [_other(session, experiment, other)]
    found: list[RecordingChoice] = [
        {
            "recording_id": number,
            "name": name,
            "side": sides[str(number)],
            "true_class": targets[str(number)],
        }
        for number, name in names
    ]
    return first + sorted(found, key=lambda row: (SIDE_ORDER.index(row["side"]), row["name"]))


def _other(session: Session, experiment: Experiment, recording: Recording) -> RecordingChoice:
    """One that is not among them, unless as a copy of one that is."""
    return {
        "recording_id": recording.id,
        "name": recording.name,
        "side": side_of(session, experiment, recording) or "",
        "true_class": "",
    }
