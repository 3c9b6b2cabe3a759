"""Several trainings as one result: folds put together, seeds averaged.

With folds every recording is in the test of one training of each seed, and is named by a
classifier that never met its group. Counted together they are one result over all groups.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import CONFIDENCE, Interval, cluster_intervals
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.grouping import LISTED_INSTEAD, interval_refusal
from diagnostics.evaluation.levels import Score
from diagnostics.evaluation.metrics import SCORES, confusion_matrix
from diagnostics.evaluation.predictions import Predictions

RESAMPLES = 2000
_FEWEST_SEEDS = 3


@dataclass(frozen=True)
class Run:
    """The test of one training; ``fold`` is 0 where there are no folds."""

    fold: int
    seed: int
    predictions: Predictions


@dataclass(frozen=True)
class PooledGroup:
    """``right`` of ``tried`` recordings, each counted once for every seed."""

    name: str
    classes: tuple[str, ...]
    recordings: int
    tried: int
    right: int


@dataclass(frozen=True)
class Pooled:
    """The result over all recordings of the folds, counted once for each seed.

    Attributes
    ----------
    scores : tuple of Score
        Over recordings, with an interval over groups or, where there are too few, without.
    confusion : tuple of tuples
        Counts with the true classes as rows; each recording once for every seed.
    seeds : tuple of int
        Those whose folds are all there.
    groups : tuple of PooledGroup
        The worst first.
    no_interval : str or None
    """

    scores: tuple[Score, ...]
    confusion: tuple[tuple[int, ...], ...]
    class_names: tuple[str, ...]
    recordings: int
    windows: int
    seeds: tuple[int, ...]
    groups: tuple[PooledGroup, ...]
    no_interval: str | None

    def score(self, name: str) -> Score:
        """The score of the name, one of those in ``SCORES``."""
        return next(score for score in self.scores if score.name == name)


@dataclass(frozen=True)
class SpreadOfRuns:
    """How a score differs from training to training.

    Attributes
    ----------
    mean, deviation, low, high : float
        Over all runs; ``deviation`` is the standard deviation of single runs (0 with one run).
    between_folds : float or None
        Standard deviation of the means of the folds.
    between_seeds : float or None
        Standard deviation between seeds within a fold, as root of the mean square.
    interval : Interval or None
        95 % of the mean by Student's t, only for three seeds or more on one test: there
        trainings differ by their seeds alone, and these are independent.
    """

    name: str
    runs: int
    mean: float
    deviation: float
    low: float
    high: float
    between_folds: float | None
    between_seeds: float | None
    interval: Interval | None


def pool_runs(runs: Sequence[Run], folds: int, seed: int = 0) -> Pooled | None:
    """One result from the tests of all folds, over the seeds whose folds are all there.

    The interval draws whole groups (see :func:`diagnostics.evaluation.bootstrap
    .cluster_intervals`), with all that the seeds said of them. It says how the score would
    vary with other groups of the same kind in the tests, for the trainings as they are; that
    other groups would have made other trainings is not in it.

    Parameters
    ----------
    runs : sequence of Run
    folds : int
        How many there are to be; 0 where all runs have the same test.
    seed : int
        Of the resampling.

    Returns
    -------
    Pooled or None
        None while no seed has all of its folds.

    Raises
    ------
    EvaluationError
        If the runs name different classes, or a recording is tested twice with one seed.

    Examples
    --------
    >>> def test(ids):
    ...     n = len(ids)
    ...     return Predictions(np.eye(2)[np.arange(n) % 2], np.arange(n) % 2, np.array(ids),
    ...         np.zeros(n), 0.1, {number: f"bearing {number}" for number in ids}, ("a", "b"))
    >>> pooled = pool_runs([Run(1, 0, test([1, 2])), Run(2, 0, test([3, 4]))], folds=2)
    >>> pooled.recordings, pooled.score("accuracy").value
    (4, 1.0)
    >>> pool_runs([Run(1, 0, test([1, 2]))], folds=2) is None
    True
    """
    merged = _whole_seeds(runs, folds)
    if not merged:
        return None
    first = next(iter(merged.values()))
    names = np.unique(list(first.groups.values()))
    by_group = sum(
        (_confusions(one, names) for one in merged.values()),
        np.zeros((names.size, *(len(first.class_names),) * 2), dtype=np.int64),
    )
    tried = by_group.sum(axis=(1, 2)) > 0
    names, by_group = names[tried], by_group[tried]
    refusal = interval_refusal(first)
    intervals: Mapping[str, Interval] = {}
    if refusal is None:
        present = by_group.sum(axis=2) > 0
        generator = np.random.default_rng(seed)
        intervals = cluster_intervals(by_group, present, SCORES, RESAMPLES, generator)
    confusion = by_group.sum(axis=0)
    return Pooled(
        scores=tuple(_score(name, confusion, intervals.get(name)) for name in SCORES),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        class_names=first.class_names,
        recordings=np.unique(first.recording_ids).size,
        windows=first.targets.size,
        seeds=tuple(merged),
        groups=_groups(names, by_group, first.class_names, len(merged)),
        no_interval=None if refusal is None else refusal.removesuffix(LISTED_INSTEAD),
    )


def run_scores(predictions: Predictions) -> dict[str, float]:
    """The scores of one training over the recordings of its test."""
    vote = predictions.vote()
    named = vote.probabilities.argmax(axis=1).astype(np.int64)
    confusion = confusion_matrix(vote.targets, named, len(predictions.class_names))
    return {name: float(statistic(confusion)) for name, statistic in SCORES.items()}


def spread_of_runs(
    name: str, values: Sequence[float], folds: Sequence[int], seeds: Sequence[int]
) -> SpreadOfRuns:
    """Mean of a score over runs and how they differ, by folds and by seeds.

    Folds share most of what they learn from, and seeds share their folds: runs are not
    independent, and no interval of the mean can be had from their deviation [1]_. So there is
    none, unless only seeds differ.

    Parameters
    ----------
    name : str
    values : sequence of float
        One for each run.
    folds, seeds : sequence of int
        Of the runs; fold 0 where there are none.

    References
    ----------
    .. [1] Y. Bengio and Y. Grandvalet, "No unbiased estimator of the variance of K-fold
       cross-validation", Journal of Machine Learning Research 5, 1089-1105, 2004.

    Examples
    --------
    >>> found = spread_of_runs("accuracy", [0.9, 1.0, 0.5, 0.6], [1, 1, 2, 2], [0, 1, 0, 1])
    >>> round(found.mean, 3), round(found.between_folds, 3), round(found.between_seeds, 3)
    (0.75, 0.283, 0.071)
    >>> spread_of_runs("accuracy", [0.8, 0.9, 1.0], [0, 0, 0], [0, 1, 2]).interval.high > 1
    True
    """
    given, of = np.asarray(values, dtype=np.float64), np.asarray(folds)
    numbers = np.unique(of)
    several_folds = numbers.size > 1
    means = np.array([given[of == number].mean() for number in numbers])
    within = [given[of == number] for number in numbers if (of == number).sum() > 1]
    mean, deviation = float(given.mean()), float(given.std(ddof=1)) if given.size > 1 else 0.0
    interval = None
    if not several_folds and len(set(seeds)) == given.size >= _FEWEST_SEEDS:
        half = _t_quantile(given.size - 1) * deviation / math.sqrt(given.size)
        interval = Interval(mean - half, mean + half)
    return SpreadOfRuns(
        name=name,
        runs=given.size,
        mean=mean,
        deviation=deviation,
        low=float(given.min()),
        high=float(given.max()),
        between_folds=float(means.std(ddof=1)) if several_folds else None,
        between_seeds=_root_mean_square([part.std(ddof=1) for part in within]),
        interval=interval,
    )


def merge_folds(parts: Sequence[Predictions]) -> Predictions:
    """The tests of several folds as one.

    Raises
    ------
    EvaluationError
        If they name different classes, or have a recording in common.
    """
    names = parts[0].class_names
    if any(part.class_names != names for part in parts):
        raise EvaluationError("The folds name different classes and cannot be put together.")
    ids = [np.unique(part.recording_ids) for part in parts]
    if np.unique(np.concatenate(ids)).size < sum(one.size for one in ids):
        raise EvaluationError("A recording is in the test of two folds.")
    groups: dict[int, str] = {}
    for part in parts:
        groups |= {int(number): part.groups[int(number)] for number in part.recording_ids}
    return Predictions(
        probabilities=np.concatenate([part.probabilities for part in parts]),
        targets=np.concatenate([part.targets for part in parts]),
        recording_ids=np.concatenate([part.recording_ids for part in parts]),
        starts_s=np.concatenate([part.starts_s for part in parts]),
        window_s=parts[0].window_s,
        groups=groups,
        class_names=names,
        seen=any(part.seen for part in parts),
    )


def _whole_seeds(runs: Sequence[Run], folds: int) -> dict[int, Predictions]:
    wanted = set(range(1, folds + 1)) if folds else {0}
    by_seed: dict[int, dict[int, Predictions]] = {}
    for run in runs:
        by_seed.setdefault(run.seed, {})[run.fold] = run.predictions
    whole = {seed: of for seed, of in sorted(by_seed.items()) if set(of) == wanted}
    merged = {seed: merge_folds([of[fold] for fold in sorted(of)]) for seed, of in whole.items()}
    tests = {tuple(np.unique(one.recording_ids).tolist()) for one in merged.values()}
    if len(tests) > 1:
        raise EvaluationError("The seeds were not tested on the same recordings.")
    return merged


def _confusions(given: Predictions, names: NDArray[np.str_]) -> NDArray[np.int64]:
    """One matrix for each group, over recordings."""
    vote = given.vote()
    named = vote.probabilities.argmax(axis=1)
    groups = np.array([given.groups[int(number)] for number in vote.recording_ids])
    found = np.zeros((names.size, *(len(given.class_names),) * 2), dtype=np.int64)
    np.add.at(found, (np.searchsorted(names, groups), vote.targets, named), 1)
    return found


def _groups(
    names: NDArray[np.str_],
    by_group: NDArray[np.int64],
    class_names: tuple[str, ...],
    seeds: int,
) -> tuple[PooledGroup, ...]:
    found = []
    for name, confusion in zip(names, by_group, strict=True):
        tried = int(confusion.sum())
        classes = np.flatnonzero(confusion.sum(axis=1))
        found.append(
            PooledGroup(
                name=str(name),
                classes=tuple(class_names[number] for number in classes),
                recordings=tried // seeds,
                tried=tried,
                right=int(np.trace(confusion)),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.right / one.tried, one.name)))


def _score(name: str, confusion: NDArray[np.int64], interval: Interval | None) -> Score:
    value = float(SCORES[name](confusion))
    if interval is None:
        return Score(name, value, None, None)
    return Score(name, value, interval.low, interval.high)


def _root_mean_square(values: Sequence[float]) -> float | None:
    return float(np.sqrt(np.mean(np.square(values)))) if values else None


def _t_quantile(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
