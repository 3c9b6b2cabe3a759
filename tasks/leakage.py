"""Look for leaks in the samples of a split: within a training, or of one that is stored."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from diagnostics.classical.column_leakage import check_columns
from diagnostics.progress import Progress, Report
from diagnostics.training.leakage import Check, Finding, check_statistics, check_windows
from diagnostics.training.split import Side
from services.experiments.runs import ExperimentRunService, Plan
from services.leakage_service import LeakageService

if TYPE_CHECKING:
    from diagnostics.classical.columns import StoredColumns
    from diagnostics.training.fitted import FittedClassifier
    from diagnostics.training.windows import Reader, WindowSet

ON_BOTH_SIDES = "Signals were not compared: the same recordings lie on both sides."


def check_leakage(report: Report, experiment_id: int) -> dict[str, Any]:
    """All checks of a trained experiment; an attempt that was cut short begins anew."""
    from diagnostics.training.fitted import load_classifier
    from diagnostics.training.windows import reading

    plan = ExperimentRunService.plan(experiment_id)
    classifier = ExperimentRunService.local_classifier(experiment_id)
    LeakageService.begin_checks(experiment_id)
    with reading(plan.paths) as reader:
        sets = window_sets(plan, reader)
        check_signals(experiment_id, plan, sets, reader, report)
        report(Progress("check the scaling", 0, 1))
        fitted = load_classifier(classifier)
        with nullcontext() if plan.columns is None else plan.columns.opened() as stored:
            check_scaling(experiment_id, fitted, sets[Side.TRAIN], stored)
    return {"experiment_id": experiment_id}


def window_sets(plan: Plan, reader: Reader) -> dict[Side, WindowSet]:
    """The windows of each side that has any."""
    from diagnostics.training.windows import windows_of

    found = {}
    for side in Side:
        if plan.sides[side]:
            windows = windows_of(
                plan.sides[side],
                plan.class_names,
                reader,
                channels=plan.config.channels,
                window=plan.config.window,
                hop=plan.config.hop,
                sample_rate_hz=plan.sample_rate_hz,
            )
            found[side] = windows if plan.windows is None else windows.part(plan.windows, side)
    return found


def check_signals(
    experiment_id: int, plan: Plan, sets: dict[Side, WindowSet], reader: Reader, report: Report
) -> None:
    """Shared windows and near copies, kept with the experiment; once, if a training goes on."""
    stored = LeakageService.get_leakage(experiment_id)
    done = {one["name"]: one["finding"] for one in stored["checks"]} if stored else {}
    if done.get("near_copies", Finding.OPEN) != Finding.OPEN:
        return
    seen = [sets[side] for side in (Side.TRAIN, Side.VALIDATION) if side in sets]
    checks = [check_windows(seen, sets[Side.TEST]), _near_copies(plan, reader, report)]
    LeakageService.keep_checks(experiment_id, checks)


def check_scaling(
    experiment_id: int,
    fitted: FittedClassifier,
    training: WindowSet,
    stored: StoredColumns | None,
) -> None:
    """Whether the scaling that is kept with the classifier is that of the training part."""
    columns = getattr(fitted, "columns", None)
    if stored is None or columns is None:
        check = check_statistics(fitted.about.normaliser, training)
    else:
        check = check_columns(columns, stored, training)
    LeakageService.keep_checks(experiment_id, [check])


def _near_copies(plan: Plan, reader: Reader, report: Report) -> Check:
    if plan.windows is not None:
        return Check("near_copies", Finding.NOTED, ON_BOTH_SIDES)
    from diagnostics.training.near_copies import find_near_copies

    found = find_near_copies(
        [*plan.sides[Side.TRAIN], *plan.sides[Side.VALIDATION]],
        plan.sides[Side.TEST],
        reader,
        channel=plan.config.channels[0],
        window=plan.config.window,
        sample_rate_hz=plan.sample_rate_hz,
        report=report,
    )
    return found.to_check()
