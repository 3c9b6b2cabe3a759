"""Random trees isolate rows; the score is that of scikit-learn, 2^(−mean depth / usual depth)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.tree._tree import NODE_DTYPE, Tree

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.progress import Progress, Report

_FIELDS = ("left_child", "right_child", "feature", "threshold", "n_node_samples")
_ROWS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Grown:
    """One tree as arrays over its nodes; a parent comes before its children.

    Attributes
    ----------
    left, right : arrays of shape (nodes,)
        Children; −1 at leaves.
    feature, threshold : arrays of shape (nodes,)
        A row goes left when its value is not above the threshold.
    rows : array of shape (nodes,)
        Of the sample in each node.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: Values
    rows: NDArray[np.intp]

    @property
    def is_leaf(self) -> NDArray[np.bool_]:
        return self.left < 0

    @cached_property
    def path_lengths(self) -> Values:
        """Of each node: its depth, and how deep its rows would go on average if cut further."""
        depth = np.zeros(len(self.left))
        for node in np.flatnonzero(~self.is_leaf):
            depth[self.left[node]] = depth[self.right[node]] = depth[node] + 1
        return depth + usual_depth(self.rows)

    @cached_property
    def expected(self) -> Values:
        """Mean path length of the rows of the sample that pass each node."""
        found, rows = self.path_lengths.tolist(), self.rows.tolist()  # quicker one by one
        left, right = self.left.tolist(), self.right.tolist()
        for node in np.flatnonzero(~self.is_leaf)[::-1].tolist():
            one, other = left[node], right[node]
            weighted = rows[one] * found[one] + rows[other] * found[other]
            found[node] = weighted / (rows[one] + rows[other])
        return np.array(found)


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees, and by how many rows each was grown."""

    trees: tuple[Grown, ...]
    columns: int
    sample: int

    @property
    def usual(self) -> float:
        """Mean path length in a tree of random cuts, to which all are compared."""
        return float(usual_depth(np.array([self.sample]))[0])

    def scores(self, values: Values) -> Scores:
        found: Scores = 2.0 ** (-self.mean_path_length(values) / self.usual)
        return found

    def mean_path_length(self, values: Values) -> Values:
        """Shape (rows,): how many cuts isolate a row, on average over the trees."""
        found = np.zeros(len(values))
        for start in range(0, len(values), _ROWS_AT_ONCE):
            part = values[start : start + _ROWS_AT_ONCE].astype(np.float32)
            for tree, quick in zip(self.trees, self._quick, strict=True):
                found[start : start + len(part)] += tree.path_lengths[quick.apply(part)]
        return found / len(self.trees)

    def contributions(self, values: Values) -> Values:
        """By how many cuts each column shortens the path of a row, mean over the trees.

        Along the path each cut changes the expected length; the change counts for the column
        that is cut. The sum is the expected length of all rows less that of this row.
        """
        rows = values.astype(np.float32)
        found = np.zeros(values.shape)
        for quick, by_node in zip(self._quick, self._by_node, strict=True):
            found += by_node[quick.apply(rows)]
        return found / len(self.trees)

    def state(self) -> State:
        fields = ("left", "right", "feature", "threshold", "rows")
        arrays = {name: np.concatenate([getattr(t, name) for t in self.trees]) for name in fields}
        arrays["nodes"] = np.array([len(tree.left) for tree in self.trees])
        return State({"columns": self.columns, "sample": self.sample}, arrays)

    @cached_property
    def _quick(self) -> list[Any]:
        """The trees as scikit-learn walks through them."""
        return [_walkable(tree, self.columns) for tree in self.trees]

    @cached_property
    def _by_node(self) -> list[Values]:
        return [_changes(tree, self.columns) for tree in self.trees]


def usual_depth(rows: NDArray[np.intp]) -> Values:
    """Mean depth at which random cuts isolate one of so many rows (Liu et al., equation 1).

    Examples
    --------
    >>> usual_depth(np.array([1, 2, 256])).round(2).tolist()
    [0.0, 1.0, 10.24]
    """
    count = np.maximum(np.asarray(rows, dtype=np.float64), 3.0)
    many = 2.0 * (np.log(count - 1.0) + np.euler_gamma) - 2.0 * (count - 1.0) / count
    found: Values = np.where(rows <= 1, 0.0, np.where(rows == 2, 1.0, many))
    return found


def fit(values: Values, config: Config, report: Report) -> tuple[Forest, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    wanted = config["max_samples"]
    forest = IsolationForest(
        n_estimators=config["n_estimators"],
        max_samples=wanted if wanted == "auto" else min(int(wanted), len(values)),
        random_state=config["random_state"],
    ).fit(values.astype(np.float32))
    report(Progress("fit", 1, 2, "scoring"))
    trees = tuple(_grown(member.tree_) for member in forest.estimators_)
    sample = 256 if wanted == "auto" else int(wanted)
    found = Forest(trees, values.shape[1], min(sample, len(values)))
    return found, found.scores(values)


def load(state: State) -> Forest:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    columns, sample = int(state.settings["columns"]), int(state.settings["sample"])
    counts = state.arrays["nodes"]
    need(counts.ndim == 1 and len(counts) > 0 and bool((counts > 0).all()))
    need(columns > 0 and sample > 1)
    ends = np.cumsum(counts)[:-1]
    names = ("left", "right", "feature", "threshold", "rows")
    need(all(len(state.arrays[name]) == counts.sum() for name in names))
    parts = zip(*(np.split(state.arrays[name], ends) for name in names), strict=True)
    trees = tuple(Grown(*arrays) for arrays in parts)
    for tree in trees:
        _check(tree, columns)
    return Forest(trees, columns, sample)


def _grown(tree: Any) -> Grown:
    nodes = tree.__getstate__()["nodes"]
    return Grown(*(np.array(nodes[name]) for name in _FIELDS))


def _walkable(tree: Grown, columns: int) -> Any:
    nodes = np.zeros(len(tree.left), dtype=NODE_DTYPE)
    arrays = (tree.left, tree.right, tree.feature, tree.threshold, tree.rows)
    for name, array in zip(_FIELDS, arrays, strict=True):
        nodes[name] = array
    nodes["weighted_n_node_samples"] = tree.rows
    found = Tree(columns, np.array([1], dtype=np.intp), 1)
    found.__setstate__(
        {
            "max_depth": len(nodes),
            "node_count": len(nodes),
            "nodes": nodes,
            "values": np.zeros((len(nodes), 1, 1)),
        }
    )
    return found


def _changes(tree: Grown, columns: int) -> Values:
    """What the columns did on the way to each node: (nodes, columns)."""
    found = np.zeros((len(tree.left), columns))
    expected, feature = tree.expected.tolist(), tree.feature.tolist()
    left, right = tree.left.tolist(), tree.right.tolist()
    for node in np.flatnonzero(~tree.is_leaf).tolist():
        for child in (left[node], right[node]):
            found[child] = found[node]
            found[child, feature[node]] += expected[node] - expected[child]
    return found


def _check(tree: Grown, columns: int) -> None:
    """Refuse indices that point outside the arrays, which scikit-learn would follow."""
    nodes = np.arange(len(tree.left))
    inner = ~tree.is_leaf
    need(bool((tree.rows > 0).all()) and bool(((tree.right < 0) == tree.is_leaf).all()))
    for children in (tree.left[inner], tree.right[inner]):
        # A child comes after its parent, so no path is endless either.
        need(not ((children >= len(nodes)) | (children <= nodes[inner])).any())
    need(not ((tree.feature[inner] < 0) | (tree.feature[inner] >= columns)).any())
