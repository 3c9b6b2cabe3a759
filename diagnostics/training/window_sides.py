"""Which side each window is drawn to when windows are split at random, whatever they are cut from.

That is the split of many published results, and it leaks: windows of one recording, of one
bearing, lie on both sides. It is here to be compared with a split by group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnostics.training.config import RandomWindows

TRAIN, VALIDATION, TEST = range(3)
"""Positions in the order of :class:`diagnostics.training.split.Side`."""


def draw_sides(classes: NDArray[np.int64], choice: RandomWindows) -> NDArray[np.int8]:
    """The side of each window, by class so that each side has its share of every class.

    Parameters
    ----------
    classes : array of shape (windows,)
        Class of each window, recordings in the order of their ids and windows by time. The
        same order and seed give the same sides.
    choice : RandomWindows

    Returns
    -------
    array of shape (windows,), int8
        0 for training, 1 for validation, 2 for the test.

    Examples
    --------
    >>> sides = draw_sides(np.repeat([0, 1], 10), RandomWindows(test=0.3, validation=0.2))
    >>> np.bincount(sides[:10]), np.bincount(sides[10:])
    (array([5, 2, 3]), array([5, 2, 3]))
    """
    sides = np.full(classes.size, TRAIN, dtype=np.int8)
    for name in np.unique(classes):
        own = np.flatnonzero(classes == name)
        drawn = np.random.default_rng([choice.seed, int(name) + 1]).permutation(own)
        test = _part(own.size, choice.test)
        sides[drawn[:test]] = TEST
        sides[drawn[test : test + _part(own.size, choice.validation)]] = VALIDATION
    return sides


def count_sides(
    counts: Sequence[int], classes: Sequence[int], choice: RandomWindows
) -> NDArray[np.int64]:
    """Windows of each recording on each side.

    Parameters
    ----------
    counts, classes : sequence of int
        Windows and class of each recording, in the order of the ids.
    choice : RandomWindows

    Returns
    -------
    array of shape (recordings, 3)

    Examples
    --------
    >>> count_sides([4, 4], [0, 1], RandomWindows(test=0.25, validation=0.25))
    array([[2, 1, 1],
           [2, 1, 1]])
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    sides = draw_sides(np.repeat(np.asarray(classes, dtype=np.int64), counts), choice)
    found = np.zeros((len(counts), 3), dtype=np.int64)
    np.add.at(found, (owner, sides), 1)
    return found


def _part(count: int, share: float) -> int:
    """The share as a whole number, one at least where there are enough."""
    wanted = round(share * count)
    return max(wanted, 1) if share > 0 and count > 2 else wanted
