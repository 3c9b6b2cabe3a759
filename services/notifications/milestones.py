"""Whether a training is the best so far on what it was tested on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Event, Experiment, ExperimentEntry, ExperimentValue
from services.notifications.messages import Message, number_in

SCORE = "accuracy"
# Of a data set with more experiments only so many of the best are looked at.
MOST_COMPARED = 500


def milestone(session: Session, event: Event) -> Message | None:
    """Tell of an accuracy that no earlier experiment had on the same test recordings.

    Scores of other recordings, or of windows drawn at random, say nothing against each other.
    """
    experiment = session.get(Experiment, number_in(event))
    if experiment is None:
        return None
    own, tested = _score(session, experiment.id), _tested(experiment.split)
    if own is None or not tested:
        return None
    before = _best_before(session, experiment, tested)
    if before is None or own <= before:
        return None
    data = {"name": experiment.name, "percent": _percent(own), "percent_before": _percent(before)}
    link = f"/experiments/{experiment.id}"
    return Message("accuracy.milestone", [experiment.owner_id], data, link)


def _best_before(session: Session, experiment: Experiment, tested: frozenset[str]) -> float | None:
    """The best of the earlier ones on the same recordings; None where there is none.

    One by one from the best downwards: a split holds the side of every recording.
    """
    others = (
        select(ExperimentValue.experiment_id, ExperimentValue.number)
        .join(ExperimentEntry, ExperimentEntry.experiment_id == ExperimentValue.experiment_id)
        .where(
            ExperimentEntry.version_id == experiment.version_id,
            ExperimentValue.name == SCORE,
            ExperimentValue.experiment_id < experiment.id,
        )
        .order_by(ExperimentValue.number.desc())
        .limit(MOST_COMPARED)
    )
    for other_id, number in session.execute(others).all():
        split = session.scalar(select(Experiment.split).where(Experiment.id == other_id))
        if split is not None and _tested(split) == tested:
            return number
    return None


def _score(session: Session, experiment_id: int) -> float | None:
    own = select(ExperimentValue.number).where(
        ExperimentValue.experiment_id == experiment_id, ExperimentValue.name == SCORE
    )
    return session.scalar(own)


def _tested(split: dict[str, Any]) -> frozenset[str]:
    """The recordings of the test; none where windows of all were drawn."""
    sides = split.get("sides", {}).items()
    return frozenset(number for number, side in sides if side == "test")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
