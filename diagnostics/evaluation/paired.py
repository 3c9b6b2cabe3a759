"""Two or more classifiers on the same recordings: do their rates of right answers differ.

What counts is where they disagree; recordings that all name rightly, or all wrongly, say
nothing about a difference. With few of those no test can find anything, so each result
carries the smallest p-value that its data could have given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError

Bools = NDArray[np.bool_]
CONFIDENCE = 0.95
# States of the exact distribution of Cochran's Q; beyond, the approximation is good.
_MOST_STATES = 100_000
# Groups that differ, up to which all ways to flip their signs are counted.
_MOST_FLIPPED = 500
# Items up to which chances are counted in whole numbers, exact to the last digit.
_MOST_COUNTED = 1000


@dataclass(frozen=True)
class McNemar:
    """Two classifiers on the same items.

    ``only_first`` and ``only_second`` count the items that one alone named rightly.
    ``odds_ratio`` is their ratio, with the ends of its 95 % interval; None where there is
    no bound. ``smallest_exact`` and ``smallest_mid`` are what these two tests would have
    given had the same one been right wherever the two disagree.
    """

    items: int
    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    exact: float
    mid: float
    smallest_exact: float
    smallest_mid: float
    odds_ratio: float | None
    odds_low: float
    odds_high: float | None

    @property
    def difference(self) -> float:
        """Accuracy of the first less that of the second, from -1 to 1."""
        return (self.only_first - self.only_second) / self.items


@dataclass(frozen=True)
class SignFlips:
    """The exact test over groups. ``differing`` groups favour one of the two."""

    groups: int
    differing: int
    p_value: float
    smallest: float


@dataclass(frozen=True)
class CochranQ:
    """All classifiers at once. ``deciding`` items are named rightly by some and not by all.

    ``exact`` and ``smallest`` are None where there are too many items to count all cases;
    the approximation ``p_value`` is good then.
    """

    items: int
    deciding: int
    statistic: float
    freedom: int
    p_value: float
    exact: float | None
    smallest: float | None


def mcnemar(first: Bools, second: Bools) -> McNemar:
    """McNemar's test by the exact binomial distribution, as such and as mid-p.

    The exact p-value is on the safe side, with few disagreements by far; the mid-p-value
    counts the observed case half, stays near 5 % in practice and finds more [1]_. Both
    take the items for independent: recordings are more so than windows, which are not.

    Parameters
    ----------
    first, second : array of bool of shape (items,)
        Whether each classifier was right.

    Raises
    ------
    EvaluationError
        If there are no items or the lengths differ.

    References
    ----------
    .. [1] M. W. Fagerland, S. Lydersen and P. Laake, "The McNemar test for binary
       matched-pairs data: mid-p and asymptotic are better than exact conditional",
       BMC Medical Research Methodology 13:91, 2013.

    Examples
    --------
    >>> first = np.repeat([True, True, False, False], [1, 1, 7, 12])
    >>> second = np.repeat([True, False, True, False], [1, 1, 7, 12])
    >>> found = mcnemar(first, second)
    >>> round(found.exact, 3), round(found.mid, 3), found.smallest_exact
    (0.07, 0.039, 0.0078125)
    """
    _check(first, second)
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    exact, mid = _binomial(only_first, only_second)
    discordant = only_first + only_second
    low, high = _odds_interval(only_first, only_second)
    return McNemar(
        items=first.size,
        both_right=int((first & second).sum()),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int((~first & ~second).sum()),
        exact=exact,
        mid=mid,
        smallest_exact=min(1.0, 2.0 ** (1 - discordant)),
        smallest_mid=_binomial(discordant, 0)[1],
        odds_ratio=only_first / only_second if only_second else None,
        odds_low=low,
        odds_high=high,
    )


def sign_flips(differences: Sequence[int] | NDArray[np.int64]) -> SignFlips:
    """Exact test whose independent units are groups, not the recordings in them.

    If two classifiers are equally good, each group could as well have come out the other
    way round. All ways to flip the signs are counted (by convolution, not one by one); the
    p-value is the share of them whose sum is as far from 0 as the observed one. With one
    recording in each group it is McNemar's exact test. With more than 500 groups that
    differ, the normal approximation stands in.

    Parameters
    ----------
    differences : sequence of int of shape (groups,)
        In each group, recordings that only the first named rightly less those that only
        the second did.

    Examples
    --------
    >>> sign_flips([2, 1, 3, 1, 1, 2])
    SignFlips(groups=6, differing=6, p_value=0.03125, smallest=0.03125)
    """
    given = np.asarray(differences, dtype=np.int64)
    sizes = np.abs(given[given != 0])
    reached = abs(int(given.sum()))
    return SignFlips(
        groups=given.size,
        differing=int(sizes.size),
        p_value=_share_as_far(sizes, reached) if reached else 1.0,
        smallest=min(1.0, 2.0 ** (1 - sizes.size)),
    )


def cochran_q(right: Bools) -> CochranQ:
    """Cochran's Q: whether any of several classifiers differs on the same items.

    It says that there is a difference, not between which; look at the pairs for that. The
    p-value by chi-squared is an approximation; the exact one counts all ways in which the
    right answers of each item could be dealt to the classifiers.

    Parameters
    ----------
    right : array of bool of shape (classifiers, items)
        Three classifiers or more.

    Raises
    ------
    EvaluationError
        With fewer than three classifiers or no item.

    References
    ----------
    .. [1] W. G. Cochran, "The comparison of percentages in matched samples", Biometrika
       37(3/4), 256-266, 1950.

    Examples
    --------
    >>> right = np.array([[1, 1, 1, 1, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 1]], dtype=bool)
    >>> found = cochran_q(right)
    >>> found.deciding, round(found.statistic, 2), round(found.exact, 3), round(found.smallest, 3)
    (4, 3.5, 0.333, 0.037)
    """
    from scipy.special import chdtrc

    classifiers, items = right.shape
    if classifiers < 3 or items == 0:
        raise EvaluationError("Cochran's Q needs three classifiers and at least one item.")
    counts = right.sum(axis=0)
    deciding = counts[(counts > 0) & (counts < classifiers)]
    freedom = classifiers - 1
    if deciding.size == 0:
        return CochranQ(items, 0, 0.0, freedom, 1.0, 1.0, 1.0)
    hits = right.sum(axis=1)
    statistic = _q(hits, counts)
    exact, smallest = _exact_q(deciding, hits - int((counts == classifiers).sum()), classifiers)
    return CochranQ(
        items=items,
        deciding=int(deciding.size),
        statistic=statistic,
        freedom=freedom,
        p_value=float(chdtrc(freedom, statistic)),
        exact=exact,
        smallest=smallest,
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm), in the given order.

    The chance of even one false finding among all stays below the level that the
    adjusted values are held against.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
       Journal of Statistics 6(2), 65-70, 1979.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.016, 0.019, 0.607])]
    [0.048, 0.048, 0.607]
    """
    count = len(p_values)
    adjusted = [0.0] * count
    largest = 0.0
    for place, number in enumerate(sorted(range(count), key=lambda n: p_values[n])):
        largest = max(largest, min(1.0, (count - place) * p_values[number]))
        adjusted[number] = largest
    return adjusted


def _check(first: Bools, second: Bools) -> None:
    if first.shape != second.shape or first.ndim != 1:
        raise EvaluationError(
            f"Expected answers of both for the same items, got {first.shape} and {second.shape}."
        )
    if first.size == 0:
        raise EvaluationError("There are no items to compare.")


def _share_as_far(sizes: NDArray[np.int64], reached: int) -> float:
    """Share of all signs of the sizes whose sum is as far from 0."""
    if sizes.size > _MOST_FLIPPED:
        return math.erfc(reached / math.sqrt(2 * float((sizes**2).sum())))
    # Chances of the sum of the positive parts; the sum of all is twice that less the total.
    chances = np.ones(1)
    for size in sizes:
        shifted = np.zeros(chances.size + size)
        shifted[: chances.size] += chances / 2
        shifted[size:] += chances / 2
        chances = shifted
    sums = 2 * np.arange(chances.size) - (chances.size - 1)
    return min(1.0, float(chances[np.abs(sums) >= reached].sum()))


def _binomial(one: int, other: int) -> tuple[float, float]:
    """Two-sided exact and mid-p-value of two counts that are equally likely."""
    from scipy.special import bdtr

    total, fewer = one + other, min(one, other)
    point = _chance(total, fewer)
    if one == other:
        return 1.0, 1.0 - point / 2
    exact = 2 * float(bdtr(fewer, total, 0.5))
    return min(1.0, exact), exact - point


def _chance(total: int, hits: int) -> float:
    """Of so many hits in a total of even chances."""
    if total <= _MOST_COUNTED:
        return float(math.comb(total, hits) / 2**total)
    ways = math.lgamma(total + 1) - math.lgamma(hits + 1) - math.lgamma(total - hits + 1)
    return math.exp(ways - total * math.log(2))


def _odds_interval(only_first: int, only_second: int) -> tuple[float, float | None]:
    """Exact interval of the odds (Clopper and Pearson's of the share, turned into odds)."""
    from scipy.special import betaincinv

    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(only_first, only_second + 1, tail)) if only_first else 0.0
    high = float(betaincinv(only_first + 1, only_second, 1 - tail)) if only_second else 1.0
    return low / (1 - low), None if high == 1 else high / (1 - high)


def _q(hits: NDArray[np.int64], counts: NDArray[np.int64]) -> float:
    """From the right answers of each classifier and of each item."""
    classifiers, total = hits.size, int(counts.sum())
    spread = classifiers * int((hits**2).sum()) - total**2
    return (classifiers - 1) * spread / (classifiers * total - int((counts**2).sum()))


def _exact_q(
    deciding: NDArray[np.int64], hits: NDArray[np.int64], classifiers: int
) -> tuple[float | None, float | None]:
    """Share of all ways to deal the right answers with a Q as large; of those with the largest.

    The array of chances has one axis for the hits of each classifier but the last, whose
    hits follow from the total.
    """
    side = deciding.size + 1
    if side ** (classifiers - 1) > _MOST_STATES:
        return None, None
    chances = np.zeros((side,) * (classifiers - 1))
    chances[(0,) * (classifiers - 1)] = 1.0
    for count in deciding.tolist():
        dealt = np.zeros_like(chances)
        ways = math.comb(classifiers, count)
        for chosen in combinations(range(classifiers), count):
            dealt += _shifted(chances, chosen) / ways
        chances = dealt
    places = np.indices(chances.shape).reshape(classifiers - 1, -1)
    last = int(deciding.sum()) - places.sum(axis=0)
    squares = (places**2).sum(axis=0) + last**2
    likely = chances.ravel()
    observed = int((hits**2).sum())
    largest = int(squares[likely > 0].max())
    return (
        float(min(1.0, likely[squares >= observed].sum())),
        float(likely[squares >= largest].sum()),
    )


def _shifted(chances: NDArray[np.float64], chosen: tuple[int, ...]) -> NDArray[np.float64]:
    """One hit more for each chosen classifier; hits never exceed the number of items."""
    moved = chances
    for axis in chosen:
        if axis < chances.ndim:
            moved = np.roll(moved, 1, axis=axis)
    return moved
