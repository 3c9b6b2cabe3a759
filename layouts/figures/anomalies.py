"""Figures of detections and comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from layouts.figures.template import SERIES, figure, plain

Values = Mapping[str, Any]

ORDINARY, FLAGGED = SERIES[0], SERIES[1]
SCORE = "Score, calibrated"
# The line of the threshold; the browser moves it while the slider is dragged.
LINE = {"color": "#D55E00", "width": 2, "dash": "dash"}


def distribution(scores: Values) -> go.Figure:
    """How many rows have which score, on a scale on which few can be seen beside many."""
    edges = scores["edges"]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    line = scores["calibrated_threshold"]
    drawn = figure(
        go.Bar(
            x=middles,
            y=scores["counts"],
            width=edges[1] - edges[0],
            marker={"color": ORDINARY},
            hovertemplate="%{y} rows at %{x:.2f}<extra></extra>",
        ),
        x_title=SCORE,
        y_title="Rows",
        yaxis={"type": "log"},
        xaxis={"range": [0, 1]},
        showlegend=False,
    )
    if line is not None:
        drawn.add_shape(
            type="line", x0=line, x1=line, y0=0, y1=1, xref="x", yref="paper", line=LINE
        )
    return drawn


def over_time(scores: Values) -> go.Figure:
    """Scores by row or time; of many rows, the highest and lowest of each stretch."""
    x = _moments(scores["order"]) if scores["order_is_time"] else scores["order"]
    flags = [raw > scores["threshold"] for raw in scores["raw"]]
    traces = []
    for name, wanted, color, symbol in (
        ("ordinary", False, ORDINARY, "circle"),
        ("anomaly", True, FLAGGED, "diamond"),
    ):
        rows = [n for n, flag in enumerate(flags) if flag is wanted]
        traces.append(
            go.Scatter(
                x=[x[n] for n in rows],
                y=[scores["scores"][n] for n in rows],
                customdata=[scores["row_indices"][n] for n in rows],
                mode="markers",
                name=name,
                marker={"color": color, "symbol": symbol, "size": 7 if wanted else 4},
                hovertemplate="row %{customdata}, score %{y:.3f}<extra>%{fullData.name}</extra>",
            )
        )
    title = "Time" if scores["order_is_time"] else "Row"
    return figure(*traces, x_title=title, y_title=SCORE, yaxis={"range": [0, 1]}, showlegend=True)


def plane(scores: Values) -> go.Figure:
    """Rows in the plane of the first two principal components of the scaled columns."""
    flags = [raw > scores["threshold"] for raw in scores["plane_raw"]]
    traces = []
    for name, wanted, color, symbol in (
        ("ordinary", False, ORDINARY, "circle"),
        ("anomaly", True, FLAGGED, "diamond"),
    ):
        rows = [n for n, flag in enumerate(flags) if flag is wanted]
        traces.append(
            go.Scatter(
                x=[scores["plane_x"][n] for n in rows],
                y=[scores["plane_y"][n] for n in rows],
                customdata=[scores["plane_rows"][n] for n in rows],
                mode="markers",
                name=name,
                marker={
                    "color": color,
                    "symbol": symbol,
                    "size": 8 if wanted else 5,
                    "opacity": 0.8,
                },
                hovertemplate="row %{customdata}<extra>%{fullData.name}</extra>",
            )
        )
    return figure(*traces, x_title="First component", y_title="Second component", showlegend=True)


def contributions(explanation: Values) -> go.Figure:
    """What each column adds to the score, the most above."""
    shown = explanation["feature_contributions"][::-1]
    return figure(
        go.Bar(
            x=[one["shap_value"] for one in shown],
            y=[f"{plain(one['feature'])} = {_value(one['value'])}" for one in shown],
            orientation="h",
            marker={"color": [FLAGGED if one["shap_value"] > 0 else ORDINARY for one in shown]},
            hovertemplate="%{y}: %{x:.3g}<extra></extra>",
        ),
        x_title="Added to the raw score",
        y_title="Column",
        yaxis={"dtick": 1},
        height=max(220, 28 * len(shown) + 90),
    )


def agreement(matrix: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> go.Figure:
    """For each two algorithms the share of rows that both flag among those that one flags."""
    keys = list(matrix)
    titles = [plain(names.get(key, key)) for key in keys]
    cells = [[matrix[row][column] for column in keys] for row in keys]
    drawn = figure(
        go.Heatmap(
            z=cells,
            x=titles,
            y=titles,
            zmin=0,
            zmax=1,
            colorscale="Cividis",
            colorbar={"title": {"text": "Jaccard"}, "thickness": 12},
            hovertemplate="%{y}<br>%{x}<br>%{z:.3f}<extra></extra>",
        ),
        x_title="Algorithm",
        y_title="Algorithm",
        height=max(300, 40 * len(keys) + 140),
    )
    return drawn.update_yaxes(autorange="reversed")


def _moments(seconds: Sequence[float]) -> Sequence[Any]:
    """Moments where the numbers can be seconds since 1970, else the numbers."""
    if not seconds or not 0 < min(seconds) <= max(seconds) < 1e11 or max(seconds) < 1e8:
        return seconds
    return [datetime.fromtimestamp(one, UTC) for one in seconds]


def _value(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float) else plain(f"{value!s:.40}")
