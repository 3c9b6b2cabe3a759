"""A support vector machine with a Gaussian kernel on standardised features.

It gives distances and no probabilities. Those come from sigmoids over the distances (Platt
scaling) that are fitted to windows which the machine had not learned: in three parts, each by
a machine of the other two. A recording lies in one part, where its class has others; else
its windows are dealt out, and the probabilities of that class are too sure of themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from diagnostics.classical.model import Size, Table, need, need_two_classes, window_weights
from diagnostics.classical.scaling import check_scaler
from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report
from diagnostics.training.config import TrainingConfig

TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
MOST_WINDOWS = 20_000
_PARTS = 3


def learn(config: TrainingConfig, table: Table, report: Report) -> Pipeline:
    """Fit the machine of the config and its sigmoids.

    Raises
    ------
    TrainingError
        If there are too many windows, or a class has a single one.
    """
    need_two_classes(config, table)
    if len(table.targets) > MOST_WINDOWS:
        raise TrainingError(
            f"The time that a support vector machine takes grows with the square of the number of"
            f" windows: expected at most {MOST_WINDOWS}, got {len(table.targets)}. Choose a longer"
            " hop, or another classifier."
        )
    report(Progress("train", 0, 1, "fitting"))
    machine = SVC(
        C=float(config.parameters["penalty"]),
        gamma=float(config.parameters["gamma"]) or "scale",
        cache_size=500,
    )
    parts = PredefinedSplit(parts_of(table))
    calibrated = CalibratedClassifierCV(machine, method="sigmoid", cv=parts, ensemble=False)
    pipeline = Pipeline([("scale", StandardScaler()), ("machine", calibrated)])
    weights = window_weights(config, table.targets)
    pipeline.fit(table.features, table.targets, machine__sample_weight=weights)
    # What was dealt out is of no use any more, and names recordings.
    calibrated.cv = None
    report(Progress("train", 1, 1, "fitting"))
    return pipeline


def parts_of(table: Table) -> NDArray[np.int64]:
    """In which of three parts each window is scored; every class is in two at least.

    Examples
    --------
    >>> targets, recordings = np.array([0, 0, 0, 0, 1, 1]), np.array([4, 4, 7, 7, 9, 9])
    >>> parts_of(Table(np.zeros((6, 1)), targets, recordings))
    array([0, 0, 1, 1, 0, 1])
    """
    parts = np.zeros(len(table.targets), dtype=np.int64)
    for target in np.unique(table.targets):
        rows = np.flatnonzero(table.targets == target)
        if len(rows) < 2:
            raise TrainingError(
                "The support vector machine needs two windows of each class, and the training part"
                " has a class with one. Choose a shorter hop, or leave that class out."
            )
        places = np.unique(table.recordings[rows], return_inverse=True)[1]
        if places.max() == 0:
            places = np.arange(len(rows))
        parts[rows] = places % _PARTS
    return parts


def check(estimator: Any, columns: int) -> None:
    """Refuse lengths that do not fit together: libsvm would read beyond the arrays."""
    if not isinstance(estimator, Pipeline) or not _is_machine(estimator):
        raise TrainingError("The file does not hold a support vector machine.")
    check_scaler(estimator.steps[0][1], columns)
    calibrated = estimator.steps[1][1]
    need(len(calibrated.calibrated_classifiers_) == 1)
    one = calibrated.calibrated_classifiers_[0]
    machine, classes = one.estimator, len(calibrated.classes_)
    need(np.array_equal(one.classes, calibrated.classes_))
    need(np.array_equal(machine.classes_, calibrated.classes_))
    need(one.method == "sigmoid" and len(one.calibrators) == (classes if classes > 2 else 1))
    _check_machine(machine, classes, columns)


def _is_machine(estimator: Pipeline) -> bool:
    kinds = [type(step) for _, step in estimator.steps]
    if kinds != [StandardScaler, CalibratedClassifierCV]:
        return False
    found = [one.estimator for one in estimator.steps[1][1].calibrated_classifiers_]
    return bool(found) and all(type(machine) is SVC for machine in found)


def _check_machine(machine: SVC, classes: int, columns: int) -> None:
    pairs = classes * (classes - 1) // 2
    vectors = machine.support_vectors_
    need(machine.kernel == "rbf" and machine._sparse is False and not callable(machine.kernel))
    need(machine.n_features_in_ == columns and tuple(machine.shape_fit_)[1] == columns)
    need(isinstance(machine._gamma, float) and machine.probability in (False, "deprecated"))
    per_class = machine._n_support
    need(per_class.shape == (classes,) and bool((per_class >= 0).all()))
    count = int(per_class.astype(np.int64).sum())
    need(vectors.shape == (count, columns) and machine.support_.shape == (count,))
    need(machine._dual_coef_.shape == (classes - 1, count))
    need(machine.dual_coef_.shape == (classes - 1, count))
    need(machine._intercept_.shape == machine.intercept_.shape == (pairs,))
    need(machine._probA.size == machine._probB.size == 0)
    numbers = (vectors, machine._dual_coef_, machine._intercept_)
    need(all(array.dtype == np.float64 for array in numbers))
    need(per_class.dtype == machine.support_.dtype == np.int32)


def size(estimator: Pipeline) -> Size:
    """The support vectors, their weights, the sigmoids and the scale of the features."""
    scaler, calibrated = (step for _, step in estimator.steps)
    one = calibrated.calibrated_classifiers_[0]
    machine = one.estimator
    count, columns = machine.support_vectors_.shape
    weights = machine.dual_coef_.size
    numbers = count * columns + weights + machine.intercept_.size + 2 * len(one.calibrators)
    return Size(
        numbers=int(numbers + scaler.mean_.size + scaler.scale_.size),
        operations=int(3 * count * columns + count + 2 * weights),
        counted="distances to the support vectors, their exponentials and weighted sums",
    )
