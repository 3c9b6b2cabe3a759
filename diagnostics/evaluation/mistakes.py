"""What is taken for what, and how sure the classifier was of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.evaluation.metrics import check_probabilities, confusion_matrix
from diagnostics.evaluation.predictions import Floats, Ints

MOST_PAIRS = 20
MOST_LISTED = 20


@dataclass(frozen=True)
class ConfusedPair:
    """``share`` is of the items of the true class, ``confidence`` the mean in the wrong class."""

    true_class: str
    predicted_class: str
    count: int
    share: float
    confidence: float


@dataclass(frozen=True)
class Mistake:
    """One item; ``index`` is its row in what was given."""

    index: int
    true_class: str
    predicted_class: str
    confidence: float
    probability_of_true: float


@dataclass(frozen=True)
class ClassErrors:
    """``rate`` is None for a class without items."""

    name: str
    count: int
    errors: int
    rate: float | None


@dataclass(frozen=True)
class Mistakes:
    """``close`` are right answers that nearly were not."""

    count: int
    errors: int
    pairs: tuple[ConfusedPair, ...]
    confident: tuple[Mistake, ...]
    close: tuple[Mistake, ...]
    classes: tuple[ClassErrors, ...]
    confidence_right: float | None
    confidence_wrong: float | None


def find_mistakes(
    predictions: Ints, probabilities: Floats, targets: Ints, class_names: tuple[str, ...]
) -> Mistakes:
    """Most confused pairs of classes, and the items that were wrong with the most confidence.

    A wrong label looks like a confident mistake, so these are worth a look one by one.

    Parameters
    ----------
    predictions, targets : array of shape (n,)
        Class numbers.
    probabilities : array of shape (n, classes)
    class_names : tuple of str

    Returns
    -------
    Mistakes
        At most 20 of each list, the strongest first.

    Raises
    ------
    EvaluationError
        If shapes contradict each other or there is nothing to look at.

    Examples
    --------
    >>> found = find_mistakes(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]),
    ...     np.array([0, 0, 1]), ("healthy", "worn"))
    >>> found.pairs[0].true_class, found.pairs[0].predicted_class, found.pairs[0].share
    ('healthy', 'worn', 0.5)
    >>> found.confident[0].index, found.close[0].index
    (1, 2)
    """
    check_probabilities(probabilities, targets, len(class_names))
    confusion = confusion_matrix(targets, predictions, len(class_names))
    rows = np.arange(len(targets))
    confidence, of_true = probabilities[rows, predictions], probabilities[rows, targets]
    wrong = predictions != targets

    def listed(indices: Ints) -> tuple[Mistake, ...]:
        return tuple(
            Mistake(
                int(n),
                class_names[targets[n]],
                class_names[predictions[n]],
                float(confidence[n]),
                float(of_true[n]),
            )
            for n in indices[:MOST_LISTED]
        )

    order = np.argsort(-confidence, kind="stable")
    return Mistakes(
        count=len(targets),
        errors=int(wrong.sum()),
        pairs=_pairs(confusion, confidence, predictions, targets, class_names),
        confident=listed(order[wrong[order]]),
        close=listed(order[::-1][~wrong[order[::-1]]]),
        classes=_classes(confusion, class_names),
        confidence_right=float(confidence[~wrong].mean()) if (~wrong).any() else None,
        confidence_wrong=float(confidence[wrong].mean()) if wrong.any() else None,
    )


def _pairs(
    confusion: Ints,
    confidence: Floats,
    predictions: Ints,
    targets: Ints,
    class_names: tuple[str, ...],
) -> tuple[ConfusedPair, ...]:
    support = confusion.sum(axis=1)
    off = confusion.copy()
    np.fill_diagonal(off, 0)
    found = [
        ConfusedPair(
            class_names[true],
            class_names[said],
            int(off[true, said]),
            float(off[true, said] / support[true]),
            float(confidence[(targets == true) & (predictions == said)].mean()),
        )
        for true, said in zip(*np.nonzero(off), strict=True)
    ]
    found.sort(key=lambda pair: (-pair.count, -pair.share, pair.true_class, pair.predicted_class))
    return tuple(found[:MOST_PAIRS])


def _classes(confusion: Ints, class_names: tuple[str, ...]) -> tuple[ClassErrors, ...]:
    rows = []
    for number, name in enumerate(class_names):
        count = int(confusion[number].sum())
        errors = count - int(confusion[number, number])
        rows.append(ClassErrors(name, count, errors, errors / count if count else None))
    return tuple(rows)
