"""Several classifiers on their common test: scores, tests, and what they support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import Interval
from diagnostics.evaluation.differences import (
    ScoreDifference,
    Spread,
    paired_intervals,
    spread_refusal,
)
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.levels import Score
from diagnostics.evaluation.metrics import SCORES, confusion_matrix
from diagnostics.evaluation.paired import (
    CochranQ,
    McNemar,
    SignFlips,
    cochran_q,
    holm,
    mcnemar,
    sign_flips,
)
from diagnostics.evaluation.ranks import (
    MIN_BLOCKS,
    Friedman,
    block_accuracies,
    friedman,
    refusal,
)
from diagnostics.evaluation.shared_test import HeldOutTest, SharedTest, pair_windows

ALPHA = 0.05
SEED = 0


@dataclass(frozen=True)
class Scored:
    """One experiment on the common test; ``windows`` has scores without intervals."""

    recordings: tuple[Score, ...]
    windows: tuple[Score, ...]
    window_count: int
    confusion: NDArray[np.int64]


@dataclass(frozen=True)
class PairResult:
    """Two experiments. ``recordings_holm`` and ``groups_holm`` are adjusted for all pairs.

    ``by_groups`` says which of the two p-values decides: that over groups where there are
    enough of them to find anything, else that over recordings (mid-p). ``is_supported`` says
    whether a difference in accuracy is: the deciding p-value is below 5 %, and the adjusted
    interval, where one can be given, leaves out 0.
    """

    first: int
    second: int
    recordings: McNemar
    recordings_holm: float
    groups: SignFlips
    groups_holm: float
    by_groups: bool
    differences: Mapping[str, ScoreDifference]
    supported: frozenset[str]
    windows: McNemar | None

    @property
    def is_supported(self) -> bool:
        return "accuracy" in self.supported


@dataclass(frozen=True)
class Comparison:
    """``no_interval``, ``no_friedman`` and ``no_windows`` are reasons, or None."""

    experiments: tuple[Scored, ...]
    pairs: tuple[PairResult, ...]
    cochran: CochranQ | None
    friedman: Friedman | None
    no_interval: str | None
    no_friedman: str | None
    no_windows: str | None
    groups: int


def compare(
    shared: SharedTest, tests: Sequence[HeldOutTest] | None = None, seed: int = SEED
) -> Comparison:
    """Everything about experiments on their common test.

    Parameters
    ----------
    shared : SharedTest
        From :func:`diagnostics.evaluation.shared_test.share_test`.
    tests : sequence of HeldOutTest, optional
        Given where windows are to be tested too. Windows of a recording resemble each
        other, so their p-values are far too small; they decide nothing here.
    seed : int
        Of the resampling: the same seed gives the same intervals.
    """
    right, groups = shared.right, shared.group_numbers
    count = int(groups.max()) + 1
    no_interval = spread_refusal(shared)
    spread = None if no_interval else paired_intervals(shared, np.random.default_rng(seed))
    no_friedman = refusal(right.shape[0], count)
    blocks = None if no_friedman else block_accuracies(right, groups)
    windows, no_windows = _windows(tests, shared)
    several = right.shape[0] > 2
    return Comparison(
        experiments=tuple(_scored(shared, number, spread) for number in range(right.shape[0])),
        pairs=_pairs(right, groups, spread, windows),
        cochran=cochran_q(right) if several else None,
        friedman=None if blocks is None else friedman(blocks),
        no_interval=no_interval,
        no_friedman=no_friedman,
        no_windows=no_windows,
        groups=count,
    )


def only_right(right: NDArray[np.bool_], number: int) -> NDArray[np.intp]:
    """Items that one classifier alone named rightly.

    Examples
    --------
    >>> only_right(np.array([[True, True, False], [True, False, False]]), 0)
    array([1])
    """
    return np.flatnonzero(right[number] & (right.sum(axis=0) == 1))


def _scored(shared: SharedTest, number: int, spread: Spread | None) -> Scored:
    classes = len(shared.class_names)
    confusion = confusion_matrix(shared.targets, shared.predicted[number], classes)
    own: Mapping[str, Interval] = {} if spread is None else spread.scores[number]
    level = shared.windows[number]
    return Scored(
        recordings=tuple(_score(name, confusion, own.get(name)) for name in SCORES),
        windows=tuple(_score(name, level.confusion, None) for name in SCORES),
        window_count=level.items,
        confusion=confusion,
    )


def _score(name: str, confusion: NDArray[np.int64], interval: Interval | None) -> Score:
    value = float(SCORES[name](confusion))
    if interval is None:
        return Score(name, value, None, None)
    return Score(name, value, interval.low, interval.high)


def _windows(
    tests: Sequence[HeldOutTest] | None, shared: SharedTest
) -> tuple[NDArray[np.bool_] | None, str | None]:
    if tests is None:
        return None, None
    try:
        return pair_windows(tests, shared), None
    except EvaluationError as error:
        return None, str(error)


def _pairs(
    right: NDArray[np.bool_],
    groups: NDArray[np.int64],
    spread: Spread | None,
    windows: NDArray[np.bool_] | None,
) -> tuple[PairResult, ...]:
    numbers = list(combinations(range(right.shape[0]), 2))
    recordings = [mcnemar(right[one], right[other]) for one, other in numbers]
    flips = [sign_flips(_by_group(right[one], right[other], groups)) for one, other in numbers]
    of_recordings = holm([found.mid for found in recordings])
    of_groups = holm([found.p_value for found in flips])
    # Where each group is one recording, both tests have the same units.
    by_groups = MIN_BLOCKS <= int(groups.max()) + 1 < groups.size
    enough = int(groups.max()) + 1 >= MIN_BLOCKS
    pairs = []
    for place, (one, other) in enumerate(numbers):
        differences = _differences(spread, one, other)
        deciding = of_groups[place] if by_groups else of_recordings[place]
        pairs.append(
            PairResult(
                first=one,
                second=other,
                recordings=recordings[place],
                recordings_holm=of_recordings[place],
                groups=flips[place],
                groups_holm=of_groups[place],
                by_groups=by_groups,
                differences=differences,
                supported=_supported(differences, deciding, enough=enough),
                windows=None if windows is None else mcnemar(windows[one], windows[other]),
            )
        )
    return tuple(pairs)


def _differences(spread: Spread | None, one: int, other: int) -> dict[str, ScoreDifference]:
    if spread is None:
        return {}
    return {d.score: d for d in spread.differences if (d.first, d.second) == (one, other)}


def _supported(
    differences: Mapping[str, ScoreDifference], deciding: float, *, enough: bool
) -> frozenset[str]:
    """Accuracy by test and interval; other scores by the interval, given enough groups."""
    found = {
        name
        for name, difference in differences.items()
        if name != "accuracy" and enough and difference.leaves_out_zero
    }
    interval = differences.get("accuracy")
    if deciding < ALPHA and (interval is None or interval.leaves_out_zero):
        found.add("accuracy")
    return frozenset(found)


def _by_group(
    first: NDArray[np.bool_], second: NDArray[np.bool_], groups: NDArray[np.int64]
) -> NDArray[np.int64]:
    net = first.astype(np.int64) - second.astype(np.int64)
    return np.rint(np.bincount(groups, weights=net)).astype(np.int64)
