"""The waveform of a signal, and what figures of signals have in common."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from layouts.figures.template import SERIES, figure

Array = NDArray[Any]

_LINE = {"width": 1, "color": SERIES[0]}
_MARGIN = {"l": 64, "r": 16, "t": 28, "b": 44}


def waveform(
    times_s: Array, values: Array, unit: str, span_s: tuple[float, float] | None = None
) -> go.Figure:
    """Amplitude over time. ``span_s`` is the part to show; the whole otherwise.

    The vertical axis follows the values and cannot be dragged, so that a drag anywhere
    chooses a time.
    """
    drawn = line_figure(times_s, values, "Time [s]", f"Amplitude [{unit}]")
    drawn.update_traces(hovertemplate=f"%{{y:.4~g}} {unit}<br>%{{x:.6~f}} s<extra></extra>")
    drawn.update_yaxes(fixedrange=True)
    if span_s is not None:
        drawn.update_xaxes(range=list(span_s))
    return drawn


def empty(text: str) -> go.Figure:
    """Axes without values, and why."""
    drawn = figure(x_title="", y_title="", margin=_MARGIN)
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(visible=False)
    note = {"text": text, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return drawn.add_annotation(**note, showarrow=False)


def mark_generated(drawn: go.Figure) -> go.Figure:
    """Say it in the picture, which is saved and shown elsewhere, too."""
    # On the right are the buttons of the figure.
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left"}
    return drawn.add_annotation(
        text="generated, not measured", yanchor="bottom", showarrow=False, **place
    )


def line_values(values: Array) -> dict[str, str]:
    """Values in the form in which plotly takes them compactly, for a ``Patch``.

    Four bytes a number, and a third more since it travels as text.
    """
    contiguous = np.ascontiguousarray(values)
    kind = f"{contiguous.dtype.kind}{contiguous.dtype.itemsize}"
    return {"dtype": kind, "bdata": base64.b64encode(contiguous.tobytes()).decode()}


def line_figure(x: Array, y: Array, x_title: str, y_title: str) -> go.Figure:
    """A single curve, as all of the signals page are drawn."""
    # Single precision is finer than any screen; places need more, or zoomed steps merge.
    trace = go.Scatter(x=x, y=y.astype(np.float32), mode="lines", line=_LINE)
    return figure(trace, x_title=x_title, y_title=y_title, margin=_MARGIN, showlegend=False)
