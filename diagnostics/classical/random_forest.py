"""A random forest: many trees that vote, each grown on windows and features drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from diagnostics.classical.model import Size, Table, class_weights, need
from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report
from diagnostics.training.config import TrainingConfig

TRUSTED = ("sklearn.tree._tree.Tree",)
_GROWN_AT_ONCE = 10


def learn(config: TrainingConfig, table: Table, report: Report) -> RandomForestClassifier:
    """Grow the forest of the config, a few trees at a time."""
    trees = int(config.parameters["trees"])
    forest = RandomForestClassifier(
        n_estimators=0,
        max_depth=int(config.parameters["depth"]) or None,
        min_samples_leaf=int(config.parameters["leaf"]),
        class_weight=class_weights(config, table.targets),
        random_state=config.seed,
        warm_start=True,
    )
    while forest.n_estimators < trees:
        report(Progress("train", forest.n_estimators, trees, "growing trees"))
        forest.n_estimators = min(forest.n_estimators + _GROWN_AT_ONCE, trees)
        forest.fit(table.features, table.targets)
    report(Progress("train", trees, trees, "growing trees"))
    return forest


def check(estimator: Any, columns: int) -> None:
    """Refuse indices that point outside the arrays, which scikit-learn would follow."""
    if not isinstance(estimator, RandomForestClassifier) or not estimator.estimators_:
        raise TrainingError("The file does not hold a random forest.")
    need(estimator.n_features_in_ == columns)
    for tree in (member.tree_ for member in estimator.estimators_):
        nodes = np.arange(tree.node_count)
        inner = tree.children_left != -1
        for children in (tree.children_left[inner], tree.children_right[inner]):
            # A child comes after its parent, so no path is endless either.
            need(not ((children >= tree.node_count) | (children <= nodes[inner])).any())
        need(not ((tree.feature[inner] < 0) | (tree.feature[inner] >= columns)).any())


def size(estimator: RandomForestClassifier) -> Size:
    """Feature and threshold of each branching, the class shares of each leaf."""
    trees = [member.tree_ for member in estimator.estimators_]
    classes = len(estimator.classes_)
    leaves = sum(int(tree.n_leaves) for tree in trees)
    branchings = sum(int(tree.node_count) for tree in trees) - leaves
    return Size(
        numbers=2 * branchings + classes * leaves,
        operations=sum(int(tree.max_depth) for tree in trees) + classes * len(trees),
        counted="comparisons along the longest path of each tree, and the sum of their votes",
    )
