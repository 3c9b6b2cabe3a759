"""Small pictures of generated examples: a wave, and a spectrum with what to look for."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from diagnostics.synthesis.preview import Example
from layouts.figures.template import SERIES, figure

Array = NDArray[np.floating]

_MARGIN = {"l": 52, "r": 8, "t": 20, "b": 36}
_SOUND = "#8A939C"
_MARK = SERIES[1]
# A spectrum of a second has no line below 1 Hz.
_LOWEST_HZ = 1.0
_DECADES = 4.0


def wave(example: Example) -> go.Figure:
    """Acceleration over the first half second."""
    line = go.Scatter(
        x=example.times_s,
        y=example.samples.astype(np.float32),
        mode="lines",
        line={"width": 1, "color": SERIES[0]},
        hovertemplate="%{y:.3~g} g at %{x:.4~f} s<extra></extra>",
    )
    return figure(
        line, x_title="Time [s]", y_title="Acceleration [g]", margin=_MARGIN, showlegend=False
    )


def spectrum(example: Example) -> go.Figure:
    """The spectrum of a journal bearing, on logarithmic axes: from whirl to cavitation."""
    drawn = _spectrum(example, "Amplitude [g]", "Frequency [Hz]")
    highest = float(np.log10(example.amplitudes.max()))
    drawn.update_yaxes(
        type="log", exponentformat="SI", dtick=1, range=[highest - _DECADES, highest + 0.3]
    )
    top_hz = float(example.frequencies_hz[-1])
    drawn.update_xaxes(type="log", dtick=1, range=[np.log10(_LOWEST_HZ), np.log10(top_hz)])
    return drawn


def envelope_spectrum(example: Example) -> go.Figure:
    """The spectrum of the envelope around the first resonance."""
    drawn = _spectrum(example, "Envelope [g]", "Modulation frequency [Hz]")
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def _spectrum(example: Example, y_title: str, x_title: str) -> go.Figure:
    drawn = figure(
        _line(example.frequencies_hz, example.sound, _SOUND, "without"),
        _line(example.frequencies_hz, example.amplitudes, SERIES[0], "with"),
        x_title=x_title,
        y_title=y_title,
        margin=_MARGIN,
        showlegend=False,
    )
    for mark in example.marks:
        drawn.add_vrect(
            x0=mark.low_hz,
            x1=mark.high_hz,
            fillcolor=_MARK,
            opacity=0.25,
            line={"width": 1, "color": _MARK},
            layer="below",
        )
    return drawn


def _line(x: Array, y: Array, color: str, name: str) -> go.Scatter:
    return go.Scatter(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        name=f"{name} the fault",
        mode="lines",
        line={"width": 1, "color": color},
        hovertemplate="%{y:.3~g} g at %{x:.4~g} Hz<extra>" + name + " the fault</extra>",
    )
