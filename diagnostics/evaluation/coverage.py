"""What is gained by answering only when sure: risk against coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from diagnostics.evaluation.predictions import Floats

# Shares of wrong answers that somebody may want to stay below.
WANTED_RISKS = (0.01, 0.05, 0.1)
_POINTS = 400


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """``coverage`` rises to 1; ``risk`` is the share of wrong answers among those given.

    ``area`` below the curve is the mean risk over all coverages; ``best_area`` is what the
    same answers would have in the best order, every right one before every wrong one.
    """

    coverage: Floats
    risk: Floats
    threshold: Floats
    area: float
    best_area: float


def risk_coverage(confidence: Floats, wrong: NDArray[np.bool_]) -> RiskCoverage:
    """Share of wrong answers when only the surest ones are given, at every threshold.

    A classifier that may say "ask a person" is useful when the curve falls steeply to the
    left. It judges whether errors come with low confidence, on test data that resemble the
    training: on a machine of another kind a network can be sure and wrong.

    Parameters
    ----------
    confidence : array of shape (n,)
        Probability of the named class.
    wrong : array of shape (n,)

    Returns
    -------
    RiskCoverage
        One point for each distinct confidence; items with equal ones are answered together.

    References
    ----------
    .. [1] Y. Geifman and R. El-Yaniv, "Selective Classification for Deep Neural Networks",
       NeurIPS 2017.

    Examples
    --------
    >>> curve = risk_coverage(np.array([0.9, 0.8, 0.6, 0.5]), np.array([0, 0, 1, 0], dtype=bool))
    >>> curve.coverage, curve.risk.round(3)
    (array([0.25, 0.5 , 0.75, 1.  ]), array([0.   , 0.   , 0.333, 0.25 ]))
    >>> round(curve.area, 4), round(curve.best_area, 4)
    (0.1458, 0.0625)
    """
    order = np.argsort(-confidence, kind="stable")
    last_of_equals = np.append(np.flatnonzero(np.diff(confidence[order])), wrong.size - 1)
    answered = last_of_equals + 1
    errors = np.cumsum(wrong[order])[last_of_equals]
    risk, coverage = errors / answered, answered / wrong.size
    area = float((np.diff(coverage, prepend=0.0) * risk).sum())
    return RiskCoverage(coverage, risk, confidence[order][last_of_equals], area, _best_area(wrong))


def risk_report(items: Items) -> dict[str, Any]:
    """The curve thinned for a plot, its band and area, and what can be answered below a risk.

    Parameters
    ----------
    items : Items

    Returns
    -------
    dict
        Plain values for JSON. ``wanted`` has for each risk of :data:`WANTED_RISKS` the largest
        coverage at which the risk on these data is no larger, and the confidence from which
        answers are given then; None where no threshold does it. A threshold chosen so is as
        good as it looks only on new data.
    """
    curve = risk_coverage(items.confidence, items.wrong)
    band, area = _banded(items, curve)
    keep = np.unique(np.linspace(0, len(curve.risk) - 1, _POINTS).round().astype(np.intp))
    return {
        "x": _short(curve.coverage[keep]),
        "y": _short(curve.risk[keep]),
        "area": area.value,
        "low": area.low,
        "high": area.high,
        "best_area": curve.best_area,
        "error_rate": float(items.wrong.mean()),
        "band": None
        if band is None
        else {"x": _short(GRID[1:]), "low": _short(band.low[1:]), "high": _short(band.high[1:])},
        "wanted": [_wanted(curve, risk) for risk in WANTED_RISKS],
    }


def _banded(items: Items, curve: RiskCoverage) -> tuple[Band | None, Area]:
    if items.draws is None:
        return None, Area(curve.area)
    thresholds = thresholds_of(items.confidence)
    place = items.group_of, len(items.groups), thresholds
    everything = np.ones(len(items), dtype=bool)
    answered = counts_above(items.confidence, everything, *place)
    errors = counts_above(items.confidence, items.wrong, *place)
    weights = np.vstack([np.ones(len(items.groups)), items.draws.weights])
    given, missed = weights @ answered, weights @ errors
    risk = np.divide(missed, given, out=np.zeros_like(given), where=given > 0)
    coverage = given / given[:, -1:]
    areas = (np.diff(coverage, prepend=0.0, axis=1) * risk).sum(axis=1)
    band = Band(*items.draws.interval(heights(coverage[1:], risk[1:], at_least=True)))
    return band, area_interval(curve.area, float(areas[0]), areas[1:], items.draws)


def _best_area(wrong: NDArray[np.bool_]) -> float:
    answered = np.arange(1, wrong.size + 1)
    right = wrong.size - int(wrong.sum())
    return float((np.maximum(0, answered - right) / answered).mean())


def _wanted(curve: RiskCoverage, risk: float) -> dict[str, float | None]:
    good = np.flatnonzero(curve.risk <= risk)
    if good.size == 0:
        return {"risk": risk, "coverage": None, "confidence": None}
    last = good[-1]
    return {
        "risk": risk,
        "coverage": float(curve.coverage[last]),
        "confidence": float(curve.threshold[last]),
    }


def _short(values: Floats) -> list[float]:
    return [round(float(value), 4) for value in values]
