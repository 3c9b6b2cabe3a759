"""Figures of a test result."""

from __future__ import annotations

import plotly.graph_objects as go

from diagnostics.evaluation.levels import LevelReport, RocLine
from layouts.evaluation_numbers import score_text
from layouts.figures.template import SERIES, dash_of, figure, plain

_GUESSING = "#8A939C"


def roc(level: LevelReport) -> go.Figure:
    """One line for each class against the rest, their mean, and what guessing would give."""
    traces = [_line(line, SERIES[n % len(SERIES)], dash_of(n)) for n, line in enumerate(level.roc)]
    if level.macro_roc is not None and len(level.roc) > 1:
        traces.append(_line(level.macro_roc, "#6E7781", "solid", width=3))
    guess = go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="Guessing, area 0.50",
        line={"color": _GUESSING, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    return figure(
        *traces,
        guess,
        x_title="False positive rate",
        y_title="True positive rate",
        xaxis={"range": [-0.02, 1.02], "tickformat": ".1f"},
        yaxis={"range": [-0.02, 1.02], "tickformat": ".1f"},
    )


def _line(line: RocLine, color: str, dash: str, width: float = 2) -> go.Scatter:
    return go.Scatter(
        x=line.false_positive_rate,
        y=line.true_positive_rate,
        mode="lines",
        name=f"{plain(line.name)}, area {score_text(line.area)}",
        line={"color": color, "dash": dash, "width": width},
        hovertemplate="%{y:.2f} found at %{x:.2f} false alarms<extra></extra>",
    )
