"""Precision against recall: each class against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bands import GRID, heights
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.predictions import Floats


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """``recall`` rises from 0 to 1; ``area`` is the average precision.

    ``guessing`` is the share of the class among the items: the precision of any classifier
    that does not look.
    """

    recall: Floats
    precision: Floats
    area: float
    guessing: float


def precision_recall_curve(scores: Floats, positive: NDArray[np.bool_]) -> PrecisionRecallCurve:
    """How many alarms are true, against how many faults are found, at every threshold.

    On a machine where faults are rare it says more than a ROC curve: a small rate of false
    alarms among many healthy recordings is still many false alarms. It depends on how common
    the class is in the test data, so curves over different data cannot be compared.

    Parameters
    ----------
    scores : array of shape (n,)
        Higher for the class; in any unit.
    positive : array of shape (n,)
        Whether the item is of the class.

    Returns
    -------
    PrecisionRecallCurve
        One point for each distinct score; the first one is repeated at recall 0. The area is
        the sum of each step in recall times the precision reached there [1]_: straight lines
        between the points would be too good.

    Raises
    ------
    EvaluationError
        If there is no item of the class.

    References
    ----------
    .. [1] J. Davis and M. Goadrich, "The relationship between Precision-Recall and ROC
       curves", ICML 2006.

    Examples
    --------
    >>> curve = precision_recall_curve(
    ...     np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False]))
    >>> round(curve.area, 4), curve.guessing
    (0.8333, 0.5)
    """
    found = int(positive.sum())
    if found == 0:
        raise EvaluationError("A precision–recall curve needs items of the class.")
    order = np.argsort(-scores, kind="stable")
    last_of_equals = np.append(np.flatnonzero(np.diff(scores[order])), positive.size - 1)
    hits = np.cumsum(positive[order])[last_of_equals]
    precision = hits / (last_of_equals + 1)
    recall = hits / found
    # Of counts and not of shares, so that a perfect order gives 1 to the last digit.
    area = float((np.diff(hits, prepend=0) * precision).sum() / found)
    return PrecisionRecallCurve(
        np.append(0.0, recall), np.append(precision[0], precision), area, found / positive.size
    )


def macro_average(curves: list[PrecisionRecallCurve]) -> PrecisionRecallCurve:
    """The mean precision at each recall of a grid of 101, and the mean of the areas.

    Every class counts the same, however many items it has.

    Raises
    ------
    EvaluationError
        If there is no curve.
    """
    if not curves:
        raise EvaluationError("No class has a precision–recall curve to average.")
    rows = [heights(c.recall[None], c.precision[None], at_least=True)[0] for c in curves]
    area = float(np.mean([curve.area for curve in curves]))
    guessing = float(np.mean([curve.guessing for curve in curves]))
    return PrecisionRecallCurve(GRID, np.mean(rows, axis=0), area, guessing)
