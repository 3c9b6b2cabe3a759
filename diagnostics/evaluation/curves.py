"""ROC and precision–recall curves with bands over groups, thinned to what a plot can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.evaluation.bands import (
    GRID,
    Area,
    Band,
    area_interval,
    counts_above,
    heights,
    thresholds_of,
)
from diagnostics.evaluation.items import Items
from diagnostics.evaluation.precision_recall import macro_average as mean_of_precisions
from diagnostics.evaluation.precision_recall import precision_recall_curve
from diagnostics.evaluation.predictions import Floats
from diagnostics.evaluation.roc import PLOT_POINTS, RocCurve, macro_average, roc_curve, thin

MACRO = "Macro average"


@dataclass(frozen=True, eq=False)
class Line:
    """One class, or the mean of them: the curve, its area, its band, what guessing gives."""

    name: str
    x: Floats
    y: Floats
    area: Area
    band: Band | None
    guessing: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; four digits are finer than a pixel."""
        return {
            "name": self.name,
            "x": _short(self.x),
            "y": _short(self.y),
            "area": self.area.value,
            "low": self.area.low,
            "high": self.area.high,
            "guessing": self.guessing,
            "band": None
            if self.band is None
            else {"x": _short(GRID), "low": _short(self.band.low), "high": _short(self.band.high)},
        }


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Heights on the grid and areas of the draws of one class, for its band and the mean's."""

    heights: Floats
    areas: Floats
    coarse: float


def roc_lines(items: Items) -> list[Line]:
    """A line for each class that has one, and their mean where there are several.

    Parameters
    ----------
    items : Items

    Returns
    -------
    list of Line
        Bands are pointwise: at each false positive rate they hold the rate of hits of the
        given share of draws of groups.

    Examples
    --------
    >>> from diagnostics.evaluation.items import Level, items_of
    >>> from diagnostics.evaluation.predictions import Predictions
    >>> given = Predictions(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]),
    ...     np.array([1, 2]), np.zeros(2), 0.1, {1: "A", 2: "B"}, ("healthy", "worn"))
    >>> [line.area.value for line in roc_lines(items_of(given, Level.RECORDINGS, 0))]
    [1.0, 1.0, 1.0]
    """
    lines, curves, drawn = [], [], []
    for number in _classes(items):
        scores, positive = items.probabilities[:, number], items.targets == number
        curve = roc_curve(scores, positive)
        one = _drawn_roc(items, number) if items.draws else None
        curves.append(curve)
        drawn.append(one)
        lines.append(_roc_line(items, items.class_names[number], curve, one))
    if len(curves) > 1:
        lines.append(_roc_line(items, MACRO, macro_average(curves), _mean(drawn)))
    return lines


def precision_recall_lines(items: Items) -> list[Line]:
    """As :func:`roc_lines`, of precision against recall."""
    lines, curves, drawn = [], [], []
    for number in _classes(items):
        curve = precision_recall_curve(items.probabilities[:, number], items.targets == number)
        one = _drawn_precision(items, number) if items.draws else None
        curves.append(curve)
        drawn.append(one)
        band, area = _banded(items, curve.area, one)
        x, y = thinned(curve.recall, curve.precision)
        lines.append(Line(items.class_names[number], x, y, area, band, curve.guessing))
    if len(curves) > 1:
        mean = mean_of_precisions(curves)
        band, area = _banded(items, mean.area, _mean(drawn))
        lines.append(Line(MACRO, mean.recall, mean.precision, area, band, mean.guessing))
    return lines


def _classes(items: Items) -> list[int]:
    """Classes that occur, beside others."""
    support = np.bincount(items.targets, minlength=len(items.class_names))
    return [int(n) for n in np.flatnonzero((support > 0) & (support < len(items)))]


def _drawn_roc(items: Items, number: int) -> _Drawn:
    hits, alarms = _drawn_counts(items, number)
    true_rate = _begun(hits / hits[:, -1:])
    false_rate = _begun(alarms / alarms[:, -1:])
    below = np.asarray(np.trapezoid(_begun(hits), _begun(alarms), axis=1))
    areas = below / (hits[:, -1] * alarms[:, -1])
    return _Drawn(heights(false_rate[1:], true_rate[1:], at_least=False), areas[1:], areas[0])


def _drawn_precision(items: Items, number: int) -> _Drawn:
    hits, alarms = _drawn_counts(items, number)
    total = hits + alarms
    # Before the first item of a draw nothing is named, rightly or wrongly.
    precision = np.divide(hits, total, out=np.ones_like(hits), where=total > 0)
    recall = hits / hits[:, -1:]
    areas = (np.diff(recall, prepend=0.0, axis=1) * precision).sum(axis=1)
    return _Drawn(heights(recall[1:], precision[1:], at_least=True), areas[1:], areas[0])


def _drawn_counts(items: Items, number: int) -> tuple[Floats, Floats]:
    """Hits and false alarms at each threshold: of all groups in the first row, then of draws."""
    assert items.draws is not None
    scores, positive = items.probabilities[:, number], items.targets == number
    thresholds = thresholds_of(scores)
    given = items.group_of, len(items.groups), thresholds
    weights = np.vstack([np.ones(len(items.groups)), items.draws.weights])
    return (
        weights @ counts_above(scores, positive, *given),
        weights @ counts_above(scores, ~positive, *given),
    )


def _mean(drawn: list[_Drawn | None]) -> _Drawn | None:
    known = [one for one in drawn if one is not None]
    if not known:
        return None
    return _Drawn(
        np.mean([one.heights for one in known], axis=0),
        np.mean([one.areas for one in known], axis=0),
        float(np.mean([one.coarse for one in known])),
    )


def _banded(items: Items, area: float, drawn: _Drawn | None) -> tuple[Band | None, Area]:
    if items.draws is None or drawn is None:
        return None, Area(area)
    found = area_interval(area, drawn.coarse, drawn.areas, items.draws)
    return Band(*items.draws.interval(drawn.heights)), found


def _roc_line(items: Items, name: str, curve: RocCurve, drawn: _Drawn | None) -> Line:
    thinned = thin(curve)
    band, area = _banded(items, curve.area, drawn)
    return Line(name, thinned.false_positive_rate, thinned.true_positive_rate, area, band)


def _begun(rates: Floats) -> Floats:
    """Curves that begin at nothing."""
    return np.hstack([np.zeros((len(rates), 1)), rates])


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most a few hundred points of a line, even along it; its ends stay."""
    if len(x) <= PLOT_POINTS:
        return x, y
    along = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    keep = np.searchsorted(along, np.linspace(0, along[-1], PLOT_POINTS)).clip(0, len(x) - 1)
    keep = np.unique(np.append(keep, [0, len(x) - 1]))
    return x[keep], y[keep]


def _short(values: Floats) -> list[float]:
    return [round(float(value), 4) for value in values]
