"""Several methods that were each trained on the same folds with the same seeds.

A block is one fold with one seed: in it all methods learned from the same recordings and were
tested on the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.paired import holm
from diagnostics.evaluation.ranks import MIN_BLOCKS, Friedman, friedman, signed_rank

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BlockPair:
    """First less second. ``wins`` counts blocks in which the first is better."""

    first: int
    second: int
    difference: float
    low: float
    high: float
    wins: int
    losses: int
    p_value: float
    smallest: float
    holm: float


@dataclass(frozen=True)
class BlockComparison:
    """``no_friedman`` says why Friedman's test is not there, or is None."""

    means: tuple[float, ...]
    pairs: tuple[BlockPair, ...]
    friedman: Friedman | None
    no_friedman: str | None


def compare_blocks(scores: Floats) -> BlockComparison:
    """Friedman's test over blocks with Nemenyi's, and signed-rank tests of the pairs.

    Seeds of one fold share its test, and folds share most of what they learn from, so blocks
    are not independent: p-values may be too small, and the more so the more seeds there are.

    Parameters
    ----------
    scores : array of shape (methods, blocks)
        Greater is better.

    Examples
    --------
    >>> good = np.array([0.9, 0.8, 0.95, 0.85, 0.9, 0.99])
    >>> found = compare_blocks(np.stack([good, good - 0.05, good - 0.2]))
    >>> found.friedman.average_ranks, found.pairs[0].wins, found.pairs[0].p_value
    ((1.0, 2.0, 3.0), 6, 0.03125)
    >>> compare_blocks(scores=np.stack([good, good])).no_friedman
    'Friedman’s test is for three repeated experiments or more.'
    """
    methods, blocks = scores.shape
    refusal = _refusal(methods, blocks)
    return BlockComparison(
        means=tuple(float(mean) for mean in scores.mean(axis=1)),
        pairs=_pairs(scores),
        friedman=None if refusal else friedman(scores),
        no_friedman=refusal,
    )


def _refusal(methods: int, blocks: int) -> str | None:
    if methods < 3:
        return "Friedman’s test is for three repeated experiments or more."
    if blocks < MIN_BLOCKS:
        return (
            f"Friedman’s test needs {MIN_BLOCKS} blocks (folds × seeds) or more; these have"
            f" {blocks} in common."
        )
    return None


def _pairs(scores: Floats) -> tuple[BlockPair, ...]:
    numbers: Sequence[tuple[int, int]] = list(combinations(range(scores.shape[0]), 2))
    differences = [np.round(scores[one] - scores[other], 12) for one, other in numbers]
    tested = [signed_rank(difference) for difference in differences]
    adjusted = holm([p_value for p_value, _ in tested])
    return tuple(
        BlockPair(
            first=one,
            second=other,
            difference=float(difference.mean()),
            low=float(difference.min()),
            high=float(difference.max()),
            wins=int((difference > 0).sum()),
            losses=int((difference < 0).sum()),
            p_value=p_value,
            smallest=smallest,
            holm=corrected,
        )
        for (one, other), difference, (p_value, smallest), corrected in zip(
            numbers, differences, tested, adjusted, strict=True
        )
    )
