"""Which features to keep, learned on the training groups alone."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features.importance import grown, mutual_information
from diagnostics.features.table import Labelled, Values, fill, folds, label, mean_recall
from diagnostics.progress import Progress, Report, silent

BINS = 10
_TREES = 100
_STAGE = "Selecting features"


class SelectionMethod(enum.StrEnum):
    """How features are chosen."""

    MRMR = "mrmr"
    VARIANCE = "variance"
    MUTUAL_INFO = "mutual_info"
    RFE = "rfe"


@dataclass(frozen=True)
class Selection:
    """The chosen features, the best first, and what each scored when it was chosen.

    ``recall_chosen`` and ``recall_all`` are the mean recall, on the groups held out, of a
    forest with the chosen and with all features; None when none was held out.
    """

    method: SelectionMethod
    names: tuple[str, ...]
    scores: dict[str, float]
    training_groups: tuple[str, ...]
    held_out_groups: tuple[str, ...]
    recall_chosen: float | None = None
    recall_all: float | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def hold_out_groups(
    labels: Sequence[str], groups: Sequence[str], share: float = 0.25, seed: int = 0
) -> tuple[frozenset[str], frozenset[str]]:
    """Divide the groups so that of each class about a share is held out.

    Parameters
    ----------
    labels, groups : sequences of str
        Of each window.
    share : float
        Above 0, at most one half.
    seed : int

    Returns
    -------
    training, held_out : frozensets of str
        The second is empty when fewer than two classes have two groups.

    Raises
    ------
    FeatureError
        If the share is out of its range, or the lengths differ.

    Examples
    --------
    >>> training, held = hold_out_groups(list("aaaabbbb"), list("12345678"))
    >>> len(training), len(held)
    (6, 2)
    """
    if not 0 < share <= 0.5:
        raise FeatureError(f"A share above 0 and up to one half can be held out, got {share:g}.")
    if len(labels) != len(groups):
        raise FeatureError(f"Got {len(labels)} labels and {len(groups)} groups.")
    given = np.array([name for name, known in zip(groups, labels, strict=True) if known], dtype=str)
    classes, targets = np.unique([name for name in labels if name], return_inverse=True)
    parts, _ = folds(targets, given, classes.tolist(), seed, max(2, round(1 / share)))
    held = frozenset(given[parts[0][1]].tolist()) if parts else frozenset()
    return frozenset(given.tolist()) - held, held


def select_features(
    features: NDArray[np.floating],
    labels: Sequence[str],
    names: Sequence[str],
    method: str,
    *,
    groups: Sequence[str],
    training_groups: Collection[str],
    num_features: int = 15,
    threshold: float = 0.01,
    seed: int = 0,
    report: Report = silent,
) -> Selection:
    """Choose features, and try them on groups that had no say.

    ``mrmr``: greedily the feature that tells most about the class less what it has in common
    with the chosen ones on average; both as mutual information in nats over the same ten
    bins of equal frequency [1]_. ``mutual_info``: those that tell most about the class, one
    by one; several may say the same. ``variance``: those that vary most within their range,
    without a look at the class; the range is that of the training windows, so that the unit
    does not matter, but one spike makes a feature look still. ``rfe``: a forest without its
    least important feature, again and again.

    Commonly features are chosen on all windows and the model is tested on some of them: the
    choice has then seen the test. And relevance and redundancy of mRMR are estimated in two
    ways, whose difference means nothing.

    Parameters
    ----------
    features : array of shape (windows, features)
    labels, names, groups : sequences of str
        As for :func:`diagnostics.features.importance.feature_importance`.
    method : str
    training_groups : collection of str
        Only windows of these groups are looked at; see :func:`hold_out_groups`.
    num_features : int
        How many to keep at most.
    threshold : float
        What a feature must reach: nats, or variance of the range (``variance``), or part of
        the forest's importance (``rfe``).
    seed : int
    report : function
        What it raises ends the work.

    Returns
    -------
    Selection

    Raises
    ------
    FeatureError
        If the method does not exist, a number is out of its range, the training groups hold
        fewer than two classes, or no feature reaches the threshold.

    References
    ----------
    .. [1] H. Peng, F. Long and C. Ding, "Feature Selection Based on Mutual Information: Criteria
       of Max-Dependency, Max-Relevance, and Min-Redundancy", IEEE Transactions on Pattern
       Analysis and Machine Intelligence 27(8), 1226-1238, 2005 (difference form, as described in
       public summaries).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> classes = np.repeat(["healthy", "worn"], 100)
    >>> level = (classes == "worn") + 0.2 * rng.normal(size=200)
    >>> table = np.stack([level, 3 * level, rng.normal(size=200)], axis=1)
    >>> found = select_features(
    ...     table, classes, ["RMS", "EnvelopeRMS", "Skewness"], "mrmr",
    ...     groups=np.tile(["A", "B"], 100), training_groups=["A"], num_features=1)
    >>> found.names, found.recall_chosen
    (('RMS',), 1.0)
    """
    if method not in set(SelectionMethod):
        known = ", ".join(SelectionMethod)
        raise FeatureError(f"There is no selection “{method}”; choose among {known}.")
    if num_features < 1 or threshold < 0:
        raise FeatureError(
            "Keep one feature or more and a threshold of 0 or above, got "
            f"{num_features} and {threshold:g}."
        )
    method = SelectionMethod(method)
    given = label(features, names, labels, groups)
    training = np.isin(given.groups, list(training_groups))
    targets = given.targets[training]
    if len(np.unique(targets)) < 2:
        raise FeatureError("The training groups must hold two classes or more.")
    values = given.table.values[training]
    values = fill(values, values)
    report(Progress(_STAGE, 0, 2))
    scores = _scores(method, values, targets, num_features, threshold, seed, report)
    if not scores:
        raise FeatureError(
            f"No feature reaches the threshold of {threshold:g}. Choose a lower one."
        )
    report(Progress(_STAGE, 1, 2))
    found = _tried(given, training, method, scores, seed)
    report(Progress(_STAGE, 2, 2))
    return found


def binned_information(first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """Mutual information of two columns of small whole numbers, in nats, at least 0.

    The share that chance adds on average is taken off: half of the number of filled pairs
    less filled values of each plus 1, over the rows (Miller and Madow's correction).

    Examples
    --------
    >>> bins = np.tile(np.arange(10), 1000)
    >>> round(binned_information(bins, bins), 2), round(float(np.log(10)), 2)
    (2.3, 2.3)
    """
    pairs = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(pairs, (first, second), 1.0)
    rows, columns, count = pairs.sum(axis=1), pairs.sum(axis=0), len(first)
    filled = pairs > 0
    expected = np.outer(rows, columns)[filled] / count
    plain = float((pairs[filled] * np.log(pairs[filled] / expected)).sum() / count)
    chance = (filled.sum() - (rows > 0).sum() - (columns > 0).sum() + 1) / (2 * count)
    return max(0.0, plain - float(chance))


def bins_of(values: Values, bins: int = BINS) -> NDArray[np.intp]:
    """Each column in bins of about equal frequency, from 0.

    Examples
    --------
    >>> bins_of(np.arange(6.0)[:, None], 3)[:, 0].tolist()
    [0, 0, 1, 1, 2, 2]
    """
    edges = np.quantile(values, np.arange(1, bins) / bins, axis=0)
    columns = [np.searchsorted(edges[:, c], values[:, c], "left") for c in range(values.shape[1])]
    return np.stack(columns, axis=1)


def _scores(
    method: SelectionMethod,
    values: Values,
    targets: NDArray[np.intp],
    most: int,
    threshold: float,
    seed: int,
    report: Report,
) -> dict[int, float]:
    """Score by column, the best first."""
    if method is SelectionMethod.MRMR:
        return _mrmr(values, targets, most, threshold)
    if method is SelectionMethod.RFE:
        return _rfe(values, targets, most, threshold, seed, report)
    if method is SelectionMethod.VARIANCE:
        span = np.ptp(values, axis=0)
        found = values.var(axis=0) / np.where(span > 0, span, np.inf) ** 2
    else:
        found = mutual_information(values, targets, seed)
    order = np.argsort(-found, kind="stable")[:most]
    return {int(c): float(found[c]) for c in order if found[c] >= threshold}


def _mrmr(
    values: Values, targets: NDArray[np.intp], most: int, threshold: float
) -> dict[int, float]:
    binned = bins_of(values)
    count = binned.shape[1]
    relevance = np.array([binned_information(binned[:, c], targets) for c in range(count)])
    left = [c for c in range(count) if relevance[c] >= threshold]
    shared = np.zeros(count)
    chosen: dict[int, float] = {}
    while left and len(chosen) < most:
        worth = relevance[left] - shared[left] / max(1, len(chosen))
        best = left.pop(int(worth.argmax()))
        chosen[best] = float(worth.max())
        for column in left:
            shared[column] += binned_information(binned[:, column], binned[:, best])
    return chosen


def _rfe(
    values: Values,
    targets: NDArray[np.intp],
    most: int,
    threshold: float,
    seed: int,
    report: Report,
) -> dict[int, float]:
    left = np.arange(values.shape[1])
    while True:
        found = grown(values[:, left], targets, seed, _TREES).feature_importances_
        if len(left) <= most:
            break
        report(Progress(_STAGE, 0, 2, f"{len(left)} features left"))
        left = np.delete(left, found.argmin())
    order = np.argsort(-found, kind="stable")
    return {int(left[c]): float(found[c]) for c in order if found[c] >= threshold}


def _tried(
    given: Labelled,
    training: NDArray[np.bool_],
    method: SelectionMethod,
    scores: dict[int, float],
    seed: int,
) -> Selection:
    """The selection, with what it is worth on the groups held out."""
    seen = np.isin(given.targets, np.unique(given.targets[training]))
    learned, held = np.flatnonzero(training), np.flatnonzero(~training & seen)
    notes: list[str] = []
    recalls: list[float | None] = [None, None]
    if len(held):
        recalls = [_recall(given, learned, held, c, seed) for c in (list(scores), slice(None))]
    else:
        notes.append("No group was held out, so nothing says what the choice is worth.")
    names = given.table.names
    return Selection(
        method,
        tuple(names[column] for column in scores),
        {names[column]: score for column, score in scores.items()},
        tuple(sorted(set(given.groups[training].tolist()))),
        tuple(sorted(set(given.groups[~training].tolist()))),
        recalls[0],
        recalls[1],
        given.table.left_out,
        tuple(notes),
    )


def _recall(
    given: Labelled,
    learned: NDArray[np.intp],
    held: NDArray[np.intp],
    columns: list[int] | slice,
    seed: int,
) -> float:
    values = given.table.values[:, columns]
    forest = grown(fill(values[learned], values[learned]), given.targets[learned], seed, _TREES)
    told = forest.predict(fill(values[held], values[learned]))
    return mean_recall(given.targets[held], told)
