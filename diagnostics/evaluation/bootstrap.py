"""How far a test score could have come out otherwise, with other groups on the test side.

Windows of a recording, and recordings of a bearing, resemble each other; an interval
over windows would be far too narrow. So whole groups are drawn (cluster bootstrap).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import Statistic

MIN_GROUPS = 5
CONFIDENCE = 0.95
_MAX_REDRAWS = 1000


@dataclass(frozen=True)
class Interval:
    """``low`` to ``high``, in the unit of the score."""

    low: float
    high: float


def stratify(present: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Groups that may stand in for each other when groups are drawn.

    Groups with the same classes form a stratum: bearings that each have one fault are
    drawn within their fault, machines that show every fault are drawn among all. Where
    that would leave a stratum with fewer than :data:`MIN_GROUPS` groups (a stratum of
    one never varies and would hide its uncertainty), all groups are drawn together.

    Parameters
    ----------
    present : array of shape (groups, classes)
        Whether the group has items of the class.

    Returns
    -------
    list of arrays
        Row numbers of the groups of each stratum.

    Examples
    --------
    >>> one_class_each = np.repeat(np.eye(2, dtype=bool), 5, axis=0)
    >>> [stratum.tolist() for stratum in stratify(one_class_each)]
    [[5, 6, 7, 8, 9], [0, 1, 2, 3, 4]]
    """
    _, numbers = np.unique(present, axis=0, return_inverse=True)
    strata = [np.flatnonzero(numbers == number) for number in range(int(numbers.max()) + 1)]
    if min(stratum.size for stratum in strata) < MIN_GROUPS:
        return [np.arange(present.shape[0])]
    return strata


def draw_groups(
    present: NDArray[np.bool_],
    strata: list[NDArray[np.intp]],
    resamples: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """How often each group occurs in each resample; a resample that lost a class is redrawn.

    Parameters
    ----------
    present : array of shape (groups, classes)
    strata : list of arrays
        From :func:`stratify`.
    resamples : int
    generator : numpy.random.Generator

    Returns
    -------
    array of shape (resamples, groups)
        Each row sums to the number of groups, and within each stratum to its size.

    Raises
    ------
    EvaluationError
        If hardly any draw keeps all classes: there are too few groups of one of them.
    """
    occurring = present[:, present.any(axis=0)].astype(np.int64)
    weights = _draw(strata, present.shape[0], resamples, generator)
    for _ in range(_MAX_REDRAWS):
        lost = np.flatnonzero((weights @ occurring == 0).any(axis=1))
        if lost.size == 0:
            return weights
        weights[lost] = _draw(strata, present.shape[0], lost.size, generator)
    raise EvaluationError("A class has too few groups on the test side to draw groups at random.")


def expanded_tails(strata: list[NDArray[np.intp]], confidence: float) -> float:
    """The share of resamples to cut off at each end.

    With few groups the spread of the resamples is too small by √((m − 1)/m), and a normal
    quantile stands where Student's belongs; both make the interval too narrow. The
    expanded percentile interval [1]_ cuts off less, so that for a mean it agrees with
    the t interval. For strata the smallest gives m, and all together the degrees of freedom.

    Returns
    -------
    float
        Below ``(1 - confidence) / 2``.

    References
    ----------
    .. [1] T. Hesterberg, "What Teachers Should Know about the Bootstrap: Resampling in the
       Undergraduate Statistics Curriculum", arXiv:1411.5279, 2014.

    Examples
    --------
    >>> round(expanded_tails([np.arange(8)], 0.95), 5)
    0.00574
    """
    from scipy.special import ndtr, stdtrit

    smallest = min(stratum.size for stratum in strata)
    freedom = sum(stratum.size - 1 for stratum in strata)
    quantile = float(stdtrit(freedom, (1 - confidence) / 2))
    return float(ndtr(math.sqrt(smallest / (smallest - 1)) * quantile))


def cluster_intervals(
    confusions: NDArray[np.int64],
    present: NDArray[np.bool_],
    statistics: dict[str, Statistic],
    resamples: int,
    generator: np.random.Generator,
    confidence: float = CONFIDENCE,
) -> dict[str, Interval]:
    """Bootstrap intervals of scores, drawing whole groups with replacement.

    Each resample draws as many groups as there are, within the strata of
    :func:`stratify`, with everything that belongs to them (cluster bootstrap, which is
    consistent when groups have their own level [1]_), and the interval is the expanded
    percentile interval of :func:`expanded_tails`.

    It says how the score of *this trained network* would vary with other groups of the
    same kind on the test side; neither how another training would come out nor how it
    does on machines of another kind. Even expanded it is somewhat too narrow for fewer
    than about 20 groups, more so when the score is close to 1; where every group scores
    the same it has no width, and says nothing.

    Parameters
    ----------
    confusions : array of shape (groups, classes, classes)
        One confusion matrix for each group.
    present : array of shape (groups, classes)
        Whether the group has items of the class.
    statistics : dict of functions
        From confusion matrices of shape (..., classes, classes) to scores of shape (...,).
    resamples : int
        2000 puts the ends of the interval within about a tenth of its half width.
    generator : numpy.random.Generator

    Returns
    -------
    dict of Interval
        By the name of the score.

    Raises
    ------
    EvaluationError
        If a class that occurs has fewer than :data:`MIN_GROUPS` groups.

    References
    ----------
    .. [1] C. A. Field and A. H. Welsh, "Bootstrapping clustered data", Journal of the Royal
       Statistical Society B 69(3), 369-390, 2007.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> wrong = rng.integers(0, 5, size=12)
    >>> confusions = np.array([[[10 - n, n], [n, 10 - n]] for n in wrong])
    >>> from diagnostics.evaluation.metrics import accuracy
    >>> found = cluster_intervals(confusions, np.ones((12, 2), bool), {"a": accuracy}, 2000, rng)
    >>> bool(found["a"].low < 1 - wrong.mean() / 10 < found["a"].high)
    True
    """
    fewest = int(present[:, present.any(axis=0)].sum(axis=0).min())
    if fewest < MIN_GROUPS:
        raise EvaluationError(
            f"An interval needs {MIN_GROUPS} groups of each class or more, got {fewest}."
        )
    strata = stratify(present)
    weights = draw_groups(present, strata, resamples, generator)
    resampled = np.tensordot(weights, confusions, axes=1)
    tail = expanded_tails(strata, confidence)
    found = {}
    for name, statistic in statistics.items():
        low, high = np.quantile(statistic(resampled), [tail, 1 - tail])
        found[name] = Interval(float(low), float(high))
    return found


def _draw(
    strata: list[NDArray[np.intp]], groups: int, resamples: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    weights = np.zeros((resamples, groups), dtype=np.int64)
    for stratum in strata:
        chances = np.full(stratum.size, 1 / stratum.size)
        weights[:, stratum] = generator.multinomial(stratum.size, chances, size=resamples)
    return weights
