"""Pictures of a signal: waveform, spectra, spectrogram. Values in, figures out."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from layouts.figures.template import SEQUENTIAL, SERIES, figure

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
    drawn = _line_figure(times_s, values, "Time [s]", f"Amplitude [{unit}]")
    drawn.update_traces(hovertemplate=f"%{{y:.4~g}} {unit}<br>%{{x:.6~f}} s<extra></extra>")
    drawn.update_yaxes(fixedrange=True)
    if span_s is not None:
        drawn.update_xaxes(range=list(span_s))
    return drawn


def amplitude_spectrum(frequencies_hz: Array, amplitudes: Array, unit: str) -> go.Figure:
    """Peak amplitude over frequency."""
    drawn = _line_figure(
        frequencies_hz, amplitudes, "Frequency [Hz]", f"Amplitude, 0 to peak [{unit}]"
    )
    drawn.update_yaxes(rangemode="tozero")
    return _over_frequency(drawn, unit)


def power_spectral_density(frequencies_hz: Array, densities: Array, unit: str) -> go.Figure:
    """Power per hertz over frequency, on a logarithmic axis."""
    shown = densities > 0
    per_hertz = density_unit(unit)
    drawn = _line_figure(
        frequencies_hz[shown],
        densities[shown],
        "Frequency [Hz]",
        f"Power spectral density [{per_hertz}]",
    )
    drawn.update_yaxes(type="log", exponentformat="power", dtick=1)
    return _over_frequency(drawn, per_hertz)


def envelope_spectrum(frequencies_hz: Array, amplitudes: Array, unit: str) -> go.Figure:
    """Peak amplitude of the swelling of a band over the rate of the swelling."""
    drawn = _line_figure(
        frequencies_hz, amplitudes, "Modulation frequency [Hz]", f"Amplitude [{unit}]"
    )
    drawn.update_yaxes(rangemode="tozero")
    return _over_frequency(drawn, unit)


def spectrogram(times_s: Array, frequencies_hz: Array, levels_db: Array, unit: str) -> go.Figure:
    """Power spectral density over time and frequency, by colour.

    Levels are sent as whole decibels: finer steps cannot be told apart by colour, and
    a byte or two are enough for them.
    """
    per_hertz = density_unit(unit)
    narrow = np.abs(levels_db).max(initial=0) < 127
    image = go.Heatmap(
        x=times_s,
        y=frequencies_hz,
        z=np.round(levels_db).astype(np.int8 if narrow else np.int16),
        colorscale=SEQUENTIAL,
        colorbar={"title": {"text": f"dB re 1 {per_hertz}", "side": "right"}, "thickness": 12},
        hovertemplate=(
            f"%{{z}} dB re 1 {per_hertz}<br>%{{y:.4~s}}Hz at %{{x:.5~g}} s<extra></extra>"
        ),
    )
    return figure(image, x_title="Time [s]", y_title="Frequency [Hz]", margin=_MARGIN)


def empty(text: str) -> go.Figure:
    """Axes without values, and why."""
    drawn = figure(x_title="", y_title="", margin=_MARGIN)
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(visible=False)
    note = {"text": text, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return drawn.add_annotation(**note, showarrow=False)


def mark_generated(drawn: go.Figure) -> go.Figure:
    """Say it in the picture, which is saved and shown elsewhere, too."""
    place = {"xref": "paper", "yref": "paper", "x": 1, "y": 1, "xanchor": "right"}
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


def density_unit(unit: str) -> str:
    """The unit of power per hertz.

    Examples
    --------
    >>> density_unit("g"), density_unit("m/s²")
    ('g²/Hz', '(m/s²)²/Hz')
    """
    return f"({unit})²/Hz" if "/" in unit else f"{unit}²/Hz"


def _line_figure(x: Array, y: Array, x_title: str, y_title: str) -> go.Figure:
    # Single precision is finer than any screen; places need more, or zoomed steps merge.
    trace = go.Scatter(x=x, y=y.astype(np.float32), mode="lines", line=_LINE)
    return figure(trace, x_title=x_title, y_title=y_title, margin=_MARGIN, showlegend=False)


def _over_frequency(drawn: go.Figure, unit: str) -> go.Figure:
    drawn.update_traces(hovertemplate=f"%{{y:.4~g}} {unit}<br>%{{x:.6~g}} Hz<extra></extra>")
    return drawn
