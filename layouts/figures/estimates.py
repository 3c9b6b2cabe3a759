"""What was estimated beside the class against what is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from layouts.components.head_numbers import axis
from layouts.figures.template import SERIES, figure, plain

_GREY = "#6E7781"
_MARGIN = 0.04
# With the colours, so that no class is known by its colour alone.
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "pentagon")


def scatter(head: Mapping[str, Any]) -> go.Figure:
    """A point for each recording or window; on the line what is estimated rightly."""
    points: Sequence[Mapping[str, Any]] = head["points"]
    ends = _ends([value for one in points for value in (one["truth"], one["value"])])
    line = go.Scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="Estimated rightly",
        line={"color": _GREY, "width": 1, "dash": "dash"},
        hoverinfo="skip",
    )
    mean = go.Scatter(
        x=ends,
        y=[head["mean"]] * 2,
        mode="lines",
        name="Mean of the training part",
        line={"color": _GREY, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    classes = sorted({one["true_class"] for one in points})
    traces = [_points(number, name, points) for number, name in enumerate(classes)]
    title = axis(head["name"])
    return figure(
        line,
        mean,
        *traces,
        x_title=f"True: {title}",
        y_title=f"Estimated: {title}",
        xaxis={"range": ends},
        yaxis={"range": ends},
    )


def error_curves(epochs: Sequence[Mapping[str, Any]], name: str) -> go.Figure:
    """Mean absolute error of one head by epoch, over windows."""
    sides = (("train", "training", "circle"), ("validation", "validation", "diamond"))
    traces = []
    for number, (side, title, symbol) in enumerate(sides):
        known = [
            (epoch["epoch"], epoch["head_errors"][name][side])
            for epoch in epochs
            if side in epoch["head_errors"].get(name, {})
        ]
        if known:
            traces.append(
                go.Scatter(
                    x=[epoch for epoch, _ in known],
                    y=[error for _, error in known],
                    name=title,
                    mode="lines+markers",
                    line={"color": SERIES[number], "width": 2},
                    marker={"symbol": symbol, "size": 5},
                    hovertemplate="%{y:.4g}<extra>" + title + ", epoch %{x}</extra>",
                )
            )
    drawn = figure(*traces, x_title="Epoch", y_title=f"Mean error of {axis(name).lower()}")
    drawn.update_xaxes(tickformat="d")
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def _points(number: int, name: str, points: Sequence[Mapping[str, Any]]) -> go.Scatter:
    own = [one for one in points if one["true_class"] == name]
    return go.Scatter(
        x=[one["truth"] for one in own],
        y=[one["value"] for one in own],
        customdata=[[plain(one["name"]), plain(one["group"])] for one in own],
        mode="markers",
        name=plain(name),
        marker={
            "color": SERIES[number % len(SERIES)],
            "symbol": _SYMBOLS[number % len(_SYMBOLS)],
            "size": 7,
            "opacity": 0.75,
        },
        hovertemplate="%{customdata[0]} (%{customdata[1]})<br>true %{x:.4g}, estimated %{y:.4g}"
        "<extra></extra>",
    )


def _ends(values: Sequence[float]) -> list[float]:
    """A square that holds all points with some room."""
    low, high = min(values), max(values)
    room = _MARGIN * ((high - low) or abs(high) or 1.0)
    return [low - room, high + room]
