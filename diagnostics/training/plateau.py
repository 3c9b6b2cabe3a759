"""Whether a training gets nowhere any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 0.005
"""Part of the lowest loss by which a lower one has to fall below it, to count as progress."""


@dataclass(frozen=True)
class Plateau:
    """``since`` epochs there was no progress; the last was in epoch ``best_epoch``."""

    best_epoch: int
    since: int


def find_plateau(losses: Sequence[float], epochs: int) -> Plateau | None:
    """The plateau that a training is on, or None while it gets on.

    Parameters
    ----------
    losses : sequence of float
        Of the epochs, first to last: on the validation part where there is one.
    epochs : int
        Without progress, from which on it is a plateau; 0 for never.

    Examples
    --------
    >>> find_plateau([1.0, 0.5, 0.499, 0.51, 0.4999], 3)
    Plateau(best_epoch=2, since=3)
    >>> find_plateau([1.0, 0.5, 0.45], 2) is None
    True
    """
    lowest, best_epoch = float("inf"), 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest * (1 - LEAST) or best_epoch == 0:
            lowest, best_epoch = loss, epoch
    since = len(losses) - best_epoch
    return Plateau(best_epoch, since) if epochs and losses and since >= epochs else None
