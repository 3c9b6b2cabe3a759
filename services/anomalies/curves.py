"""How well scores tell labelled anomalies from ordinary rows, at every threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIGITS = 5


class CurveView(TypedDict):
    """Points of a line; ROC: false against true positive rate; else recall against precision."""

    x: list[float]
    y: list[float]


class CurvesView(TypedDict):
    """Over the labelled rows; None where one of the two kinds of row has no label."""

    anomalies: int
    ordinary: int
    roc: CurveView | None
    precision_recall: CurveView | None


def curves_of(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> CurvesView:
    """Both curves, thinned to what a plot can show.

    Parameters
    ----------
    truth : array of shape (rows,)
        Whether the row is an anomaly, as people said.
    scores : array of shape (rows,)
        Higher is worse; in any unit.
    """
    from diagnostics.evaluation.curves import thinned
    from diagnostics.evaluation.precision_recall import precision_recall_curve
    from diagnostics.evaluation.roc import roc_curve, thin

    anomalies = int(truth.sum())
    found: CurvesView = {
        "anomalies": anomalies,
        "ordinary": len(truth) - anomalies,
        "roc": None,
        "precision_recall": None,
    }
    if not anomalies or anomalies == len(truth):
        return found
    roc = thin(roc_curve(scores, truth))
    found["roc"] = _view(roc.false_positive_rate, roc.true_positive_rate)
    curve = precision_recall_curve(scores, truth)
    found["precision_recall"] = _view(*thinned(curve.recall, curve.precision))
    return found


def _view(x: NDArray[np.float64], y: NDArray[np.float64]) -> CurveView:
    return {"x": x.round(DIGITS).tolist(), "y": y.round(DIGITS).tolist()}
