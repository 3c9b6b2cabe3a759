"""Trials of campaigns: choose one, train it, say what came out."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from diagnostics.errors import DiagnosticsError
from diagnostics.progress import Progress, Report
from diagnostics.training.card import Family
from diagnostics.training.history import EpochRecord
from diagnostics.training.split import Side
from services.campaigns.kinds import TrainedTrial, searching
from services.campaigns.running import (
    CampaignRunService,
    TrialModel,
    TrialPlan,
    TrialTraining,
    scores_of,
)
from services.errors import ServiceError
from services.experiments.runs import ExperimentRunService, Outcome, Plan
from services.files.staging import staging
from services.hpo_service import HPOService
from services.jobs.job_runs import JobCancelled, JobLost, JobPaused, running_job
from tasks.leakage import window_sets
from tasks.memory import PeakMemory
from tasks.training import saved_model, stored_columns

if TYPE_CHECKING:
    from diagnostics.training.fit import Fit


class TrialPruned(Exception):
    """Others were better after as many epochs."""

    def __init__(self, records: Sequence[EpochRecord]) -> None:
        super().__init__()
        self.records = records


def run_trial(report: Report, campaign_id: int) -> dict[str, Any]:
    """Train the next trial of a campaign, or the one that this job had begun.

    The test part is not even read: see :func:`evaluate_campaign`.
    """
    trial = CampaignRunService.begin(campaign_id)
    if trial is None:
        return {"campaign_id": campaign_id, "trial": None}
    report(Progress("prepare", 0, 1, log=f"Trial {trial.number}: {told(trial.params)}"))
    try:
        CampaignRunService.complete(trial, _trained(trial, report))
    except TrialPruned as pruned:
        last = pruned.records[-1]
        measured = {**scores_of(last), "best_epoch": last.epoch}
        CampaignRunService.prune(trial, last.epoch, measured)
    except (JobPaused, JobLost):
        raise  # it goes on later, or elsewhere
    except JobCancelled:
        CampaignRunService.cancel(trial)
        raise
    except (ServiceError, DiagnosticsError) as error:
        CampaignRunService.fail(trial, str(error))
        raise
    except Exception:
        CampaignRunService.fail(
            trial, f"Something broke on our side. Quote job {running_job()}; see the log."
        )
        raise
    return {"campaign_id": campaign_id, "trial": trial.number}


def evaluate_campaign(report: Report, campaign_id: int) -> dict[str, Any]:
    """The one look at the test part: the best trial's classifier, as it is kept.

    Validation is asked again by the same measure, so that the difference is only that one part
    was chosen by and the other was not.
    """
    from diagnostics.evaluation.answers import predictions_of
    from diagnostics.evaluation.report import evaluate_predictions
    from diagnostics.training.fitted import load_classifier
    from diagnostics.training.windows import reading

    experiment_id = CampaignRunService.final_training(campaign_id)
    plan = ExperimentRunService.plan(experiment_id)
    path = ExperimentRunService.local_classifier(experiment_id)
    fitted, begun = load_classifier(path), time.perf_counter()
    with reading(plan.paths) as reader, stored_columns(plan):
        sets = window_sets(plan, reader)
        seen = predictions_of(fitted, sets[Side.VALIDATION], report, stage="validate")
        tested = predictions_of(fitted, sets[Side.TEST], report)
    validation = evaluate_predictions(seen, plan.config.seed)
    test = evaluate_predictions(tested, plan.config.seed)
    outcome = Outcome(
        path,
        tested.to_npz(),
        json.dumps(test.to_dict(), allow_nan=False).encode(),
        test.headline(),
        None,
        None,
        time.perf_counter() - begun,
    )
    ExperimentRunService.save_test(experiment_id, outcome)
    final = {"validation": validation.headline(), "test": test.headline()}
    CampaignRunService.save_final(campaign_id, experiment_id, final)
    return {"campaign_id": campaign_id, "experiment_id": experiment_id}


def measure_importance(report: Report, campaign_id: int) -> dict[str, Any]:
    """How much each setting decides, by the trials so far."""
    report(Progress("measure", 0, 1))
    found = HPOService.get_parameter_importance(campaign_id)
    CampaignRunService.save_importance(campaign_id, found)
    return {"campaign_id": campaign_id, "n": found["n"]}


def told(params: dict[str, Any]) -> str:
    """A point in a line.

    Examples
    --------
    >>> told({"learning_rate": 0.00123456, "parameters.width": 8})
    'learning_rate 0.001235, parameters.width 8'
    """
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in params.items()
    )


def _trained(trial: TrialPlan, report: Report) -> dict[str, Any]:
    """Train all folds; the means over them, and each of them."""
    parts: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    for place, training in enumerate(trial.trainings):
        if training.done:
            records = CampaignRunService.epochs_of(training.experiment_id)
        else:
            records, found = _train(trial, training, place, report)
            more |= found
        parts.append(_scores(training, records))
    names = ("val_accuracy", "val_loss")
    known = {name: [part[name] for part in parts] for name in names}
    means = {name: fmean(values) for name, values in known.items() if None not in values}
    return {**means, **more, "best_epoch": parts[0]["best_epoch"], "folds": parts}


def _scores(training: TrialTraining, records: Sequence[EpochRecord]) -> dict[str, Any]:
    """Those of the epoch whose weights are kept: the one with the lowest loss."""
    best = min(
        records, key=lambda one: math.inf if one.validation_loss is None else one.validation_loss
    )
    return {
        "fold": training.fold,
        "experiment_id": training.experiment_id,
        **scores_of(best),
        "best_epoch": best.epoch,
        "epochs": len(records),
    }


def _train(
    trial: TrialPlan, training: TrialTraining, place: int, report: Report
) -> tuple[list[EpochRecord], dict[str, Any]]:
    from diagnostics.training.fit import fit_classifier
    from diagnostics.training.windows import reading, refuse_same_samples

    begun = time.perf_counter()
    plan = _without_test(ExperimentRunService.plan(training.experiment_id))
    if plan.config.card.family is Family.NETWORK:
        import diagnostics.training.engine  # noqa: F401  # before memory is watched
    watched = PeakMemory(_share(report, place, len(trial.trainings)))
    records: list[EpochRecord] = []
    with reading(plan.paths) as reader, stored_columns(plan) as stored:
        sets = window_sets(plan, reader)
        refuse_same_samples(sets)
        fit = fit_classifier(
            plan.config,
            plan.class_names,
            sets[Side.TRAIN],
            sets[Side.VALIDATION],
            checkpoint=plan.checkpoint,
            stored=stored,
            report=watched,
            on_epoch=_epoch_keeper(trial, training, records, first=place == 0),
        )
    more = _measured(trial, plan, fit) if place == 0 else {}
    with staging() as folder:
        model = TrialModel(
            saved_model(fit.fitted, folder, plan),
            fit.best_epoch,
            fit.parameter_count,
            time.perf_counter() - begun,
            watched.peak_bytes,
        )
        CampaignRunService.keep_model(training.experiment_id, model)
    return records, more


def _measured(trial: TrialPlan, plan: Plan, fit: Fit) -> dict[str, Any]:
    trained = TrainedTrial(
        trial.campaign,
        trial.params,
        plan.config,
        fit.fitted,
        fit.parameter_count,
        len(plan.class_names),
        plan.sample_rate_hz,
    )
    found = dict(searching(trial.campaign.kind).measure(trained))
    return {"parameters": fit.parameter_count, **found}


def _without_test(plan: Plan) -> Plan:
    """The test part stays untouched, however often a setting is tried."""
    return replace(plan, sides={**plan.sides, Side.TEST: ()})


def _epoch_keeper(
    trial: TrialPlan, training: TrialTraining, records: list[EpochRecord], *, first: bool
) -> Callable[[EpochRecord], None]:
    """Keep each epoch; epochs of the first fold say whether the trial is worth the others."""

    def keep(record: EpochRecord) -> None:
        records.append(record)
        ExperimentRunService.save_epoch(training.experiment_id, record)
        if first and CampaignRunService.report(trial, record):
            raise TrialPruned(records)

    return keep


def _share(report: Report, place: int, count: int) -> Report:
    """Progress of one fold as a part of that of the trial."""

    def told_of(progress: Progress) -> None:
        whole = max(progress.total, 1)
        done = place * whole + min(progress.done, whole)
        part = f"fold {place + 1} of {count}, " if count > 1 else ""
        report(replace(progress, done=done, total=whole * count, message=part + progress.message))

    return told_of
