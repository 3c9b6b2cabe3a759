"""What a model of a search expects between its trials: scores over a grid of two settings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from diagnostics.search.space import Choices, Dimension, Interval, Space, Value

# Like the forests of fANOVA.
TREES = 64
STEPS = 20
# Settings of which each pair is looked at, and trials that stand for the other settings.
MOST_SETTINGS, MOST_OTHERS = 4, 100
DIGITS = 4


@dataclass(frozen=True)
class Surface:
    """Expected scores over a regular grid: ``scores[row][column]`` at ``y_values``, ``x_values``.

    Settings that are searched by their logarithm have steps of equal ratio.
    """

    x: str
    y: str
    x_values: list[Value]
    y_values: list[Value]
    scores: list[list[float]]


@dataclass(frozen=True)
class Surfaces:
    """Surfaces of one forest. ``r2`` is its coefficient of determination over all trials, each
    forecast by the trees that have not seen it (out of bag); below 0 it knows less than the mean.
    """

    surfaces: list[Surface]
    r2: float


def surfaces(
    space: Space,
    points: Sequence[Mapping[str, Value]],
    values: Sequence[float],
    names: Sequence[str],
    seed: int,
) -> Surfaces:
    """Learn the score from the settings, and ask for it between the trials.

    The score at a place of the grid is the mean over the trials' other settings (partial
    dependence [1]_). A forest never forecasts beyond the scores that it has seen.

    Parameters
    ----------
    space : Space
    points, values : sequences of the same length
        Of trials that came to their end.
    names : sequence of str
        Settings that every point has; of the first :data:`MOST_SETTINGS` each pair is looked at.
    seed : int

    References
    ----------
    .. [1] J. Friedman, Greedy Function Approximation: A Gradient Boosting Machine, Annals of
       Statistics 29, 2001.
    """
    used = [one for one in space.dimensions if all(one.name in point for point in points)]
    known = np.hstack([_columns(one, [point[one.name] for point in points]) for one in used])
    forest = RandomForestRegressor(TREES, oob_score=True, random_state=seed)
    forest.fit(known, np.asarray(values, dtype=float))
    chosen = np.random.default_rng(seed).permutation(len(points))[:MOST_OTHERS]
    others = known[np.sort(chosen)]
    wanted = [one for name in names[:MOST_SETTINGS] for one in used if one.name == name]
    places = _places(used)
    return Surfaces(
        [_surface(forest, others, places, x, y) for x, y in itertools.combinations(wanted, 2)],
        _rounded(forest.oob_score_),
    )


def _surface(
    forest: RandomForestRegressor,
    others: NDArray[np.float64],
    places: Mapping[str, slice],
    x: Dimension,
    y: Dimension,
) -> Surface:
    x_values, y_values = _grid(x), _grid(y)
    scores = []
    for y_column in _columns(y, y_values):
        asked = np.repeat(others[None], len(x_values), axis=0)
        asked[:, :, places[y.name]] = y_column
        asked[:, :, places[x.name]] = _columns(x, x_values)[:, None, :]
        told = forest.predict(asked.reshape(-1, others.shape[1]))
        scores.append([_rounded(one) for one in told.reshape(len(x_values), -1).mean(axis=1)])
    return Surface(x.name, y.name, x_values, y_values, scores)


def _grid(dimension: Dimension) -> list[Value]:
    if isinstance(dimension, Choices):
        return list(dimension.choices)
    assert isinstance(dimension, Interval)
    low, high = dimension.low, dimension.high
    between = np.geomspace if dimension.log else np.linspace
    if dimension.whole and high - low < STEPS:
        return list(range(int(low), int(high) + 1))
    return [_rounded(one) for one in between(low, high, STEPS)]


def _columns(dimension: Dimension, values: Sequence[Value]) -> NDArray[np.float64]:
    """Values as a forest reads them: choices as one column each, logarithms where searched so."""
    if isinstance(dimension, Choices):
        return np.array([[value == one for one in dimension.choices] for value in values], float)
    assert isinstance(dimension, Interval)
    column = np.array(values, dtype=float)[:, None]
    return np.log(column) if dimension.log else column


def _places(dimensions: Sequence[Dimension]) -> dict[str, slice]:
    """Which columns belong to which setting."""
    found, begin = {}, 0
    for one in dimensions:
        width = len(one.choices) if isinstance(one, Choices) else 1
        found[one.name] = slice(begin, begin + width)
        begin += width
    return found


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
