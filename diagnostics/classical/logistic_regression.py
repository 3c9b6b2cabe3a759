"""Logistic regression on standardised features: one weight for each feature and class."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from diagnostics.classical.model import Size, Table, need, need_two_classes, window_weights
from diagnostics.classical.scaling import check_scaler
from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report
from diagnostics.training.config import TrainingConfig

TRUSTED: tuple[str, ...] = ()
_MOST_STEPS = 1000


def learn(config: TrainingConfig, table: Table, report: Report) -> Pipeline:
    """Fit the weights of the config; says so when they had not settled at the last step."""
    need_two_classes(config, table)
    report(Progress("train", 0, 1, "fitting"))
    regression = LogisticRegression(C=float(config.parameters["penalty"]), max_iter=_MOST_STEPS)
    pipeline = Pipeline([("scale", StandardScaler()), ("regression", regression)])
    weights = window_weights(config, table.targets)
    with warnings.catch_warnings():
        # It is told in the log of the job, in words that help.
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(table.features, table.targets, regression__sample_weight=weights)
    report(Progress("train", 1, 1, "fitting", log=_unsettled(regression)))
    return pipeline


def _unsettled(regression: LogisticRegression) -> str:
    if int(regression.n_iter_.max()) < _MOST_STEPS:
        return ""
    return (
        f"The weights were still moving after {_MOST_STEPS} steps. A lower penalty C makes them"
        " settle sooner."
    )


def check(estimator: Any, columns: int) -> None:
    """Refuse weights that do not fit the columns."""
    kinds = [StandardScaler, LogisticRegression]
    if not isinstance(estimator, Pipeline) or [type(s) for _, s in estimator.steps] != kinds:
        raise TrainingError("The file does not hold a logistic regression.")
    check_scaler(estimator.steps[0][1], columns)
    regression = estimator.steps[1][1]
    rows = len(regression.classes_) if len(regression.classes_) > 2 else 1
    need(regression.coef_.shape == (rows, columns) and regression.intercept_.shape == (rows,))


def size(estimator: Pipeline) -> Size:
    """Weights, constants and the scale of the features."""
    scaler, regression = (step for _, step in estimator.steps)
    weights = regression.coef_.size
    numbers = weights + regression.intercept_.size + scaler.mean_.size + scaler.scale_.size
    return Size(
        numbers=int(numbers),
        operations=int(2 * weights + 2 * scaler.mean_.size),
        counted="multiplications and additions of scaling and weighted sums",
    )
