"""Train an experiment: read through a service, compute, write through a service."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnostics.progress import Progress, Report
from diagnostics.training.card import Family
from diagnostics.training.history import EpochRecord, OnEpoch
from diagnostics.training.plateau import find_plateau
from diagnostics.training.split import SIDE_TITLES, Side
from services.continuing_service import ContinuedTrainingService
from services.experiments.runs import ExperimentRunService, Outcome, Plan
from services.files.staging import staging
from services.repeated.pooled import RepeatedRunService
from tasks.leakage import check_scaling, check_signals, window_sets
from tasks.memory import PeakMemory

if TYPE_CHECKING:
    from diagnostics.classical.columns import StoredColumns
    from diagnostics.training.fitted import FittedClassifier
    from diagnostics.training.windows import WindowSet

# Torch and scikit-learn are imported in the functions: a worker that trains nothing stays small.


def train_experiment(report: Report, experiment_id: int) -> dict[str, Any]:
    """Train, then test once on what was held out. Goes on from a checkpoint if there is one."""
    from diagnostics.training.fit import fit_classifier
    from diagnostics.training.windows import reading, refuse_same_samples

    summary = ExperimentRunService.find_summary(experiment_id)
    if summary is not None:  # a worker was lost after the last step, before it could say so
        RepeatedRunService.pool(experiment_id)
        return {"experiment_id": experiment_id, "summary": summary}
    plan = ExperimentRunService.plan(experiment_id)
    _continue(experiment_id, plan, report)
    if plan.config.card.family is Family.NETWORK:
        import diagnostics.training.engine  # noqa: F401  # before memory is watched
    report = watched = PeakMemory(report)
    with reading(plan.paths) as reader, stored_columns(plan) as stored:
        sets = window_sets(plan, reader)
        report(Progress("prepare", 0, 1, log=_begin(plan, sets)))
        if plan.windows is None:
            refuse_same_samples(sets)
        check_signals(experiment_id, plan, sets, reader, report)
        fit = fit_classifier(
            plan.config,
            plan.class_names,
            sets[Side.TRAIN],
            sets.get(Side.VALIDATION),
            checkpoint=plan.checkpoint,
            stored=stored,
            report=report,
            on_epoch=_epoch_keeper(experiment_id, plan, report),
        )
        check_scaling(experiment_id, fit.fitted, sets[Side.TRAIN], stored)
        begun = time.perf_counter()
        outcome = _outcome(fit.fitted, sets, plan.config.seed, report)
    with staging() as folder:
        model = saved_model(fit.fitted, folder, plan)
        seconds = time.perf_counter() - begun
        kept = Outcome(
            model, *outcome, fit.best_epoch, fit.parameter_count, seconds, watched.peak_bytes
        )
        ExperimentRunService.save_outcome(experiment_id, kept)
    RepeatedRunService.pool(experiment_id)
    return {"experiment_id": experiment_id, "summary": kept.summary}


def _continue(experiment_id: int, plan: Plan, report: Report) -> None:
    """Put the checkpoint in place of a training that this one goes on with."""
    from diagnostics.training.continuing import continue_state, continue_weights

    if plan.checkpoint.exists():
        return
    start = ContinuedTrainingService.find_start(experiment_id)
    if start is None:
        return
    if start.state is not None:
        continue_state(plan.config, start.state, plan.checkpoint)
        told = "with weights and optimiser as they were"
    else:
        continue_weights(plan.config, start.model, start.history, start.best_epoch, plan.checkpoint)
        told = f"from the kept weights of epoch {start.best_epoch} with a new optimiser"
    report(Progress("prepare", 0, 1, log=f"Goes on after epoch {len(start.history)}, {told}."))


def _begin(plan: Plan, sets: dict[Side, WindowSet]) -> str:
    counts = ", ".join(
        f"{SIDE_TITLES[side]} {len(windows)} windows of {len({*windows.owner.tolist()})} recordings"
        for side, windows in sets.items()
    )
    again = " Goes on from its checkpoint." if plan.checkpoint.exists() else ""
    return f"{plan.config.card.title}: {counts}.{_where(plan)}{again}"


def _where(plan: Plan) -> str:
    if plan.config.card.family is not Family.NETWORK:
        return ""
    from diagnostics.training.hardware import present

    return f" Trains on {present(plan.config.precision)}."


def _epoch_keeper(experiment_id: int, plan: Plan, report: Report) -> OnEpoch:
    losses: list[float] = []

    def keep(record: EpochRecord) -> None:
        seen = record.validation_loss
        losses.append(record.train_loss if seen is None else seen)
        if ExperimentRunService.save_epoch(experiment_id, record):
            network = plan.config.card.family is Family.NETWORK
            done, total = record.epoch, plan.config.epochs if network else 1
            message = f"epoch {done} of {total}" if network else ""
            report(Progress("train", done, total, message, log=_told(record, plan)))
            _tell_plateau(experiment_id, plan, losses, report)

    return keep


def _tell_plateau(experiment_id: int, plan: Plan, losses: list[float], report: Report) -> None:
    """Once, when it begins."""
    epochs = plan.config.plateau_epochs
    found = find_plateau(losses, epochs)
    if found is None or found.since != epochs:
        return
    part = "validation" if plan.sides[Side.VALIDATION] else "training"
    sentence = (
        f"No progress for {epochs} epochs: the {part} loss has not fallen by half a percent since"
        f" epoch {found.best_epoch}."
    )
    ExperimentRunService.tell_plateau(experiment_id, sentence)
    report(Progress("train", len(losses), plan.config.epochs, log=sentence))


def _told(record: EpochRecord, plan: Plan) -> str:
    network = plan.config.card.family is Family.NETWORK
    done = f"Epoch {record.epoch}" if network else "Learned"
    parts = [f"{done}: training loss {record.train_loss:.4f}"]
    if record.validation_loss is not None:
        parts.append(f"validation loss {record.validation_loss:.4f}")
        parts.append(f"validation accuracy {record.validation_accuracy:.3f}")
    for head in plan.config.card.heads:
        error = record.head_errors.get(head.name, {}).get("validation")
        if error is not None:
            parts.append(f"{head.title.lower()} off by {error:.3g} {head.unit}".rstrip())
    return ", ".join([*parts, f"{record.seconds:.1f} s"])


def stored_columns(plan: Plan) -> AbstractContextManager[StoredColumns | None]:
    """The open table of the feature set, where there is one."""
    return nullcontext() if plan.columns is None else plan.columns.opened()


def _outcome(
    fitted: FittedClassifier, sets: dict[Side, WindowSet], seed: int, report: Report
) -> tuple[bytes, bytes, dict[str, Any]]:
    """Predictions of the test side, their report, and its headline."""
    from diagnostics.evaluation.answers import predictions_of
    from diagnostics.evaluation.report import evaluate_predictions

    validation = None
    if fitted.about.heads and Side.VALIDATION in sets:
        validation = predictions_of(fitted, sets[Side.VALIDATION], report, stage="validate")
    predictions = predictions_of(fitted, sets[Side.TEST], report)
    evaluation = evaluate_predictions(predictions, seed, validation=validation)
    kept = json.dumps(evaluation.to_dict(), allow_nan=False).encode()
    return predictions.to_npz(), kept, evaluation.headline()


def saved_model(fitted: FittedClassifier, folder: Path, plan: Plan) -> Path:
    """The file of a classifier, written into a folder."""
    from diagnostics.training.fitted import SUFFIXES

    path = folder / f"model{SUFFIXES[plan.config.card.family]}"
    fitted.save(path)
    return path
