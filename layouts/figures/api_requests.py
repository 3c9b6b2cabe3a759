"""Requests to the API over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from layouts.figures.template import SERIES, figure

ANSWERED, REFUSED, FAILED = SERIES[0], SERIES[1], SERIES[3]

Entries = Sequence[Mapping[str, Any]]


def requests_figure(entries: Entries, minutes: int) -> go.Figure:
    """Stacked counts of each slot: answered, refused (4xx), failed (5xx)."""
    good = [one["requests"] - one["refused"] - one["failed"] for one in entries]
    traces = [
        _bars(entries, good, "answered", ANSWERED, ""),
        _bars(entries, [one["refused"] for one in entries], "refused (4xx)", REFUSED, "/"),
        _bars(entries, [one["failed"] for one in entries], "failed (5xx)", FAILED, "x"),
    ]
    drawn = figure(
        *traces, x_title="Time (UTC)", y_title=f"Requests in {minutes} min", uirevision="requests"
    )
    drawn.update_layout(barmode="stack", bargap=0)
    return drawn


def _bars(entries: Entries, counts: list[int], name: str, color: str, pattern: str) -> go.Bar:
    return go.Bar(
        x=[one["at"] for one in entries],
        y=counts,
        name=name,
        marker={"color": color, "line": {"width": 0}, "pattern": {"shape": pattern}},
        hovertemplate="%{y} " + name + "<extra>%{x|%d %b %H:%M}</extra>",
    )
