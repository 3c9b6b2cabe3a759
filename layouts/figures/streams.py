"""The last points of a stream with their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from layouts.figures.template import SERIES, TEMPLATE, dash_of, plain

MOST_COLUMNS = len(SERIES)
ALERT = "#D55E00"


def live_figure(
    points: Sequence[Mapping[str, Any]], columns: Sequence[str], limit: float | None
) -> go.Figure:
    """Values above, scores with the limit below, over the number of the point."""
    drawn = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38])
    at = [point["sequence"] for point in points]
    times = [point["timestamp"][:19].replace("T", " ") for point in points]
    for number, name in enumerate(columns[:MOST_COLUMNS]):
        values = [point["data"].get(name) for point in points]
        line = {"color": SERIES[number], "width": 1.2, "dash": dash_of(number)}
        drawn.add_trace(_line(at, values, times, plain(name), line), row=1, col=1)
    flagged = [point for point in points if point["is_anomaly"]]
    drawn.add_trace(_marks(flagged, columns), row=1, col=1)
    scores = [point["anomaly_score"] for point in points]
    line = {"color": SERIES[0], "width": 1.2}
    drawn.add_trace(_line(at, scores, times, "score", line, in_legend=False), row=2, col=1)
    if limit is not None and at:
        drawn.add_trace(_limit(at, limit), row=2, col=1)
    # The same name keeps zoom and hidden curves while points are added.
    drawn.update_layout(template=TEMPLATE, uirevision="stream", height=420)
    drawn.update_yaxes(title_text="Value", row=1, col=1)
    drawn.update_yaxes(title_text="Score", rangemode="tozero", row=2, col=1)
    drawn.update_xaxes(title_text="Number of the point", row=2, col=1)
    return drawn


def _line(
    at: list[int],
    values: list[Any],
    times: list[str],
    name: str,
    line: dict[str, Any],
    *,
    in_legend: bool = True,
) -> go.Scatter:
    hover = "%{y:.4g} at %{customdata} UTC (point %{x})"
    shown = {"line": line, "showlegend": in_legend, "customdata": times, "hovertemplate": hover}
    return go.Scatter(x=at, y=values, name=name, mode="lines", **shown)


def _marks(flagged: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> go.Scatter:
    """Where points were found unusual, at each column that is drawn."""
    found = [
        (point["sequence"], point["data"][name])
        for name in columns[:MOST_COLUMNS]
        for point in flagged
        if point["data"].get(name) is not None
    ]
    return go.Scatter(
        x=[x for x, _ in found],
        y=[y for _, y in found],
        name="alert",
        mode="markers",
        marker={"color": ALERT, "symbol": "x", "size": 8},
        hovertemplate="alert: %{y:.4g} (point %{x})<extra></extra>",
    )


def _limit(at: list[int], limit: float) -> go.Scatter:
    line = {"color": ALERT, "width": 1, "dash": "dash"}
    ends = [at[0], at[-1]]
    return go.Scatter(x=ends, y=[limit, limit], name="threshold", mode="lines", line=line)
