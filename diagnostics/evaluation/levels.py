"""The scores of one level: windows, or recordings after their vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation import metrics
from diagnostics.evaluation.bootstrap import Interval, cluster_intervals
from diagnostics.evaluation.metrics import SCORES
from diagnostics.evaluation.predictions import Floats, Ints, Predictions
from diagnostics.evaluation.roc import RocCurve, macro_average, roc_curve, thin


@dataclass(frozen=True)
class Counts:
    """What a score rests on."""

    windows: int
    recordings: int
    groups: int


@dataclass(frozen=True)
class Score:
    """0 to 1, with the ends of its interval, or None for both."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ClassScores:
    """One row of the table of classes; None where there is nothing to divide by."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    area: float | None


@dataclass(frozen=True)
class RocLine:
    """One line of the ROC plot, thinned to what a plot needs; the area is exact."""

    name: str
    area: float
    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]


@dataclass(frozen=True)
class LevelReport:
    """``confusion`` has the true classes as rows; ``macro_roc`` is None without any line."""

    items: int
    scores: tuple[Score, ...]
    classes: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    roc: tuple[RocLine, ...]
    macro_roc: RocLine | None

    def score(self, name: str) -> Score:
        """The score of the name, one of those in ``SCORES``."""
        return next(score for score in self.scores if score.name == name)

    def headline(self) -> dict[str, dict[str, float | None]]:
        """Value and interval by the name of the score."""
        return {
            score.name: {"value": score.value, "low": score.low, "high": score.high}
            for score in self.scores
        }

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> LevelReport:
        macro = stored["macro_roc"]
        return LevelReport(
            items=stored["items"],
            scores=tuple(Score(**score) for score in stored["scores"]),
            classes=tuple(ClassScores(**row) for row in stored["classes"]),
            confusion=tuple(tuple(row) for row in stored["confusion"]),
            roc=tuple(_line(**line) for line in stored["roc"]),
            macro_roc=None if macro is None else _line(**macro),
        )


def judge_level(
    given: Predictions,
    probabilities: Floats,
    targets: Ints,
    recording_ids: Ints,
    bootstrap: tuple[int, np.random.Generator] | None,
) -> LevelReport:
    """Scores, table of classes, confusion and ROC of windows or of recordings.

    Parameters
    ----------
    given : Predictions
        For the names of the classes and the groups of the recordings.
    probabilities : array of shape (n, classes)
    targets, recording_ids : array of shape (n,)
        Of the ``n`` windows or recordings.
    bootstrap : pair of resamples and generator, or None
        None when no interval can be given.
    """
    classes = len(given.class_names)
    predicted = probabilities.argmax(axis=1).astype(np.int64)
    confusion = metrics.confusion_matrix(targets, predicted, classes)
    intervals: Mapping[str, Interval] = {}
    if bootstrap is not None:
        by_group = _by_group(given, targets, predicted, recording_ids)
        present = by_group.sum(axis=2) > 0
        intervals = cluster_intervals(by_group, present, SCORES, *bootstrap)
    curves = _curves(probabilities, targets)
    lines = [_to_line(given.class_names[number], curve) for number, curve in curves.items()]
    macro = _to_line("Macro average", macro_average(list(curves.values()))) if curves else None
    return LevelReport(
        items=targets.size,
        scores=tuple(_score(name, confusion, intervals.get(name)) for name in SCORES),
        classes=_class_rows(given.class_names, confusion, curves),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        roc=tuple(lines),
        macro_roc=macro,
    )


def _by_group(
    given: Predictions, targets: Ints, predicted: Ints, recording_ids: Ints
) -> NDArray[np.int64]:
    names = np.array([given.groups[int(number)] for number in recording_ids])
    return np.array(
        [
            metrics.confusion_matrix(targets[own], predicted[own], len(given.class_names))
            for own in (names == name for name in np.unique(names))
        ]
    )


def _curves(probabilities: Floats, targets: Ints) -> dict[int, RocCurve]:
    """By class; a class without items, or with nothing beside it, has no curve."""
    support = np.bincount(targets, minlength=probabilities.shape[1])
    return {
        number: roc_curve(probabilities[:, number], targets == number)
        for number in np.flatnonzero((support > 0) & (support < targets.size)).tolist()
    }


def _score(name: str, confusion: NDArray[np.int64], interval: Interval | None) -> Score:
    value = float(SCORES[name](confusion))
    if interval is None:
        return Score(name, value, None, None)
    return Score(name, value, interval.low, interval.high)


def _class_rows(
    names: tuple[str, ...], confusion: NDArray[np.int64], curves: Mapping[int, RocCurve]
) -> tuple[ClassScores, ...]:
    precisions, recalls = metrics.precision(confusion), metrics.recall(confusion)
    harmonic = metrics.f1(confusion)
    return tuple(
        ClassScores(
            name=name,
            precision=_or_none(precisions[number]),
            recall=_or_none(recalls[number]),
            f1=_or_none(harmonic[number]),
            support=int(confusion[number].sum()),
            predicted=int(confusion[:, number].sum()),
            area=curves[number].area if number in curves else None,
        )
        for number, name in enumerate(names)
    )


def _or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _to_line(name: str, curve: RocCurve) -> RocLine:
    thinned = thin(curve)
    return _line(name, curve.area, thinned.false_positive_rate, thinned.true_positive_rate)


def _line(name: str, area: float, false_positive_rate: Any, true_positive_rate: Any) -> RocLine:
    # Four digits are finer than a pixel and keep the stored report small.
    return RocLine(
        name,
        area,
        tuple(round(float(rate), 4) for rate in false_positive_rate),
        tuple(round(float(rate), 4) for rate in true_positive_rate),
    )
