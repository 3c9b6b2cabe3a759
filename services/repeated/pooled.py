"""The pooled result of a repeated experiment: computed when a run ends, kept with its row."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.pooling import Pooled, Run, pool_runs
from diagnostics.evaluation.predictions import Predictions
from models import Experiment, RepeatedExperiment, RepeatedRun
from services import actor, locks
from services.repeated import views
from services.runtime import artefacts, unit_of_work

Tested = list[tuple[int, int, int, str]]


class RepeatedRunService:
    """What a worker does for a repeated experiment when one of its runs has ended."""

    @staticmethod
    def pool(experiment_id: int) -> bool:
        """Put the tests of all finished runs together anew; False if it is a run of nothing."""
        actor.writer()
        while True:
            with unit_of_work(writing=False) as session:
                run = session.get(RepeatedRun, experiment_id)
                if run is None:
                    return False
                repeated = views.find(session, run.repeated_id)
                actor.owner_or_admin(repeated.owner_id)
                repeated_id, folds = repeated.id, repeated.folds
                tested = tested_runs(session, repeated_id)
            summary = summarise(tested, folds)
            with unit_of_work() as session:
                locks.alone(session, f"pool {repeated_id}")
                if tested_runs(session, repeated_id) == tested:
                    views.find(session, repeated_id).summary = summary
                    return True


def pooled_view(session: Session, repeated: RepeatedExperiment) -> dict[str, Any] | None:
    """The kept result, or a new one where runs have come or gone since."""
    tested = tested_runs(session, repeated.id)
    kept = repeated.summary
    if kept is not None and kept["of"] == _names(tested):
        return _pooled(kept)
    if not tested:
        return None
    return _pooled(summarise(tested, repeated.folds))


def tested_runs(session: Session, repeated_id: int) -> Tested:
    """Experiment, fold, seed and predictions of every run that has been tested."""
    wanted = (
        select(Experiment.id, RepeatedRun.fold, RepeatedRun.seed, Experiment.predictions_key)
        .join(RepeatedRun, RepeatedRun.experiment_id == Experiment.id)
        .where(RepeatedRun.repeated_id == repeated_id, Experiment.predictions_key.is_not(None))
        .order_by(Experiment.id)
    )
    return [(number, fold, seed, key or "") for number, fold, seed, key in session.execute(wanted)]


def summarise(tested: Tested, folds: int) -> dict[str, Any]:
    """The pooled result as it is kept, with what it rests on."""
    try:
        runs = [
            Run(fold, seed, Predictions.from_npz(artefacts().read(key)))
            for _, fold, seed, key in tested
        ]
        pooled = pool_runs(runs, folds)
    except EvaluationError as error:
        # The runs themselves have their results all the same.
        return {"of": _names(tested), "pooled": None, "refused": str(error)}
    return {"of": _names(tested), "pooled": None if pooled is None else _plain(pooled)}


def _pooled(summary: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = summary["pooled"]
    return found


def _names(tested: Tested) -> list[list[Any]]:
    return [[number, key] for number, _, _, key in tested]


def _plain(pooled: Pooled) -> dict[str, Any]:
    plain = asdict(pooled)
    plain["scores"] = {
        score.name: {"value": score.value, "low": score.low, "high": score.high}
        for score in pooled.scores
    }
    return {**plain, "group_count": len(pooled.groups)}
