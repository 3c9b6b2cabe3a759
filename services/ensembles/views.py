"""Ensembles as services show them, and the rows behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from diagnostics.training.classifiers import classifier
from models import Ensemble, EnsembleMember, Experiment


class MemberView(TypedDict):
    """One that votes. ``scores`` are those over the recordings that the ensemble is tested on.

    ``weight`` is its share of the vote, None until a job has found it; ``validation`` is where
    it comes from: balanced accuracy over so many recordings of the validation part.
    """

    experiment_id: int
    name: str
    classifier: str
    classifier_title: str
    archived: bool
    weight: float | None
    scores: dict[str, float] | None
    validation: dict[str, float] | None


class EnsembleView(TypedDict):
    """``by_window`` is None until there is a result; ``changed`` names members whose predictions
    are not those that were counted any more."""

    experiment_id: int
    voting: str
    weighting: str
    by_window: bool | None
    members: list[MemberView]
    changed: list[str]


class PlanMemberView(TypedDict):
    experiment_id: int
    name: str
    classifier: str
    classifier_title: str
    recordings: int
    weight: float | None


class EnsemblePlanView(TypedDict):
    """What would be tested. ``by_window`` says whether single windows are voted on, too."""

    members: list[PlanMemberView]
    class_names: list[str]
    recordings: int
    groups: int
    classes: dict[str, int]
    by_window: bool
    notes: list[str]


class UseView(TypedDict):
    """An ensemble that an experiment votes in."""

    experiment_id: int
    name: str


def find(session: Session, experiment_id: int) -> Ensemble | None:
    return session.get(Ensemble, experiment_id)


def members(session: Session, experiment_id: int) -> list[tuple[EnsembleMember, Experiment]]:
    """In the order in which they were chosen."""
    wanted = (
        select(EnsembleMember, Experiment)
        .join(Experiment, Experiment.id == EnsembleMember.member_id)
        .where(EnsembleMember.experiment_id == experiment_id)
        .options(defer(Experiment.split))
        .order_by(EnsembleMember.position)
    )
    return [(member, experiment) for member, experiment in session.execute(wanted)]


def view(session: Session, experiment_id: int) -> EnsembleView | None:
    """None for an experiment that is no ensemble."""
    ensemble = find(session, experiment_id)
    if ensemble is None:
        return None
    found = members(session, experiment_id)
    result = ensemble.result or {}
    counted = dict(result.get("of", []))
    return {
        "experiment_id": experiment_id,
        "voting": ensemble.voting,
        "weighting": ensemble.weighting,
        "by_window": result.get("by_window"),
        "members": [_member(member, experiment, result) for member, experiment in found],
        "changed": [
            experiment.name
            for _, experiment in found
            if counted and counted.get(experiment.id) != experiment.predictions_key
        ],
    }


def uses(session: Session, experiment_ids: Sequence[int]) -> list[tuple[int, int, str]]:
    """Member, ensemble and name of the ensemble, for all that vote in another one."""
    wanted = (
        select(EnsembleMember.member_id, Experiment.id, Experiment.name)
        .join(Experiment, Experiment.id == EnsembleMember.experiment_id)
        .where(EnsembleMember.member_id.in_(experiment_ids))
        .order_by(Experiment.id)
    )
    return [(member, ensemble, name) for member, ensemble, name in session.execute(wanted)]


def _member(member: EnsembleMember, experiment: Experiment, result: dict[str, Any]) -> MemberView:
    place = member.position
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "classifier": experiment.classifier,
        "classifier_title": classifier(experiment.classifier).title,
        "archived": experiment.archived_at is not None,
        "weight": member.weight,
        "scores": result["scores"][place] if result else None,
        "validation": result["validation"][place] if result.get("validation") else None,
    }
