"""What a worker does for an ensemble: read who votes, keep what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.evaluation.voting import Voting
from models import Experiment
from services import actor, events
from services.ensembles import leakage, views
from services.ensembles import panel as panels
from services.ensembles.panel import Panel
from services.errors import NotFound
from services.experiments.runs import environment
from services.experiments.views import find as find_experiment
from services.files.kept_files import hold
from services.runtime import artefacts, unit_of_work


@dataclass(frozen=True)
class Election:
    """Who votes and how. A weight is None where the validation part decides it."""

    panel: Panel
    voting: Voting
    weights: tuple[float | None, ...]


@dataclass(frozen=True)
class Elected:
    """What came of a vote; ``validation`` has what the weights were made of, if they were.

    ``seconds`` is the time that the vote took.
    """

    predictions: bytes
    report: bytes
    summary: dict[str, Any]
    weights: Sequence[float]
    by_window: bool
    scores: Sequence[dict[str, float]]
    validation: Sequence[dict[str, float]] | None
    seconds: float


class EnsembleRunService:
    """Read what is to be voted on, keep what came out."""

    @staticmethod
    def find_summary(experiment_id: int) -> dict[str, Any] | None:
        """The test scores of a vote that is over; None while there are none.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return find_experiment(session, experiment_id).summary

    @staticmethod
    def election(experiment_id: int) -> Election:
        """Who votes and how, checked anew: nobody may have learned what is tested.

        Raises
        ------
        NotFound
            If there is no such ensemble.
        Invalid
            If the members cannot vote together any more.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            actor.owner_or_admin(find_experiment(session, experiment_id).owner_id)
            ensemble = views.find(session, experiment_id)
            if ensemble is None:
                raise NotFound(f"Experiment {experiment_id} is no ensemble.")
            voting = Voting(ensemble.voting)
            members = views.members(session, experiment_id)
            weights = tuple(member.weight for member, _ in members)
        panel = panels.read([experiment.id for _, experiment in members], archived=True)
        return Election(panel, voting, weights)

    @staticmethod
    def save_outcome(experiment_id: int, outcome: Elected) -> None:
        """Keep predictions, their evaluation, and what each member had to say.

        Raises
        ------
        NotFound
            If there is no such ensemble.
        """
        actor.writer()
        with unit_of_work() as session:
            experiment = find_experiment(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            ensemble = views.find(session, experiment_id)
            if ensemble is None:
                raise NotFound(f"Experiment {experiment_id} is no ensemble.")
            hold(session)
            members = views.members(session, experiment_id)
            for (member, _), weight in zip(members, outcome.weights, strict=True):
                member.weight = weight
            ensemble.result = {
                "by_window": outcome.by_window,
                "scores": list(outcome.scores),
                "validation": None if outcome.validation is None else list(outcome.validation),
                "of": [[row.id, row.predictions_key] for _, row in members],
            }
            experiment.predictions_key = artefacts().put("predictions", ".npz", outcome.predictions)
            experiment.report_key = artefacts().put("reports", ".json", outcome.report)
            experiment.summary = outcome.summary
            experiment.parameter_count = _learned([row for _, row in members])
            experiment.wall_time_s = outcome.seconds
            experiment.environment = environment()
            leakage.keep(session, experiment_id)
            events.record(session, "experiment.finished", f"experiment:{experiment_id}")


def _learned(members: Sequence[Experiment]) -> int | None:
    """Learned numbers of all members together, where each has some."""
    counts = [row.parameter_count for row in members]
    return None if None in counts else sum(count for count in counts if count is not None)
