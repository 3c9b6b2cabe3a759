"""Shapley values of any function of a row, exact or from permutations.

The game is the interventional one: columns outside a coalition take the values of background
rows, and the worth of a coalition is the mean of the function over them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Score = Callable[[Values], Values]
Masks = NDArray[np.bool_]
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class Shapley:
    """Values of one row.

    Attributes
    ----------
    base : float
        Mean of the function over the background.
    values : array of shape (columns,)
        Their sum and ``base`` make the function’s value of the row.
    error : array of shape (columns,)
        Standard error of each value; 0 when they are exact.
    evaluations : int
        Rows the function was asked for.
    """

    base: float
    values: Values
    error: Values
    evaluations: int


def is_exact(columns: int, background: int, evaluations: int) -> bool:
    """Whether all coalitions can be asked for within so many evaluations."""
    return columns < 20 and 2**columns * background <= evaluations


def shapley(
    score: Score, row: Values, background: Values, evaluations: int, rng: np.random.Generator
) -> Shapley:
    """Exact values where all coalitions fit into the evaluations, otherwise estimates.

    Parameters
    ----------
    score : callable
        From (rows, columns) to (rows,).
    row : array of shape (columns,)
    background : array of shape (rows, columns)
    evaluations : int
        At most, but at least one pair of permutations.
    rng : Generator

    References
    ----------
    .. [1] L. S. Shapley, A Value for n-Person Games, 1953.
    .. [2] E. Štrumbelj, I. Kononenko, Explaining Prediction Models and Individual Predictions
       with Feature Contributions, Knowledge and Information Systems 41, 2014.

    Examples
    --------
    >>> found = shapley(lambda x: x[:, 0] * x[:, 1], np.array([2.0, 3.0]), np.zeros((1, 2)),
    ...                 100, np.random.default_rng(0))
    >>> found.base, found.values.tolist()
    (0.0, [3.0, 3.0])
    """
    if is_exact(len(row), len(background), evaluations):
        return _exact(score, row, background)
    return _by_permutations(score, row, background, evaluations, rng)


def _exact(score: Score, row: Values, background: Values) -> Shapley:
    columns = len(row)
    numbers = np.arange(2**columns)
    masks = (numbers[:, None] >> np.arange(columns)) & 1 == 1
    worth = _worth(score, row, background, masks)
    sizes = masks.sum(axis=1)
    weights = np.array(
        [factorial(s) * factorial(columns - s - 1) / factorial(columns) for s in range(columns)]
    )
    values = np.empty(columns)
    for column in range(columns):
        without = numbers[~masks[:, column]]
        gained = worth[without | (1 << column)] - worth[without]
        values[column] = (weights[sizes[without]] * gained).sum()
    return Shapley(float(worth[0]), values, np.zeros(columns), len(masks) * len(background))


def _by_permutations(
    score: Score, row: Values, background: Values, evaluations: int, rng: np.random.Generator
) -> Shapley:
    """Each order of columns is walked forwards and backwards, which evens out interactions."""
    columns = len(row)
    # The empty and the full coalition are shared by all walks.
    pairs = max(1, evaluations // (2 * max(1, columns - 1) * len(background)))
    orders = np.array([rng.permutation(columns) for _ in range(pairs)])
    walks = np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, columns)
    ranks = np.argsort(walks, axis=1)
    steps = np.arange(1, columns)
    masks = ranks[:, None, :] < steps[None, :, None]
    inner = _worth(score, row, background, masks.reshape(-1, columns))
    ends = _worth(score, row, background, np.array([[False] * columns, [True] * columns]))
    worth = np.empty((len(walks), columns + 1))
    worth[:, 0], worth[:, -1] = ends
    worth[:, 1:-1] = inner.reshape(len(walks), columns - 1)
    gains = np.take_along_axis(np.diff(worth, axis=1), ranks, axis=1)
    by_pair = gains.reshape(pairs, 2, columns).mean(axis=1)
    spread = by_pair.std(axis=0, ddof=1) if pairs > 1 else np.full(columns, np.nan)
    asked = (masks.shape[0] * masks.shape[1] + 2) * len(background)
    return Shapley(float(ends[0]), by_pair.mean(axis=0), spread / np.sqrt(pairs), asked)


def _worth(score: Score, row: Values, background: Values, masks: Masks) -> Values:
    """Mean of the function over the background, the columns of each mask taken from the row."""
    found = np.empty(len(masks))
    step = max(1, _ROWS_AT_ONCE // len(background))
    for start in range(0, len(masks), step):
        part = masks[start : start + step]
        mixed = np.where(part[:, None, :], row, background)
        scores = score(mixed.reshape(-1, len(row)))
        found[start : start + len(part)] = scores.reshape(len(part), -1).mean(axis=1)
    return found
