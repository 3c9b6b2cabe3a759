"""Let experiments vote: read through a service, count, write through a service."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from diagnostics.progress import Progress, Report
from services.ensembles.runs import Elected, Election, EnsembleRunService
from services.evaluation_service import EvaluationService

SEED = 0


def vote_together(report: Report, experiment_id: int) -> dict[str, Any]:
    """Find the weights, if they are to come from validation; then count on the common test."""
    from diagnostics.evaluation.report import evaluate_predictions
    from diagnostics.evaluation.voting import NO_WINDOWS, checked_weights
    from diagnostics.evaluation.voting import vote_together as count

    summary = EnsembleRunService.find_summary(experiment_id)
    if summary is not None:  # a worker was lost after the last step, before it could say so
        return {"experiment_id": experiment_id, "summary": summary}
    begun = time.perf_counter()
    election = EnsembleRunService.election(experiment_id)
    validation = _validation(election, report)
    weights = checked_weights(_given(election, validation), len(election.weights))
    report(Progress("count", 0, 1, log=_told(election, weights)))
    ballot = count(election.panel.tests, election.voting, weights)
    evaluation = evaluate_predictions(ballot.predictions, SEED)
    if not ballot.by_window:
        evaluation = replace(evaluation, remarks=(*evaluation.remarks, NO_WINDOWS))
    outcome = Elected(
        predictions=ballot.predictions.to_npz(),
        report=json.dumps(evaluation.to_dict(), allow_nan=False).encode(),
        summary=evaluation.headline(),
        weights=weights,
        by_window=ballot.by_window,
        scores=ballot.member_scores,
        validation=validation,
        seconds=time.perf_counter() - begun,
    )
    EnsembleRunService.save_outcome(experiment_id, outcome)
    return {"experiment_id": experiment_id, "summary": outcome.summary}


def _validation(election: Election, report: Report) -> list[dict[str, float]] | None:
    """What each member is worth on its validation part; None where weights were given."""
    if None not in election.weights:
        return None
    found = []
    for experiment in election.panel.experiments:
        score = EvaluationService.score_validation(experiment.id, report)
        worth = f"{score['balanced_accuracy']:.3f} over {score['recordings']:.0f} recordings"
        report(Progress("validation", 1, 1, log=f"“{experiment.name}” in validation: {worth}"))
        found.append(score)
    return found


def _given(election: Election, validation: Sequence[dict[str, float]] | None) -> list[float]:
    if validation is not None:
        return [score["balanced_accuracy"] for score in validation]
    return [weight for weight in election.weights if weight is not None]


def _told(election: Election, weights: Sequence[float]) -> str:
    shares = ", ".join(
        f"{row.name} {weight:.3f}"
        for row, weight in zip(election.panel.experiments, weights, strict=True)
    )
    count = len(election.panel.tested)
    return f"{election.voting.capitalize()} vote over {count} recordings: {shares}."
