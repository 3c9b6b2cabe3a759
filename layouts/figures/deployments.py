"""Variants of a network by what they take and what they get right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from layouts.figures.template import SERIES, figure, plain

Values = Mapping[str, Any]


def trade_off(points: Sequence[Values]) -> go.Figure:
    """Accuracy over latency, a point for each variant; a line joins those that no other one beats.

    ``points`` have ``title``, ``ms``, ``accuracy`` in percent and ``megabytes``.
    """
    best = undominated(points)
    front = go.Scatter(
        x=[points[place]["ms"] for place in best],
        y=[points[place]["accuracy"] for place in best],
        mode="lines",
        name="beaten by none",
        line={"color": SERIES[1], "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    marks = go.Scatter(
        x=[one["ms"] for one in points],
        y=[one["accuracy"] for one in points],
        mode="markers",
        name="variants",
        marker={
            "color": SERIES[0],
            "size": 11,
            "symbol": [
                "circle" if place in best else "circle-open" for place in range(len(points))
            ],
        },
        customdata=[(plain(one["title"]), one["megabytes"]) for one in points],
        hovertemplate="%{customdata[0]}<br>%{y:.1f} % in %{x:.3g} ms, %{customdata[1]:.3g} MB"
        "<extra></extra>",
    )
    return figure(
        front,
        marks,
        x_title="One window, p50, ms",
        y_title="Accuracy over recordings, %",
        uirevision="trade-off",
    )


def undominated(points: Sequence[Values]) -> list[int]:
    """Places of the points that none is both faster and at least as right as, by latency.

    Examples
    --------
    >>> points = [(2, 90), (1, 80), (3, 70)]
    >>> undominated([{"ms": ms, "accuracy": right} for ms, right in points])
    [1, 0]
    """
    found: list[int] = []
    for place in sorted(
        range(len(points)), key=lambda one: (points[one]["ms"], -points[one]["accuracy"])
    ):
        if not found or points[place]["accuracy"] > points[found[-1]]["accuracy"]:
            found.append(place)
    return found
