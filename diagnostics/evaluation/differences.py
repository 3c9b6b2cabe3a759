"""How far two scores on the same test could be apart with other groups of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import (
    CONFIDENCE,
    MIN_GROUPS,
    Interval,
    expanded_tails,
    stratify,
)
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import SCORES
from diagnostics.evaluation.shared_test import SharedTest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RESAMPLES = 4000
# Weights that are held at a time, so that many groups take time and no memory.
_AT_A_TIME = 4_000_000
_MAX_REDRAWS = 1000


@dataclass(frozen=True)
class ScoreDifference:
    """Score of the first less that of the second. ``adjusted`` allows for all pairs at once."""

    first: int
    second: int
    score: str
    value: float
    interval: Interval
    adjusted: Interval

    @property
    def leaves_out_zero(self) -> bool:
        """Whether the adjusted interval does."""
        return self.adjusted.low > 0 or self.adjusted.high < 0


@dataclass(frozen=True)
class Spread:
    """Intervals of the scores of each experiment, and of the differences of each pair."""

    scores: tuple[dict[str, Interval], ...]
    differences: tuple[ScoreDifference, ...]


@dataclass(frozen=True)
class _Counts:
    """What scores are made of, by group: ``support`` (groups, classes); ``right`` and
    ``named`` (experiments, groups, classes). Several times fewer numbers than confusions.
    """

    support: Floats
    right: Floats
    named: Floats

    def scores(self, weights: Floats) -> dict[str, Floats]:
        """Scores of shape (experiments, resamples) for weights (resamples, groups)."""
        support = weights @ self.support
        right, named = weights @ self.right, weights @ self.named
        present = support > 0
        classes = present.sum(axis=-1)
        recall = np.where(present, right / np.maximum(support, 1), 0)
        f1 = np.where(present, 2 * right / np.maximum(support + named, 1), 0)
        return {
            "accuracy": right.sum(axis=-1) / support.sum(axis=-1),
            "balanced_accuracy": recall.sum(axis=-1) / classes,
            "macro_f1": f1.sum(axis=-1) / classes,
        }


def spread_refusal(shared: SharedTest) -> str | None:
    """Why no interval of the difference can be given, or None.

    Examples
    --------
    >>> from diagnostics.evaluation.shared_test import Overlap
    >>> one = SharedTest(("a", "b"), np.array([0, 1]), np.array([[0, 1], [0, 0]]),
    ...     np.ones((2, 2)), np.array([[1, 2], [1, 2]]), np.array(["load 3", "load 3"]), False,
    ...     (), Overlap((2, 2), 2, 0, 0))
    >>> spread_refusal(one)[:62]
    'No interval of the difference can be given: all 2 recordings a'
    """
    if shared.seen:
        return (
            "No interval of the difference can be given: at least one of the experiments learned"
            " from windows of the tested recordings, and none of its groups is new to it."
        )
    groups = shared.group_numbers
    count = int(groups.max()) + 1
    if count == 1:
        return (
            f"No interval of the difference can be given: all {groups.size} recordings are of one "
            f"group (“{shared.groups[0]}”), and one group cannot say how much groups differ."
        )
    fewest = min(
        np.unique(groups[shared.targets == target]).size for target in np.unique(shared.targets)
    )
    if fewest < MIN_GROUPS:
        return (
            f"No interval of the difference can be given: {MIN_GROUPS} groups of each class or "
            f"more are needed to say how much groups differ, and one class has {fewest} in the "
            "common test."
        )
    return None


def paired_intervals(
    shared: SharedTest,
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> Spread:
    """Bootstrap of scores and of their differences, drawing the same groups for all.

    Groups are drawn as in :func:`diagnostics.evaluation.bootstrap.cluster_intervals`; since
    all experiments are scored on the same draw, what makes a group hard for all of them
    falls out of the difference. The adjusted interval holds for all pairs at once
    (Bonferroni). Groups that came out alike are drawn together.

    It says how the difference of *these trained networks* would vary with other groups;
    another training with another seed may come out otherwise.

    Parameters
    ----------
    shared : SharedTest
    generator : numpy.random.Generator
    resamples : int
    confidence : float

    Raises
    ------
    EvaluationError
        Where :func:`spread_refusal` says why.
    """
    refused = spread_refusal(shared)
    if refused is not None:
        raise EvaluationError(refused)
    counts = _count(shared)
    strata = stratify(counts.support > 0)
    scores = _resample(counts, strata, resamples, generator)
    whole = counts.scores(np.ones((1, counts.support.shape[0])))
    numbers = list(combinations(range(shared.predicted.shape[0]), 2))
    tail = expanded_tails(strata, confidence)
    narrow = expanded_tails(strata, 1 - (1 - confidence) / len(numbers))
    differences = tuple(
        ScoreDifference(
            first,
            second,
            name,
            float(whole[name][first, 0] - whole[name][second, 0]),
            _ends(scores[name][first] - scores[name][second], tail),
            _ends(scores[name][first] - scores[name][second], narrow),
        )
        for first, second in numbers
        for name in SCORES
    )
    own = tuple(
        {name: _ends(scores[name][number], tail) for name in SCORES}
        for number in range(shared.predicted.shape[0])
    )
    return Spread(own, differences)


def _count(shared: SharedTest) -> _Counts:
    groups, classes = shared.group_numbers, len(shared.class_names)
    shape = (int(groups.max()) + 1, classes)

    def table(columns: Ints, chosen: NDArray[np.bool_] | None = None) -> Floats:
        flat = groups * classes + columns
        flat = flat if chosen is None else flat[chosen]
        return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

    right = np.stack([table(shared.targets, row) for row in shared.right])
    return _Counts(table(shared.targets), right, np.stack([table(r) for r in shared.predicted]))


def _resample(
    counts: _Counts,
    strata: Sequence[NDArray[np.intp]],
    resamples: int,
    generator: np.random.Generator,
) -> dict[str, Floats]:
    alike, patterns = _patterns(counts, strata)
    step = max(1, _AT_A_TIME // patterns.support.shape[0])
    parts = [
        patterns.scores(_draw(alike, patterns.support, min(step, resamples - done), generator))
        for done in range(0, resamples, step)
    ]
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in SCORES}


def _patterns(
    counts: _Counts, strata: Sequence[NDArray[np.intp]]
) -> tuple[list[tuple[slice, Ints]], _Counts]:
    """Groups with the same numbers as one row, and how many each stands for, by stratum."""
    experiments, groups, classes = counts.right.shape
    tables = [counts.support[None], counts.right, counts.named]
    wide = np.concatenate(tables).transpose(1, 0, 2).reshape(groups, -1)
    alike, rows, begin = [], [], 0
    for stratum in strata:
        found, multiples = np.unique(wide[stratum], axis=0, return_counts=True)
        rows.append(found)
        alike.append((slice(begin, begin + len(found)), multiples.astype(np.int64)))
        begin += len(found)
    tall = np.concatenate(rows).reshape(begin, 2 * experiments + 1, classes).transpose(1, 0, 2)
    return alike, _Counts(tall[0], tall[1 : experiments + 1], tall[experiments + 1 :])


def _draw(
    alike: list[tuple[slice, Ints]], support: Floats, resamples: int, generator: np.random.Generator
) -> Floats:
    """How often each pattern occurs in each resample; one that lost a class is drawn again."""
    weights = _draw_once(alike, support.shape[0], resamples, generator)
    occurring = support[:, support.any(axis=0)]
    for _ in range(_MAX_REDRAWS):
        lost = np.flatnonzero((weights @ occurring == 0).any(axis=1))
        if lost.size == 0:
            return weights
        weights[lost] = _draw_once(alike, support.shape[0], lost.size, generator)
    raise EvaluationError("A class has too few groups in the common test to draw groups at random.")


def _draw_once(
    alike: list[tuple[slice, Ints]], patterns: int, resamples: int, generator: np.random.Generator
) -> Floats:
    weights = np.zeros((resamples, patterns))
    for place, multiples in alike:
        size = int(multiples.sum())
        weights[:, place] = generator.multinomial(size, multiples / size, size=resamples)
    return weights


def _ends(values: Floats, tail: float) -> Interval:
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(low), float(high))
