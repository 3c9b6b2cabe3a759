"""Learning curves of several experiments in one plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from layouts.figures.template import SERIES, figure, plain

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star")
Data = Mapping[str, Any]


def color_of(place: int) -> str:
    """The colour of an experiment, the same in cards and curves."""
    return SERIES[place % len(SERIES)]


def curves(experiments: Sequence[Data], quantity: str, title: str) -> go.Figure:
    """``loss`` or ``accuracy`` by epoch: of validation, or of training where there is none.

    Experiments with one epoch are left out: one point is no curve.
    """
    traces = [
        _line(one, place, quantity)
        for place, one in enumerate(experiments)
        if len(one["epochs"]) > 1
    ]
    drawn = figure(*traces, x_title="Epoch", y_title=title)
    drawn.update_layout(showlegend=True)
    drawn.update_yaxes(rangemode="tozero")
    if quantity == "accuracy":
        drawn.update_yaxes(range=[0, 1.02])
    drawn.update_xaxes(tickformat="d")
    return drawn


def _line(experiment: Data, place: int, quantity: str) -> go.Scatter:
    epochs = experiment["epochs"]
    part = "train" if any(e[f"validation_{quantity}"] is None for e in epochs) else "validation"
    name = f"{plain(experiment['name'])}{', training' if part == 'train' else ''}"
    return go.Scatter(
        x=[epoch["epoch"] for epoch in epochs],
        y=[epoch[f"{part}_{quantity}"] for epoch in epochs],
        name=name,
        mode="lines+markers",
        line={"color": color_of(place), "width": 2},
        marker={"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 6},
        hovertemplate="%{y:.4g} in epoch %{x}<extra>" + name + "</extra>",
    )
