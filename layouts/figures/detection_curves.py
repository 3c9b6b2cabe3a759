"""Curves of scores against labels: algorithms side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from layouts.evaluation_numbers import score_text
from layouts.figures.template import SERIES, dash_of, figure, plain

Values = Mapping[str, Any]

_UNIT = {"range": [-0.02, 1.02], "tickformat": ".1f"}


def roc(curves: Mapping[str, Values], metrics: Mapping[str, Values], names: Values) -> go.Figure:
    """True against false positives at every threshold; the sign is where the flags are."""
    traces: list[Any] = []
    for number, (key, found) in enumerate(curves.items()):
        one = metrics[key]
        alarms = one["false_positives"] / found["ordinary"]
        shown = f"{plain(names[key])}, area {score_text(one['roc_auc'])}"
        hover = "%{y:.3f} found at %{x:.3f} false alarms"
        traces += _drawn(number, shown, found["roc"], (alarms, one["recall"]), hover, "linear")
    traces.append(_guessing([0, 1]))
    return figure(
        *traces,
        x_title="False positive rate",
        y_title="True positive rate",
        xaxis=_UNIT,
        yaxis=_UNIT,
    )


def precision_recall(
    curves: Mapping[str, Values], metrics: Mapping[str, Values], names: Values
) -> go.Figure:
    """How many flags are right against how many anomalies are found."""
    traces: list[Any] = []
    share = 0.0
    for number, (key, found) in enumerate(curves.items()):
        one = metrics[key]
        share = found["anomalies"] / (found["anomalies"] + found["ordinary"])
        at = None if one["precision"] is None else (one["recall"], one["precision"])
        shown = f"{plain(names[key])}, area {score_text(one['average_precision'])}"
        hover = "%{y:.3f} right, %{x:.3f} found"
        traces += _drawn(number, shown, found["precision_recall"], at, hover, "vh")
    traces.append(_guessing([share, share]))
    return figure(
        *traces,
        x_title="Recall",
        y_title="Precision",
        xaxis=_UNIT,
        yaxis=_UNIT,
    )


def _drawn(
    number: int, name: str, line: Values, at: tuple[float, float] | None, hover: str, shape: str
) -> list[Any]:
    """A curve, and a sign where the algorithm's own threshold stands on it."""
    color = SERIES[number % len(SERIES)]
    style = {"color": color, "dash": dash_of(number), "width": 2, "shape": shape}
    common = {"name": name, "legendgroup": name}
    template = f"{hover}<extra>{name}</extra>"
    traces = [
        go.Scatter(
            x=line["x"], y=line["y"], mode="lines", line=style, hovertemplate=template, **common
        )
    ]
    if at is not None:
        marker = {"color": color, "size": 10, "symbol": "diamond"}
        traces.append(
            go.Scatter(
                x=[at[0]],
                y=[at[1]],
                mode="markers",
                marker=marker,
                showlegend=False,
                hovertemplate=f"{hover}, at its threshold<extra>{name}</extra>",
                **common,
            )
        )
    return traces


def _guessing(heights: list[float]) -> go.Scatter:
    return go.Scatter(
        x=[0, 1],
        y=heights,
        mode="lines",
        name="Guessing",
        line={"color": "#8A939C", "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
