"""What is counted: windows, or recordings after the vote of their windows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import CONFIDENCE, draw_groups, expanded_tails, stratify
from diagnostics.evaluation.grouping import interval_refusal
from diagnostics.evaluation.predictions import Floats, Ints, Predictions

RESAMPLES = 1000


class Level(enum.StrEnum):
    RECORDINGS = "recordings"
    WINDOWS = "windows"


@dataclass(frozen=True, eq=False)
class Draws:
    """Groups drawn with replacement, again and again.

    Attributes
    ----------
    weights : array of shape (resamples, groups)
        How often each group was drawn.
    tail : float
        Share of the resamples to cut off at each end.
    """

    weights: NDArray[np.float64]
    tail: float

    def interval(self, values: Floats) -> tuple[Floats, Floats]:
        """Ends of the interval of statistics of shape (resamples, ...)."""
        low, high = np.nanquantile(values, [self.tail, 1 - self.tail], axis=0)
        return low, high


@dataclass(frozen=True, eq=False)
class Items:
    """Probabilities and truth of ``n`` windows or recordings, and the group of each.

    Attributes
    ----------
    probabilities : array of shape (n, classes)
    targets, recording_ids, group_of : array of shape (n,)
        Class number, recording, and position in ``groups``.
    groups, class_names : tuple of str
    draws : Draws or None
        None when no interval can be given; ``no_interval`` says why.
    """

    level: Level
    probabilities: Floats
    targets: Ints
    recording_ids: Ints
    group_of: NDArray[np.intp]
    groups: tuple[str, ...]
    class_names: tuple[str, ...]
    draws: Draws | None
    no_interval: str | None

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def predicted(self) -> Ints:
        """The most probable class; the first of equals."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> Floats:
        """Probability of the most probable class."""
        return np.asarray(self.probabilities.max(axis=1))

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return np.asarray(self.predicted != self.targets)

    def sums(self, values: Floats) -> Floats:
        """Sums of the items' values over each group: shape (groups, ...)."""
        total = np.zeros((len(self.groups), *values.shape[1:]))
        np.add.at(total, self.group_of, values)
        return total


def items_of(given: Predictions, level: Level, seed: int, resamples: int = RESAMPLES) -> Items:
    """Windows as they are, or recordings after the vote, with the groups drawn for intervals.

    Parameters
    ----------
    given : Predictions
    level : Level
    seed : int
        The same seed draws the same groups.
    resamples : int

    Returns
    -------
    Items

    Examples
    --------
    >>> given = Predictions(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 0]),
    ...     np.array([7, 7]), np.zeros(2), 0.1, {7: "bearing 1"}, ("healthy", "worn"))
    >>> voted = items_of(given, Level.RECORDINGS, seed=0)
    >>> voted.probabilities, voted.draws
    (array([[0.65, 0.35]]), None)
    """
    if level is Level.WINDOWS:
        chosen = given.probabilities, given.targets, given.recording_ids
    else:
        vote = given.vote()
        chosen = vote.probabilities, vote.targets, vote.recording_ids
    probabilities, targets, ids = chosen
    names = np.array([given.groups[int(number)] for number in ids])
    groups, group_of = np.unique(names, return_inverse=True)
    refusal = interval_refusal(given)
    draws = None
    if refusal is None:
        present = np.zeros((len(groups), len(given.class_names)), dtype=bool)
        present[group_of, targets] = True
        strata = stratify(present)
        weights = draw_groups(present, strata, resamples, np.random.default_rng(seed))
        draws = Draws(weights.astype(np.float64), expanded_tails(strata, CONFIDENCE))
    return Items(
        level,
        probabilities,
        targets,
        ids,
        group_of,
        tuple(str(name) for name in groups),
        given.class_names,
        draws,
        refusal,
    )
