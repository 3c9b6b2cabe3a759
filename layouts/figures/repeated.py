"""Learning curves of many runs, and what their pooled test confused."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from diagnostics.training.bands import Band
from layouts.figures.template import SERIES, figure

# Name, colour of the mean, and the same colour as a shade.
_NAMES = (
    ("training", SERIES[0], "rgba(0, 114, 178, 0.18)"),
    ("validation", SERIES[1], "rgba(213, 94, 0, 0.18)"),
)


def band_figure(training: Sequence[Band], validation: Sequence[Band], y_title: str) -> go.Figure:
    """Means as lines; from the lowest to the highest run shaded."""
    traces = []
    for bands, (name, color, shade) in zip((training, validation), _NAMES, strict=True):
        if bands:
            traces += _band(bands, name, color, shade)
    last = max((band.epoch for band in (*training, *validation)), default=1)
    drawn = figure(*traces, x_title="Epoch", y_title=y_title, uirevision="repeated")
    drawn.update_xaxes(range=[0.5, max(last, 5) + 0.5], tickformat="d")
    return drawn


def loss_bands(training: Sequence[Band], validation: Sequence[Band]) -> go.Figure:
    drawn = band_figure(training, validation, "Cross entropy")
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def accuracy_bands(training: Sequence[Band], validation: Sequence[Band]) -> go.Figure:
    drawn = band_figure(training, validation, "Accuracy, share of windows")
    drawn.update_yaxes(range=[0, 1.02])
    return drawn


def _band(bands: Sequence[Band], name: str, color: str, shade: str) -> list[go.Scatter]:
    epochs = [band.epoch for band in bands]
    edges = go.Scatter(
        x=[*epochs, *reversed(epochs)],
        y=[*(band.high for band in bands), *(band.low for band in reversed(bands))],
        mode="lines",
        fill="toself",
        fillcolor=shade,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        name=name,
    )
    mean = go.Scatter(
        x=epochs,
        y=[band.mean for band in bands],
        customdata=[[band.low, band.high, band.runs] for band in bands],
        mode="lines",
        name=f"{name}, mean",
        line={"color": color, "width": 2},
        hovertemplate=(
            "%{y:.4g}, %{customdata[0]:.4g} to %{customdata[1]:.4g} over %{customdata[2]} runs"
            f"<extra>{name}, epoch %{{x}}</extra>"
        ),
    )
    return [edges, mean]
