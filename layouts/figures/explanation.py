"""Figures of an explanation: colour behind the waveform, where the network looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from layouts.figures.relevance import SIGNED
from layouts.figures.template import SERIES, TEMPLATE, plain

_LINE = SERIES[0]
_CHOSEN = "#CC79A7"
_OTHER = SERIES[4]
# Room above for the buttons of the figure.
_MARGIN = {"l": 64, "r": 16, "t": 32, "b": 44}
_SHOWN_NAME = 16

Picture = Mapping[str, Any]
"""``times_s`` and ``samples`` of a waveform, ``edges_s`` and ``attribution`` behind it."""


def recording(
    whole: Picture,
    starts_s: Sequence[float],
    window_s: float,
    of_target: Sequence[float],
    chosen: int,
    *,
    amplitude: str,
    class_name: str,
    top: float,
) -> go.Figure:
    """The whole recording, and below it the probability of the class in each window."""
    drawn = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.7, 0.3], vertical_spacing=0.07
    )
    for trace in (_evidence(whole, top), _waveform(whole, amplitude)):
        drawn.add_trace(trace, row=1, col=1)
    drawn.add_trace(_windows(starts_s, window_s, of_target, chosen), row=2, col=1)
    start = starts_s[chosen]
    drawn.add_vrect(
        x0=start, x1=start + window_s, line={"color": _CHOSEN, "width": 2}, row=1, col=1
    )
    drawn.update_layout(template=TEMPLATE, showlegend=False, margin=_MARGIN, bargap=0)
    drawn.update_yaxes(title_text=plain(amplitude), row=1, col=1)
    drawn.update_yaxes(
        title_text=f"P({plain(_shortened(class_name))})", range=[0, 1], nticks=3, row=2, col=1
    )
    drawn.update_xaxes(title_text="Time [s]", row=2, col=1)
    return drawn


def window(close: Picture, *, amplitude: str, top: float, name: str = "Grad-CAM") -> go.Figure:
    """One window, with the scale of the colour."""
    drawn = go.Figure([_evidence(close, top, scale=name), _waveform(close, amplitude)])
    drawn.update_layout(template=TEMPLATE, showlegend=False, margin=_MARGIN)
    drawn.update_yaxes(title_text=plain(amplitude))
    drawn.update_xaxes(
        title_text="Time [s]", range=[float(close["edges_s"][0]), float(close["edges_s"][-1])]
    )
    return drawn


def _evidence(picture: Picture, top: float, *, scale: str = "") -> go.Heatmap:
    low, high = float(min(picture["samples"])), float(max(picture["samples"]))
    margin = 0.06 * ((high - low) or 1.0)
    return go.Heatmap(
        x=picture["edges_s"],
        y=[low - margin, high + margin],
        z=[picture["attribution"]],
        # A scale without height would draw “nothing” in full colour.
        zmin=-(top or 1.0),
        zmax=top or 1.0,
        colorscale=SIGNED,
        showscale=bool(scale),
        colorbar=_scale(top, scale) if scale else None,
        hoverinfo="skip",
    )


def _scale(top: float, name: str) -> dict[str, Any]:
    ticks = [-top, 0, top] if top else [0]
    return {
        "title": {"text": f"{plain(name)} [score]", "side": "right"},
        "thickness": 12,
        "tickvals": ticks,
        "ticktext": [f"{value:.2g}" for value in ticks],
        "outlinewidth": 0,
    }


def _waveform(picture: Picture, amplitude: str) -> go.Scatter:
    return go.Scatter(
        x=picture["times_s"],
        y=picture["samples"],
        mode="lines",
        line={"color": _LINE, "width": 1},
        # Not in the template: a channel's name may look like one of its fields.
        meta=plain(amplitude),
        hovertemplate="%{y:.3~g}, %{meta}<br>%{x:.6~f} s<extra></extra>",
    )


def _windows(
    starts_s: Sequence[float], window_s: float, of_target: Sequence[float], chosen: int
) -> go.Bar:
    numbers = list(range(len(starts_s)))
    return go.Bar(
        x=[start + window_s / 2 for start in starts_s],
        y=list(of_target),
        width=0.94 * window_s,
        customdata=numbers,
        marker={
            "color": [_CHOSEN if number == chosen else _OTHER for number in numbers],
            "line": {"width": 0},
        },
        hovertemplate="%{y:.2f} at %{x:.3f} s, window %{customdata}<extra></extra>",
    )


def _shortened(name: str) -> str:
    return name if len(name) <= _SHOWN_NAME else f"{name[: _SHOWN_NAME - 1]}…"
