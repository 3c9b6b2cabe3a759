"""Several classifiers on several blocks: do their ranks differ from block to block.

A block is a group of the common test, such as a bearing, in which all classifiers were
tested alike. Ranks make blocks of different difficulty and size count the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.paired import holm

Floats = NDArray[np.float64]
MIN_BLOCKS = 6
_ALPHA = 0.05


@dataclass(frozen=True)
class RankPair:
    """Two classifiers after Friedman's test.

    ``nemenyi`` is adjusted for all pairs by itself; ``signed_rank`` (Wilcoxon) is not, and
    ``holm`` is the same adjusted. ``smallest`` is the least that the signed ranks of this
    many blocks that differ could give.
    """

    first: int
    second: int
    rank_difference: float
    nemenyi: float
    signed_rank: float
    holm: float
    smallest: float


@dataclass(frozen=True)
class Friedman:
    """``kendalls_w`` says how far the blocks agree on the order: 0 not at all, 1 wholly.

    ``average_ranks`` has 1 for the best. ``critical_difference`` of average ranks is
    Nemenyi's at 5 %. ``smallest`` is the share of all orders in which every block ranks
    alike.
    """

    blocks: int
    statistic: float
    freedom: int
    p_value: float
    smallest: float
    kendalls_w: float
    average_ranks: tuple[float, ...]
    critical_difference: float
    pairs: tuple[RankPair, ...]


def friedman(scores: Floats) -> Friedman:
    """Friedman's test with Nemenyi's and with signed-rank tests of the pairs.

    The statistic is corrected for ties. Only the order within each block counts: a
    classifier that is a little better in all blocks ranks before one that is far better in
    most of them.

    Parameters
    ----------
    scores : array of shape (classifiers, blocks)
        Greater is better; three classifiers or more.

    Raises
    ------
    EvaluationError
        With fewer than three classifiers or :data:`MIN_BLOCKS` blocks: the chi-squared
        approximation cannot be trusted with less.

    References
    ----------
    .. [1] J. Demšar, "Statistical comparisons of classifiers over multiple data sets",
       Journal of Machine Learning Research 7, 1-30, 2006.

    Examples
    --------
    >>> good = np.array([0.9, 0.8, 0.95, 0.85, 0.9, 0.99])
    >>> found = friedman(np.stack([good, good - 0.05, good - 0.2]))
    >>> found.average_ranks, found.statistic, found.kendalls_w
    ((1.0, 2.0, 3.0), 12.0, 1.0)
    """
    from scipy.stats import chi2, rankdata

    classifiers, blocks = scores.shape
    refused = refusal(classifiers, blocks)
    if refused is not None:
        raise EvaluationError(refused)
    given = _without_dust(scores)
    statistic = _statistic(given)
    average = rankdata(-given, axis=0).mean(axis=1)
    return Friedman(
        blocks=blocks,
        statistic=statistic,
        freedom=classifiers - 1,
        p_value=float(chi2.sf(statistic, classifiers - 1)),
        smallest=float(math.factorial(classifiers)) ** (1 - blocks),
        kendalls_w=statistic / (blocks * (classifiers - 1)),
        average_ranks=tuple(float(rank) for rank in average),
        critical_difference=critical_difference(classifiers, blocks),
        pairs=_pairs(scores, average),
    )


def refusal(classifiers: int, blocks: int) -> str | None:
    """Why Friedman's test cannot be made, or None.

    Examples
    --------
    >>> refusal(3, 4)
    'Friedman’s test needs 6 groups or more as blocks, and the common test has 4.'
    """
    if classifiers < 3:
        return "Friedman’s test is for three experiments or more."
    if blocks < MIN_BLOCKS:
        return (
            f"Friedman’s test needs {MIN_BLOCKS} groups or more as blocks, and the common test "
            f"has {blocks}."
        )
    return None


def critical_difference(classifiers: int, blocks: int) -> float:
    """Difference of average ranks from which Nemenyi's test tells two apart at 5 %.

    Examples
    --------
    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - _ALPHA, classifiers, np.inf)) / math.sqrt(2)
    return quantile * _rank_deviation(classifiers, blocks)


def _rank_deviation(classifiers: int, blocks: int) -> float:
    return math.sqrt(classifiers * (classifiers + 1) / (6 * blocks))


def _without_dust(scores: Floats) -> Floats:
    """Equal scores stay equal whatever order they were added in."""
    return np.round(scores, 12)


def _statistic(scores: Floats) -> float:
    """Corrected for ties; 0 where all blocks are ties from end to end."""
    from scipy.stats import friedmanchisquare

    if (scores == scores[0]).all():
        return 0.0
    return float(friedmanchisquare(*scores).statistic)


def signed_rank(differences: Floats) -> tuple[float, float]:
    """Wilcoxon's p-value without blocks that are equal, and the least it could have been.

    Examples
    --------
    >>> signed_rank(np.array([0.1, 0.2, 0.0, 0.3]))
    (0.25, 0.25)
    """
    return _signed_rank(differences)


def _pairs(scores: Floats, average: Floats) -> tuple[RankPair, ...]:
    from scipy.stats import studentized_range

    classifiers, blocks = scores.shape
    numbers = list(combinations(range(classifiers), 2))
    signed = [_signed_rank(scores[one] - scores[other]) for one, other in numbers]
    adjusted = holm([p for p, _ in signed])
    deviation = _rank_deviation(classifiers, blocks)
    pairs = []
    for (one, other), (p_value, smallest), corrected in zip(numbers, signed, adjusted, strict=True):
        difference = float(average[one] - average[other])
        range_ = abs(difference) / deviation * math.sqrt(2)
        pairs.append(
            RankPair(
                first=one,
                second=other,
                rank_difference=difference,
                nemenyi=min(1.0, float(studentized_range.sf(range_, classifiers, np.inf))),
                signed_rank=p_value,
                holm=corrected,
                smallest=smallest,
            )
        )
    return tuple(pairs)


def _signed_rank(differences: Floats) -> tuple[float, float]:
    """Wilcoxon's p-value without blocks that are equal, and the least it could have been."""
    from scipy.stats import wilcoxon

    given = _without_dust(differences)
    given = given[given != 0]
    if given.size == 0:
        return 1.0, 1.0
    return float(wilcoxon(given).pvalue), 2.0 ** (1 - given.size)


def block_accuracies(right: NDArray[np.bool_], blocks: NDArray[np.int64]) -> Floats:
    """Share of the items of each block that each classifier named rightly.

    Parameters
    ----------
    right : array of bool of shape (classifiers, items)
    blocks : array of shape (items,)
        Number of the block of each item, from 0, none without an item.

    Returns
    -------
    array of shape (classifiers, blocks)

    Examples
    --------
    >>> block_accuracies(np.array([[True, False, True]]), np.array([0, 0, 1]))
    array([[0.5, 1. ]])
    """
    sizes = np.bincount(blocks)
    return np.stack([np.bincount(blocks, weights=row) / sizes for row in right])


def rank_order(average_ranks: Sequence[float]) -> list[int]:
    """Numbers of the classifiers, the best first.

    Examples
    --------
    >>> rank_order([2.0, 1.0, 3.0])
    [1, 0, 2]
    """
    return sorted(range(len(average_ranks)), key=lambda number: average_ranks[number])
