"""What every classifier on features shares: its table, its size, what its module offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError
from diagnostics.progress import Report
from diagnostics.training.config import ClassWeights, TrainingConfig


@dataclass(frozen=True)
class Table:
    """Features of the training windows.

    Attributes
    ----------
    features : array of shape (windows, columns)
        A column for each feature of each channel.
    targets : array of shape (windows,)
    recordings : array of shape (windows,)
        Which recording each window is cut from.
    """

    features: NDArray[np.float64]
    targets: NDArray[np.int64]
    recordings: NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How large a fitted classifier is.

    Attributes
    ----------
    numbers : int
        That were learned.
    operations : int
        For one window, features not counted.
    counted : str
        What the operations are.
    """

    numbers: int
    operations: int
    counted: str


class Model(Protocol):
    """The module of a classifier on features."""

    TRUSTED: tuple[str, ...]
    """Types in its file that skops leaves to us to trust."""

    def learn(self, config: TrainingConfig, table: Table, report: Report) -> Any:
        """A fitted estimator of scikit-learn with ``classes_`` and ``predict_proba``.

        Reports the stage “train” at least once before it is done.
        """

    def check(self, estimator: Any, columns: int) -> None:
        """Refuse what scikit-learn would follow blindly in an estimator from a file.

        Raises
        ------
        TrainingError
            If it is another kind of estimator, or does not fit the number of columns.
        """

    def size(self, estimator: Any) -> Size:
        """How large a fitted estimator is."""


def class_weights(config: TrainingConfig, targets: NDArray[np.int64]) -> dict[int, float] | None:
    """As "balanced" of scikit-learn, which warns when a classifier grows step by step.

    Examples
    --------
    >>> from diagnostics.training.config import GroupFractions
    >>> config = TrainingConfig(GroupFractions(), classifier="svm")
    >>> class_weights(config, np.array([0, 0, 0, 1]))
    {0: 0.6666666666666666, 1: 2.0}
    """
    if config.class_weights is not ClassWeights.BALANCED:
        return None
    found, counts = np.unique(targets, return_counts=True)
    weights = len(targets) / (len(found) * counts)
    return dict(zip(found.tolist(), weights.tolist(), strict=True))


def window_weights(
    config: TrainingConfig, targets: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """The weight of its class for each window; None where all have the same."""
    weights = class_weights(config, targets)
    if weights is None or len(set(weights.values())) == 1:
        return None
    return np.array([weights[int(target)] for target in targets])


def need_two_classes(config: TrainingConfig, table: Table) -> None:
    """Refuse a training part that has nothing to tell apart.

    Raises
    ------
    TrainingError
        If all windows are of one class.
    """
    if len(np.unique(table.targets)) < 2:
        raise TrainingError(
            f"{config.card.title} needs two classes to tell apart, and the training part has one."
            " Hold out fewer groups, or choose another group."
        )


def damaged() -> TrainingError:
    """For a file whose numbers do not fit together."""
    return TrainingError("The file with the classifier is damaged.")


def need(condition: bool) -> None:
    """Refuse a damaged file unless the condition holds."""
    if not condition:
        raise damaged()
