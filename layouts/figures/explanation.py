"""Figures of an explanation: colour behind the waveform, where the network looked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, TypedDict

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from layouts.figures.template import SERIES, TEMPLATE

# Transparent where nothing speaks for the class, so that it fits light and dark alike.
_EVIDENCE = [[0.0, "rgba(230,126,0,0)"], [1.0, "rgba(230,126,0,0.85)"]]
_LINE = SERIES[0]
_FRAME = "#CC79A7"
_MARGIN = {"l": 56, "r": 8, "t": 8, "b": 48}


class Band(TypedDict):
    """Minimum and maximum of each stretch of a waveform; equal where samples are shown."""

    time_s: list[float]
    minimum: list[float]
    maximum: list[float]


class Heat(TypedDict):
    """Attribution between edges in time: one more edge than values."""

    edges_s: list[float]
    values: list[float]


def recording(
    band: Band,
    heat: Heat,
    probabilities: Sequence[float],
    starts_s: Sequence[float],
    window_s: float,
    chosen: int,
    *,
    channel: str,
    unit: str,
    top: float,
    class_name: str,
) -> go.Figure:
    """The whole recording with its windows, the chosen one framed."""
    drawn = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.06
    )
    drawn.add_trace(_heat(heat, band, top), row=1, col=1)
    for trace in _waveform(band, unit):
        drawn.add_trace(trace, row=1, col=1)
    drawn.add_trace(_bars(probabilities, starts_s, window_s, chosen), row=2, col=1)
    start = starts_s[chosen]
    drawn.add_vrect(x0=start, x1=start + window_s, line={"color": _FRAME, "width": 2})
    drawn.update_layout(template=TEMPLATE, showlegend=False, height=340, margin=_MARGIN)
    drawn.update_yaxes(title_text=f"{escape(channel)} [{unit}]", row=1, col=1)
    drawn.update_yaxes(
        title_text=f"P({escape(_short(class_name))})", range=[0, 1], nticks=3, row=2, col=1
    )
    drawn.update_xaxes(title_text="Time [s]", row=2, col=1)
    return drawn


def window(
    band: Band, heat: Heat, *, channel: str, unit: str, top: float, height: int = 340
) -> go.Figure:
    """One window, sample by sample where the plot can show it."""
    drawn = go.Figure([_heat(heat, band, top, bar=True), *_waveform(band, unit)])
    drawn.update_layout(
        template=TEMPLATE,
        showlegend=False,
        height=height,
        margin={"l": 56, "r": 8, "t": 8, "b": 48},
    )
    drawn.update_yaxes(title_text=f"{channel} ({unit})")
    drawn.update_xaxes(title_text="Time [s]")
    return drawn


def _heat(heat: Heat, band: Band, top: float, *, bar: bool = False) -> go.Heatmap:
    low, high = min(band["minimum"]), max(band["maximum"])
    margin = 0.05 * ((high - low) or 1.0)
    return go.Heatmap(
        x=heat["edges_s"],
        y=[low - margin, high + margin],
        z=[heat["values"]],
        zmin=0,
        # A scale without height would draw “nothing” in full colour.
        zmax=top or 1.0,
        colorscale=_EVIDENCE,
        showscale=bar,
        colorbar=_bar(top) if bar else None,
        hoverinfo="skip",
    )


def _bar(top: float) -> dict[str, Any]:
    return {
        "title": {"text": "Grad-CAM (no unit)", "side": "right"},
        "thickness": 12,
        "tickvals": [0, top] if top else [0],
        "ticktext": ["none", f"{top:.2g}"] if top else ["none"],
        "outlinewidth": 0,
    }


def _waveform(band: Band, unit: str) -> list[go.Scatter]:
    shared = {"x": band["time_s"], "mode": "lines", "line": {"color": _LINE, "width": 1}}
    if band["minimum"] == band["maximum"]:
        hover = f"%{{y:.3g}} {unit} at %{{x:.5f}} s<extra></extra>"
        return [go.Scatter(y=band["minimum"], hovertemplate=hover, **shared)]
    return [
        go.Scatter(y=band["minimum"], hoverinfo="skip", **shared),
        go.Scatter(
            y=band["maximum"],
            fill="tonexty",
            fillcolor="rgba(0,114,178,0.45)",
            hovertemplate=f"up to %{{y:.3g}} {unit} at %{{x:.4f}} s<extra></extra>",
            **shared,
        ),
    ]


def _bars(
    probabilities: Sequence[float], starts_s: Sequence[float], window_s: float, chosen: int
) -> go.Bar:
    numbers = list(range(len(starts_s)))
    return go.Bar(
        x=[start + window_s / 2 for start in starts_s],
        y=list(probabilities),
        width=window_s * 0.92,
        customdata=numbers,
        marker={"color": [_FRAME if n == chosen else SERIES[4] for n in numbers]},
        hovertemplate="window %{customdata}: %{y:.2f}<extra></extra>",
    )


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"
