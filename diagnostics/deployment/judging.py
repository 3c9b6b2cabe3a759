"""Whether a variant is as good as the network in full precision, and which one to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import CONFIDENCE
from diagnostics.evaluation.differences import paired_intervals, spread_refusal
from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.shared_test import HeldOutTest, share_test

MARGIN = 0.02
"""Accuracy that may be lost: two points."""
GOOD = "non-inferior"
"""The verdict of variants that may be recommended."""
_SEED = 0


@dataclass(frozen=True)
class Verdict:
    """A variant beside full precision, on the same recordings.

    ``difference`` is its accuracy over recordings less that of full precision, with the ends of
    its 95 % interval over groups; ``refused`` says why there is none. ``verdict`` is
    ``non-inferior`` when the lower end is not below -0.02, ``worse`` when the upper end is, and
    ``undecided`` otherwise.

    Where no group came out otherwise, drawing groups again shows no spread. The ends are then the
    share of groups that could come out otherwise and go unseen: 1 − 0.05^(1/groups), which is
    2 points from 149 groups on.
    """

    recordings: int
    accuracy: float
    macro_f1: float
    accuracy_full: float
    difference: float
    low: float | None
    high: float | None
    refused: str
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    full: Predictions, probabilities: NDArray[np.float64], contents: Mapping[int, str]
) -> Verdict:
    """Hold a variant against full precision.

    Parameters
    ----------
    full : Predictions
        Of the network in full precision, for all windows of the test part.
    probabilities : array of shape (windows, classes)
        Of the variant, for the same windows.
    contents : mapping of recording id to the hash of its samples
    """
    from diagnostics.evaluation.metrics import SCORES, confusion_matrix

    plain = replace(full, estimates=None)
    other = replace(plain, probabilities=probabilities)
    shared = share_test([HeldOutTest(other, contents), HeldOutTest(plain, contents)])
    right = shared.right
    low = high = None
    refused = spread_refusal(shared) or ""
    if not refused:
        found = paired_intervals(shared, np.random.default_rng(_SEED))
        one = next(part for part in found.differences if part.score == "accuracy")
        low, high = one.interval.low, one.interval.high
        if low == high == 0:
            high = 1 - (1 - CONFIDENCE) ** (1 / len(np.unique(shared.groups)))
            low = -high
    confusion = confusion_matrix(shared.targets, shared.predicted[0], len(full.class_names))
    return Verdict(
        recordings=int(shared.targets.size),
        accuracy=float(right[0].mean()),
        macro_f1=float(SCORES["macro_f1"](confusion)),
        accuracy_full=float(right[1].mean()),
        difference=float(right[0].mean() - right[1].mean()),
        low=low,
        high=high,
        refused=refused,
        verdict=_verdict(low, high),
    )


def _verdict(low: float | None, high: float | None) -> str:
    """What the interval says.

    Examples
    --------
    >>> _verdict(-0.01, 0.0), _verdict(-0.05, 0.01), _verdict(-0.2, -0.1), _verdict(None, None)
    ('non-inferior', 'undecided', 'worse', 'undecided')
    """
    if low is None or high is None:
        return "undecided"
    if low >= -MARGIN:
        return GOOD
    return "worse" if high < -MARGIN else "undecided"


@dataclass(frozen=True)
class Option:
    """A variant that was measured: its size, its median latency for one window, its verdict."""

    id: int
    size_bytes: int
    p50_ms: float
    verdict: str


def recommend(full: Option, others: Sequence[Option]) -> int | None:
    """The id of the fastest variant that is faster than full precision and non-inferior.

    None if there is none: full precision is to be taken then.

    Examples
    --------
    >>> full = Option(1, 100, 2.0, "")
    >>> recommend(full, [Option(2, 25, 9.0, "non-inferior"), Option(3, 50, 1.0, "undecided")])
    >>> recommend(full, [Option(2, 25, 1.5, "non-inferior"), Option(3, 50, 1.0, "undecided")])
    2
    """
    good = [one for one in others if one.verdict == GOOD and one.p50_ms < full.p50_ms]
    return min(good, key=lambda one: (one.p50_ms, one.size_bytes)).id if good else None
