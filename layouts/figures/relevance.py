"""Figures of several explanations above one another: over time, over frequency, and both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from layouts.figures.template import SERIES, TEMPLATE, plain

# Orange speaks for the class, blue against it; transparent where nothing does.
SIGNED = [
    [0.0, "rgba(0,114,178,0.9)"],
    [0.5, "rgba(128,128,128,0)"],
    [1.0, "rgba(230,126,0,0.9)"],
]
_KINDS = {"BPFO": SERIES[0], "BPFI": SERIES[1], "BSF": SERIES[2], "FTF": SERIES[3]}
_SHAFT = "#8A929B"
_ROW, _EDGES = 150, 90
_MARGIN = {"l": 64, "r": 16, "t": 36, "b": 48}

View = Mapping[str, Any]


def height_of(rows: int) -> str:
    """Of a figure with so many rows, as a style."""
    return f"{_ROW * rows + _EDGES}px"


def over_time(methods: Sequence[View], amplitude: str) -> go.Figure:
    """The waveform of a window once per method, its relevance behind it; zoomed together."""
    drawn = _rows([method["title"] for method in methods])
    for row, method in enumerate(methods, start=1):
        close, top = method["close"], method["top"] or 1.0
        low, high = float(min(close["samples"])), float(max(close["samples"]))
        margin = 0.06 * ((high - low) or 1.0)
        colour = go.Heatmap(
            x=close["edges_s"],
            y=[low - margin, high + margin],
            z=[close["attribution"]],
            zmin=-top,
            zmax=top,
            colorscale=SIGNED,
            showscale=False,
            hoverinfo="skip",
        )
        line = go.Scatter(
            x=close["times_s"],
            y=close["samples"],
            mode="lines",
            line={"color": SERIES[0], "width": 1},
            meta=plain(amplitude),
            hovertemplate="%{y:.3~g}, %{meta}<br>%{x:.6~f} s<extra></extra>",
        )
        for trace in (colour, line):
            drawn.add_trace(trace, row=row, col=1)
    return _finished(drawn, len(methods), "Time [s]", plain(amplitude))


def over_frequency(methods: Sequence[View]) -> go.Figure:
    """Which frequencies the relevance lies at: the carriers that were used."""
    drawn = _rows([method["title"] for method in methods])
    for row, method in enumerate(methods, start=1):
        spectrum = method["spectrum"]
        line = go.Scatter(
            x=spectrum["frequencies_hz"],
            y=spectrum["relevance"],
            mode="lines",
            line={"color": SERIES[5], "width": 1},
            hovertemplate="%{y:.3~g} at %{x:.5~g} Hz<extra></extra>",
        )
        drawn.add_trace(line, row=row, col=1)
    _mark(drawn, methods, named=False)
    return _finished(drawn, len(methods), "Frequency [Hz]", "Relevance [score]")


def over_rhythm(methods: Sequence[View]) -> go.Figure:
    """How often relevance comes back: with fault frequencies, and with random weights."""
    drawn = _rows([method["title"] for method in methods])
    for row, method in enumerate(methods, start=1):
        rhythm = method["rhythm"]
        for name, values, style in (
            ("random weights", rhythm["untrained"], {"color": _SHAFT, "width": 1, "dash": "dot"}),
            ("network", rhythm["network"], {"color": SERIES[5], "width": 1.5}),
        ):
            line = go.Scatter(
                x=rhythm["frequencies_hz"],
                y=values,
                mode="lines",
                name=name,
                line=style,
                showlegend=row == 1,
                hovertemplate=name + ": %{y:.2%} at %{x:.5~g} Hz<extra></extra>",
            )
            drawn.add_trace(line, row=row, col=1)
    _mark(drawn, methods)
    finished = _finished(drawn, len(methods), "Rhythm [Hz]", "Share")
    finished.update_layout(showlegend=True, margin={**_MARGIN, "b": 84})
    return finished


def over_both(method: View) -> go.Figure:
    """Relevance of one window by time and frequency."""
    frames = method["frames"]
    values = np.asarray(frames["relevance"]).T
    top = float(np.abs(values).max()) or 1.0
    drawn = go.Figure(
        go.Heatmap(
            x=frames["times_s"],
            y=frames["frequencies_hz"],
            z=values,
            zmin=-top,
            zmax=top,
            colorscale=SIGNED,
            colorbar={"title": {"text": "Relevance [score]", "side": "right"}, "thickness": 12},
            hovertemplate="%{z:.3~g} at %{x:.5~f} s, %{y:.5~g} Hz<extra></extra>",
        )
    )
    for line in method["domain"]["lines"]:
        if line["harmonic"] == 1 and not line["sideband"]:
            style = {"color": _KINDS.get(line["kind"], _SHAFT), "width": 1, "dash": "dot"}
            drawn.add_hline(y=line["frequency_hz"], line=style)
    drawn.update_layout(template=TEMPLATE, margin=_MARGIN)
    drawn.update_xaxes(title_text="Time [s]")
    drawn.update_yaxes(title_text="Frequency [Hz]")
    return drawn


def curves(method: View) -> go.Figure:
    """Probability of the class while stretches are taken away or put in."""
    drawn = go.Figure()
    names = {
        "deletion": ("most relevant away first", SERIES[1], "solid"),
        "random_deletion": ("away by chance", SERIES[1], "dot"),
        "insertion": ("most relevant in first", SERIES[0], "solid"),
        "random_insertion": ("in by chance", SERIES[0], "dot"),
    }
    for key, (name, colour, dash) in names.items():
        values = method["curves"].get(key, [])
        drawn.add_scatter(
            x=np.linspace(0, 100, len(values)),
            y=values,
            mode="lines",
            name=name,
            line={"color": colour, "dash": dash},
            hovertemplate=name + ": %{y:.2f} at %{x:.0f} %<extra></extra>",
        )
    drawn.update_layout(template=TEMPLATE, margin={**_MARGIN, "b": 96})
    drawn.update_xaxes(title_text="Stretches exchanged [%]")
    drawn.update_yaxes(title_text="Probability", range=[0, 1])
    return drawn


def _rows(titles: Sequence[str]) -> go.Figure:
    return make_subplots(
        rows=len(titles),
        cols=1,
        shared_xaxes=True,
        subplot_titles=list(titles),
        vertical_spacing=0.28 / max(len(titles), 1),
    )


def _mark(drawn: go.Figure, methods: Sequence[View], *, named: bool = True) -> None:
    """Fault frequencies of the bearing and the orders of the shaft, in every row."""
    for row, method in enumerate(methods, start=1):
        for line in method["domain"]["lines"]:
            if line["sideband"]:
                continue
            first = line["harmonic"] == 1 and row == 1
            drawn.add_vline(
                x=line["frequency_hz"],
                line={"color": _KINDS.get(line["kind"], _SHAFT), "width": 1, "dash": "dot"},
                annotation={"text": line["kind"], "font": {"size": 10}}
                if named and first
                else None,
                row=row,
                col=1,
            )


def _finished(drawn: go.Figure, rows: int, x_title: str, y_title: str) -> go.Figure:
    drawn.update_layout(template=TEMPLATE, showlegend=False, margin=_MARGIN)
    drawn.update_xaxes(title_text=x_title, row=rows, col=1)
    drawn.update_yaxes(title_text=y_title, title_font={"size": 11})
    drawn.update_annotations(font={"size": 12})
    return drawn
