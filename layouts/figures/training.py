"""How a training went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from layouts.figures.template import SERIES, figure

TRAINING, VALIDATION, RATE = SERIES[0], SERIES[1], SERIES[2]
# The same name keeps zoom and hidden curves while epochs are added.
_KEPT = "training"

Epochs = Sequence[Mapping[str, Any]]


def loss_figure(epochs: Epochs) -> go.Figure:
    """Cross entropy on both parts, with what heads add to it; the kept epoch is marked."""
    has_heads = any(epoch["head_errors"] for epoch in epochs)
    title = "Cross entropy and weighted errors" if has_heads else "Cross entropy"
    drawn = _curves(epochs, ("train_loss", "validation_loss"), title)
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def accuracy_figure(epochs: Epochs) -> go.Figure:
    """Share of windows that were named rightly."""
    drawn = _curves(epochs, ("train_accuracy", "validation_accuracy"), "Accuracy, share of windows")
    drawn.update_yaxes(range=[0, 1.02])
    return drawn


def rate_figure(epochs: Epochs) -> go.Figure:
    """Learning rate at the begin of each epoch."""
    trace = _line(epochs, "learning_rate", "Learning rate", RATE, "circle")
    drawn = _figure([trace], "Learning rate", epochs)
    drawn.update_yaxes(rangemode="tozero", tickformat="~g")
    drawn.update_layout(showlegend=False)
    return drawn


def kept_epoch(epochs: Epochs) -> int | None:
    """The epoch with the lowest validation loss: its weights are kept."""
    seen = [e for e in epochs if e["validation_loss"] is not None]
    if not seen:
        return None
    number: int = min(seen, key=lambda epoch: epoch["validation_loss"])["epoch"]
    return number


def _curves(epochs: Epochs, names: tuple[str, str], title: str) -> go.Figure:
    traces = [_line(epochs, names[0], "training", TRAINING, "circle")]
    if any(epoch[names[1]] is not None for epoch in epochs):
        traces.append(_line(epochs, names[1], "validation", VALIDATION, "diamond"))
    drawn = _figure(traces, title, epochs)
    kept = kept_epoch(epochs)
    if kept is not None:
        drawn.add_vline(kept, line={"dash": "dot", "width": 1, "color": VALIDATION}, layer="below")
    return drawn


def _line(epochs: Epochs, name: str, title: str, color: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=[epoch["epoch"] for epoch in epochs],
        y=[epoch[name] for epoch in epochs],
        name=title,
        mode="lines+markers",
        line={"color": color, "width": 2},
        marker={"symbol": symbol, "size": 5},
        hovertemplate="%{y:.4g}<extra>" + title + ", epoch %{x}</extra>",
    )


def _figure(traces: Sequence[go.Scatter], title: str, epochs: Epochs) -> go.Figure:
    last = max((epoch["epoch"] for epoch in epochs), default=1)
    drawn = figure(*traces, x_title="Epoch", y_title=title, uirevision=_KEPT)
    drawn.update_xaxes(range=[0.5, max(last, 5) + 0.5], tickformat="d")
    return drawn
