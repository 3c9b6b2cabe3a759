"""Receiver operating characteristics: each class against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError

Floats = NDArray[np.float64]

# What a plot a few hundred pixels wide can show.
PLOT_POINTS = 200


@dataclass(frozen=True)
class RocCurve:
    """False and true positive rates, both rising from 0 to 1, and the area below."""

    false_positive_rate: Floats
    true_positive_rate: Floats
    area: float


def roc_curve(scores: Floats, positive: NDArray[np.bool_]) -> RocCurve:
    """Every trade-off between false alarms and faults found that a threshold could give.

    The area is the chance that an item of the class gets a higher score than one of the
    rest: 0.5 is guessing. It judges the order of the scores only: a network whose
    probabilities are all far too low can still reach 1, and on a machine where faults are
    rare even a small false positive rate can mean more false alarms than faults.

    Parameters
    ----------
    scores : array of shape (n,)
        Higher for the class; in any unit.
    positive : array of shape (n,)
        Whether the item is of the class.

    Returns
    -------
    RocCurve
        One point for each distinct score, beginning at (0, 0).

    Raises
    ------
    EvaluationError
        If there is no item of the class, or nothing else.

    Examples
    --------
    >>> curve = roc_curve(np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False]))
    >>> curve.area
    0.75
    """
    found, total = int(positive.sum()), positive.size
    if found in (0, total):
        raise EvaluationError("A ROC curve needs items of the class and items of the rest.")
    order = np.argsort(-scores, kind="stable")
    # Items with equal scores fall together: no threshold lies between them.
    last_of_equals = np.append(np.flatnonzero(np.diff(scores[order])), total - 1)
    hits = np.cumsum(positive[order])[last_of_equals]
    alarms = last_of_equals + 1 - hits
    true_rate = np.concatenate([[0.0], hits / found])
    false_rate = np.concatenate([[0.0], alarms / (total - found)])
    # Of counts and not of rates, so that a perfect order gives 1 to the last digit.
    below = np.trapezoid(np.append(0, hits), np.append(0, alarms))
    return RocCurve(false_rate, true_rate, float(below / (found * (total - found))))


def macro_average(curves: list[RocCurve]) -> RocCurve:
    """The mean of the curves at each false positive rate, and the mean of their areas.

    Every class counts the same, however many items it has.

    Raises
    ------
    EvaluationError
        If there is no curve.
    """
    if not curves:
        raise EvaluationError("No class has a ROC curve to average.")
    grid = np.unique(np.concatenate([curve.false_positive_rate for curve in curves]))
    heights = np.mean([_height_at(curve, grid) for curve in curves], axis=0)
    area = float(np.mean([curve.area for curve in curves]))
    return RocCurve(np.append(0.0, grid), np.append(0.0, heights), area)


def thin(curve: RocCurve, points: int = PLOT_POINTS) -> RocCurve:
    """At most ``points`` points that look the same; the area stays that of the full curve.

    Points on a straight line between their neighbours go first, then points are taken
    evenly along the curve, so that steep parts keep as many as flat ones.
    """
    x, y = curve.false_positive_rate, curve.true_positive_rate
    corner = np.ones(x.size, dtype=bool)
    corner[1:-1] = np.abs(np.diff(x)[:-1] * np.diff(y)[1:] - np.diff(x)[1:] * np.diff(y)[:-1]) > 0
    x, y = x[corner], y[corner]
    if x.size > points:
        along = x + y
        wanted = np.linspace(along[0], along[-1], points)
        keep = np.unique(np.searchsorted(along, wanted).clip(0, x.size - 1))
        x, y = x[keep], y[keep]
    return RocCurve(x, y, curve.area)


def _height_at(curve: RocCurve, grid: Floats) -> Floats:
    # Where the curve rises straight up, its upper end counts.
    x, y = curve.false_positive_rate, curve.true_positive_rate
    last = np.append(np.diff(x) > 0, True)
    return np.asarray(np.interp(grid, x[last], y[last]), dtype=np.float64)
