"""Shapley values of the path lengths in an isolation forest, exact and without background.

Columns outside a coalition are averaged over by the rows of the sample in each branch (the game
of TreeSHAP, [1]_). The worth of a coalition is then a sum over leaves of products over the
columns on their paths, and the Shapley value of a product game is an integral of a polynomial,

    φ_j = v (z_j − w_j) ∫₀¹ ∏_{k≠j} (t z_k + (1 − t) w_k) dt,

with z_k whether the row satisfies all cuts by column k, and w_k the share of rows that do. Gauss’
quadrature gives it exactly.

References
----------
.. [1] S. M. Lundberg et al., From Local Explanations to Global Understanding with Explainable
   AI for Trees, Nature Machine Intelligence 2, 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.algorithms.isolation_forest import Forest, Grown

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Paths:
    """The ways to the leaves of a tree, a place for each column that is cut on a way.

    Attributes
    ----------
    length : array of shape (leaves,)
        Path length at the leaf.
    column : array of shape (leaves, places)
        0 where a place is not used.
    low, high : arrays of shape (leaves, places)
        A row satisfies the cuts when ``low < value <= high``.
    share : array of shape (leaves, places)
        Of rows that satisfy them; 1 where a place is not used.
    """

    length: Values
    column: NDArray[np.intp]
    low: Values
    high: Values
    share: Values


def path_length_shap(forest: Forest, values: Values) -> tuple[float, Values]:
    """What each column adds to the mean path length of rows.

    Parameters
    ----------
    forest : Forest
    values : array of shape (rows, columns)

    Returns
    -------
    base : float
        Mean path length of the rows the trees were grown on.
    shap : array of shape (rows, columns)
        ``base`` and the sum over columns make the mean path length of a row.
    """
    rows = values.astype(np.float32)
    found = np.zeros(values.shape)
    for tree in forest.trees:
        _add_tree(_paths(tree), rows, found)
    count = len(forest.trees)
    return float(np.mean([tree.expected[0] for tree in forest.trees])), found / count


def score_shap(forest: Forest, values: Values) -> tuple[float, Values]:
    """The same for the score, to which path lengths are turned by one falling curve.

    The values of a row are stretched by one factor, so that they add up to its score.
    """
    base, shap = path_length_shap(forest, values)
    usual = forest.usual
    away = shap.sum(axis=1, keepdims=True)
    start = 2.0 ** (-base / usual)
    # Of the curve where the row lies at the base; elsewhere of the line to the row.
    steep = -np.log(2.0) / usual * start
    near = np.abs(away) < 1e-9
    chord = start * np.expm1(-away / usual * np.log(2.0)) / np.where(near, 1.0, away)
    return float(start), shap * np.where(near, steep, chord)


def _add_tree(paths: Paths, rows: NDArray[np.float32], found: Values) -> None:
    places = paths.column.shape[1]
    nodes, weights = np.polynomial.legendre.leggauss(places // 2 + 1)
    nodes, weights = (nodes + 1.0) / 2.0, weights / 2.0
    for number, row in enumerate(rows):
        cells = row[paths.column]
        inside = ((cells > paths.low) & (cells <= paths.high)).astype(np.float64)
        # (leaves, places, nodes); shares are above 0, so no factor is 0.
        factors = nodes * inside[:, :, None] + (1.0 - nodes) * paths.share[:, :, None]
        others = factors.prod(axis=1, keepdims=True) / factors
        change = paths.length[:, None] * (inside - paths.share) * (others @ weights)
        np.add.at(found[number], paths.column.ravel(), change.ravel())


def _paths(tree: Grown) -> Paths:
    ways = _ways(tree)
    leaves = sorted(ways)
    places = max((len(ways[leaf]) for leaf in leaves), default=0) or 1
    shape = (len(leaves), places)
    column, share = np.zeros(shape, dtype=np.intp), np.ones(shape)
    low, high = np.full(shape, -np.inf), np.full(shape, np.inf)
    for number, leaf in enumerate(leaves):
        for place, (name, (least, most, part)) in enumerate(ways[leaf].items()):
            column[number, place], share[number, place] = name, part
            low[number, place], high[number, place] = least, most
    return Paths(tree.path_lengths[leaves], column, low, high, share)


Way = dict[int, tuple[float, float, float]]


def _ways(tree: Grown) -> dict[int, Way]:
    """For each leaf the columns on the way there: limits, and share of rows within."""
    ways: dict[int, Way] = {0: {}}
    for node in np.flatnonzero(~tree.is_leaf).tolist():
        way = ways.pop(node)
        column, cut = int(tree.feature[node]), float(tree.threshold[node])
        low, high, share = way.get(column, (-np.inf, np.inf, 1.0))
        for child, limits in (
            (int(tree.left[node]), (low, min(high, cut))),
            (int(tree.right[node]), (max(low, cut), high)),
        ):
            part = share * float(tree.rows[child]) / float(tree.rows[node])
            ways[child] = {**way, column: (*limits, part)}
    return ways
