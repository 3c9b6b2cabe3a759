"""Scores of a classifier, all computed from its confusion matrix.

Every score takes confusion matrices of shape (..., classes, classes), rows the true
class and columns the predicted one, so that a bootstrap can score thousands at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Of sums in single precision.
ROUNDING = 1e-3


def confusion_matrix(targets: Ints, predicted: Ints, classes: int) -> Ints:
    """How often each class was taken for each class.

    Parameters
    ----------
    targets, predicted : array of shape (n,)
        Class numbers, 0 to ``classes - 1``.
    classes : int
        Number of classes the network knows, also those that do not occur here.

    Returns
    -------
    array of shape (classes, classes)
        Counts; rows are the true class, columns the predicted one.

    Raises
    ------
    EvaluationError
        If the two differ in length or a number is not one of the classes.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    if targets.shape != predicted.shape or targets.ndim != 1:
        raise EvaluationError(
            f"Expected one prediction for each target, got {predicted.shape} for {targets.shape}."
        )
    both = np.concatenate([targets, predicted])
    if both.size and (both.min() < 0 or both.max() >= classes):
        raise EvaluationError(
            f"Class numbers must be 0 to {classes - 1}, got {both.min()} to {both.max()}."
        )
    flat = np.bincount(targets * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def check_probabilities(probabilities: Floats, targets: Ints, classes: int) -> None:
    """Refuse arrays of which nothing can be said.

    Parameters
    ----------
    probabilities : array of shape (n, classes)
    targets : array of shape (n,)
        Class numbers, 0 to ``classes - 1``.
    classes : int

    Raises
    ------
    EvaluationError
        If the shapes contradict each other, nothing is given, a probability is not a number from
        0 to 1, or a target is not one of the classes.
    """
    if targets.ndim != 1 or probabilities.shape != (len(targets), classes) or len(targets) == 0:
        raise EvaluationError(
            f"Expected probabilities of {classes} classes for each of {targets.size} "
            f"targets, one or more, got the shape {probabilities.shape}."
        )
    if not ((probabilities >= 0) & (probabilities <= 1 + ROUNDING)).all():
        raise EvaluationError("Some probabilities are not numbers from 0 to 1.")
    if targets.min() < 0 or targets.max() >= classes:
        raise EvaluationError(
            f"Class numbers must be 0 to {classes - 1}, got {targets.min()} to {targets.max()}."
        )


def accuracy(confusion: NDArray[np.generic]) -> Floats:
    """Share of the items whose class was found.

    Misleads when classes are unequal in number: a machine that is healthy for 95 of 100
    recordings gives 0.95 to a classifier that has never found a fault.

    Parameters
    ----------
    confusion : array of shape (..., classes, classes)

    Returns
    -------
    array of shape (...,)
        0 to 1; NaN where there is no item.

    Examples
    --------
    >>> float(accuracy(np.array([[3, 1], [0, 4]])))
    0.875
    """
    counts = np.asarray(confusion, dtype=np.float64)
    hits = np.diagonal(counts, axis1=-2, axis2=-1).sum(axis=-1)
    return _ratio(hits, counts.sum(axis=(-2, -1)))


def recall(confusion: NDArray[np.generic]) -> Floats:
    """Of the items of each class, the share that was found; NaN where a class has none.

    Examples
    --------
    >>> recall(np.array([[3, 1], [0, 4]]))
    array([0.75, 1.  ])
    """
    counts = np.asarray(confusion, dtype=np.float64)
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1))


def precision(confusion: NDArray[np.generic]) -> Floats:
    """Of the items taken for each class, the share that was right; NaN if never predicted.

    It depends on how common the classes are in the test data, and on a machine in
    operation faults are far rarer than in most test data.

    Examples
    --------
    >>> precision(np.array([[3, 1], [0, 4]]))
    array([1. , 0.8])
    """
    counts = np.asarray(confusion, dtype=np.float64)
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-2))


def f1(confusion: NDArray[np.generic]) -> Floats:
    """Harmonic mean of precision and recall of each class; NaN where a class has no items.

    A class that occurs but was never found has the F1 0, also when it was never predicted.

    Examples
    --------
    >>> f1(np.array([[3, 1], [0, 4]])).round(3)
    array([0.857, 0.889])
    """
    counts = np.asarray(confusion, dtype=np.float64)
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    support = counts.sum(axis=-1)
    result = _ratio(2 * hits, support + counts.sum(axis=-2))
    result[support == 0] = np.nan
    return result


def balanced_accuracy(confusion: NDArray[np.generic]) -> Floats:
    """Mean recall over the classes that occur.

    Each class counts the same however many recordings it has, so a classifier that always
    says “healthy” gets 1 / classes and not the share of healthy recordings. With few
    items in a class, one of them moves the figure a lot.

    Parameters
    ----------
    confusion : array of shape (..., classes, classes)

    Returns
    -------
    array of shape (...,)
        0 to 1; NaN where there is no item.

    Examples
    --------
    >>> float(balanced_accuracy(np.array([[8, 0], [2, 0]])))
    0.5
    """
    return _mean_over_present(recall(confusion), confusion)


def macro_f1(confusion: NDArray[np.generic]) -> Floats:
    """Mean F1 over the classes that occur.

    Unlike balanced accuracy it also falls when a class is predicted too often. Items that
    were taken for a class that does not occur count as missed in their own class.

    Parameters
    ----------
    confusion : array of shape (..., classes, classes)

    Returns
    -------
    array of shape (...,)
        0 to 1; NaN where there is no item.

    Examples
    --------
    >>> round(float(macro_f1(np.array([[3, 1], [0, 4]]))), 3)
    0.873
    """
    return _mean_over_present(f1(confusion), confusion)


Statistic = Callable[[NDArray[np.generic]], Floats]

# What a report gives for windows and for recordings, in the order in which pages show it.
SCORES: dict[str, Statistic] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}


def _ratio(part: Floats, whole: Floats) -> Floats:
    result = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _mean_over_present(values: Floats, confusion: NDArray[np.generic]) -> Floats:
    present = np.asarray(confusion).sum(axis=-1) > 0
    total = np.where(present, values, 0.0).sum(axis=-1)
    return _ratio(total, present.sum(axis=-1).astype(np.float64))
