"""Gradient boosting: small trees, each correcting the sum of those before it.

Features are sorted into at most 255 bins first, which makes it quick on many windows. There
is no early stopping: its validation part would be windows of recordings that are learned from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from diagnostics.classical.model import Size, Table, need, need_two_classes, window_weights
from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report
from diagnostics.training.config import TrainingConfig

_TREE = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
TRUSTED = (_TREE,)
# Going on means asking all trees so far about all windows, so it is done a few times only; and
# finding the bins anew, which takes seconds with weights, so it is not done with them at all.
_STEPS = 10
_NODE_FIELDS = ("feature_idx", "left", "right", "is_leaf", "is_categorical", "num_threshold")


def learn(config: TrainingConfig, table: Table, report: Report) -> HistGradientBoostingClassifier:
    """Grow the trees of the config in a few steps."""
    need_two_classes(config, table)
    given = config.parameters
    rounds = int(given["rounds"])
    weights = window_weights(config, table.targets)
    boosted = HistGradientBoostingClassifier(
        learning_rate=float(given["learning_rate"]),
        max_leaf_nodes=int(given["leaves"]),
        min_samples_leaf=int(given["leaf"]),
        l2_regularization=float(given["l2"]),
        early_stopping=False,
        categorical_features=None,
        random_state=config.seed,
        warm_start=True,
    )
    steps = _STEPS if weights is None else 1
    for step in range(steps):
        report(Progress("train", step, steps, "growing trees"))
        boosted.max_iter = rounds * (step + 1) // steps
        boosted.fit(table.features, table.targets, sample_weight=weights)
    report(Progress("train", steps, steps, "growing trees"))
    return boosted


def check(estimator: Any, columns: int) -> None:
    """Refuse indices that point outside the arrays, which scikit-learn would follow."""
    if not isinstance(estimator, HistGradientBoostingClassifier) or not estimator._predictors:
        raise TrainingError("The file does not hold gradient boosting.")
    classes = len(estimator.classes_)
    trees = classes if classes > 2 else 1
    need(estimator.n_features_in_ == estimator._n_features == columns)
    need(estimator._preprocessor is None and estimator.is_categorical_ is None)
    need(estimator.n_trees_per_iteration_ == trees)
    need(np.shape(estimator._baseline_prediction) == (1, trees))
    for together in estimator._predictors:
        need(len(together) == trees)
        for tree in together:
            _check_nodes(tree.nodes, columns)


def _check_nodes(nodes: Any, columns: int) -> None:
    need(nodes.ndim == 1 and len(nodes) > 0 and set(_NODE_FIELDS) <= set(nodes.dtype.names))
    inner = nodes["is_leaf"] == 0
    # Categories would be looked up in bit sets, and no feature here has any.
    need(not nodes["is_categorical"].any())
    places, count = np.arange(len(nodes))[inner], len(nodes)
    for children in (nodes["left"][inner], nodes["right"][inner]):
        # A child comes after its parent, so no path is endless either.
        need(not ((children >= count) | (children <= places)).any())
    features = nodes["feature_idx"][inner]
    need(not ((features < 0) | (features >= columns)).any())


def size(estimator: HistGradientBoostingClassifier) -> Size:
    """Feature and threshold of each branching, the value of each leaf."""
    trees = [tree.nodes for together in estimator._predictors for tree in together]
    leaves = sum(int(nodes["is_leaf"].sum()) for nodes in trees)
    branchings = sum(len(nodes) for nodes in trees) - leaves
    return Size(
        numbers=2 * branchings + leaves,
        operations=sum(int(nodes["depth"].max()) for nodes in trees) + len(trees),
        counted="comparisons along the longest path of each tree, and the sum of their values",
    )
