"""Figures of the analysis of a signal: curves over frequency, and pictures.

The frequencies of a view are in Hz; what the axis counts, its factor and its title come with
it. ``meta`` of a figure tells the browser what it needs for zooms and clicks.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from diagnostics.signals.display import (
    LEVEL_SPAN_DB,
    amplitude_levels,
    density_levels,
    level_reference,
)
from diagnostics.signals.signal import Unit
from layouts.components.quantities import quantity
from layouts.figures.signals import line_figure
from layouts.figures.template import SEQUENTIAL, SERIES, figure

Array = NDArray[Any]
View = Mapping[str, Any]
Settings = Mapping[str, Any]

DETECTORS = {"peak": "0 to peak", "rms": "RMS", "peak_to_peak": "peak to peak"}
_LINE = {"width": 1, "color": SERIES[0]}
_MARGIN = {"l": 64, "r": 16, "t": 28, "b": 44}
_BEST = SERIES[1]
_HOVER_UNITS = {"hz": "Hz", "cpm": "CPM", "orders": "×"}
_WIDTH = 60
# Above the highest line stand the names of what may have made it, in two rows.
_HEADROOM = 0.18


def analysis(view: View, settings: Settings) -> go.Figure:
    """The figure of a plot, by its kind."""
    drawn = _FIGURES[view["kind"]](view, settings)
    return drawn.update_layout(meta=about(view))


def about(view: View) -> dict[str, Any]:
    """What the browser needs of a plot: its axis, and the frequencies that there are."""
    told: dict[str, Any] = {
        "kind": view["kind"],
        "x_factor": view["x_factor"],
        "axis": view["axis"],
        "resolution_hz": view["resolution_hz"],
    }
    if view["kind"] in ("spectrum", "density", "envelope"):
        told["whole_hz"] = whole_hz(view)
        told["usual_hz"] = view["x_span"][1]
    return told


def whole_hz(view: View) -> float:
    """Up to where a curve over frequency has values."""
    if view["kind"] == "envelope" and view["band"] is not None:
        return float(view["band"][1] - view["band"][0])
    return float(view["sample_rate_hz"]) / 2


def refused(sentence: str) -> go.Figure:
    """Axes without values, and why there are none."""
    drawn = figure(x_title="", y_title="", margin=_MARGIN)
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(visible=False)
    text = "<br>".join(textwrap.wrap(sentence, _WIDTH))
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return drawn.add_annotation(text=text, showarrow=False, **place)


def value_axis(view: View, settings: Settings) -> str:
    """``linear``, ``log`` or ``db``: what was chosen, or what suits the plot."""
    chosen: str = settings.get("y") or "none"
    return chosen if chosen != "none" else ("log" if view["kind"] == "density" else "linear")


def levels(view: View, values: Array, settings: Settings) -> tuple[Array, str]:
    """Values of a curve in decibels, and what they are related to."""
    unit = Unit(view["unit"])
    reference = level_reference(unit).words
    if view["kind"] == "density":
        return density_levels(values, unit), f"dB re {_squared(reference)}/Hz"
    if is_squared(view, settings):
        return density_levels(values, unit), f"dB re {_squared(reference)}"
    return amplitude_levels(values, unit), f"dB re {reference}"


def is_squared(view: View, settings: Settings) -> bool:
    return view["kind"] == "envelope" and bool(settings.get("squared"))


def _curve(view: View, settings: Settings) -> go.Figure:
    scale = value_axis(view, settings)
    values, unit = view["y"], view["value_unit"]
    title = value_title(view["kind"], settings)
    if scale == "db":
        values, unit = levels(view, values, settings)
        title = f"Level of {title[0].lower()}{title[1:]}"
    elif scale == "log":
        values = _above_floor(values)
    drawn = line_figure(
        view["x"] * view["x_factor"],
        values,
        frequency_title(view["kind"], view["x_title"]),
        f"{title} [{unit}]",
    )
    if scale == "log":
        drawn.update_yaxes(type="log", exponentformat="power", dtick=1)
    elif scale == "linear":
        drawn.update_yaxes(rangemode="tozero")
    drawn.update_yaxes(autorangeoptions={"include": _top(values, scale)})
    drawn.update_xaxes(range=[end * view["x_factor"] for end in view["x_span"]])
    counted = _HOVER_UNITS[view["axis"]]
    shown = "%{y:.1f}" if scale == "db" else "%{y:.4~g}"
    drawn.update_traces(hovertemplate=f"{shown} {unit}<br>%{{x:.6~g}} {counted}<extra></extra>")
    return drawn


def _top(values: Array, scale: str) -> float | None:
    """Up to where an axis goes so that names of lines do not cover the highest one."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    high, low = float(finite.max()), 0.0 if scale == "linear" else float(finite.min())
    if scale == "log":
        return float(high * (high / low) ** _HEADROOM)
    return high + _HEADROOM * (high - low)


def frequency_title(kind: str, title: str) -> str:
    """What the axis of frequencies of a kind of curve counts."""
    # An envelope swells so often: these are no frequencies of the vibration itself.
    if kind == "envelope" and title.startswith("Frequency"):
        return f"Modulation f{title[1:]}"
    return title


def value_title(kind: str, settings: Settings) -> str:
    """What the values of a kind of curve are, without their unit."""
    if kind == "density":
        return "Power spectral density"
    detector = DETECTORS.get(settings.get("detector") or "peak", "0 to peak")
    what = {"spectrum": "Amplitude", "envelope": "Envelope"}[kind]
    if kind == "envelope" and settings.get("squared"):
        what = "Squared envelope"
    return f"{what}, {detector}"


def _cepstrum(view: View, settings: Settings) -> go.Figure:
    drawn = line_figure(view["x"], view["y"], view["x_title"], "Cepstrum [ln]")
    drawn.update_xaxes(range=list(view["x_span"]))
    with np.errstate(divide="ignore"):
        rates = 1 / view["x"].astype(np.float64)
    # The first one is that of no period at all.
    drawn.update_traces(
        customdata=np.where(np.isfinite(rates), rates, 0).astype(np.float32),
        hovertemplate="%{y:.3~g}<br>%{x:.5~g} s, as lines %{customdata:.5~g} Hz apart"
        "<extra></extra>",
    )
    return drawn


def _picture(view: View, settings: Settings) -> go.Figure:
    """Levels over time and frequency.

    They are sent as whole decibels: finer steps cannot be told apart by colour, and a byte
    or two are enough for them.
    """
    image, unit = view["values"], view["value_unit"]
    narrow = np.abs(image).max(initial=0) < 127
    counted = _HOVER_UNITS[view["axis"]]
    heat = go.Heatmap(
        x=view["x"],
        y=view["y"] * view["x_factor"],
        z=np.round(image).astype(np.int8 if narrow else np.int16),
        colorscale=SEQUENTIAL,
        colorbar=_scale(f"dB re 1 {unit}"),
        hovertemplate=(
            f"%{{z}} dB re 1 {unit}<br>%{{y:.5~g}} {counted} at %{{x:.5~g}} s<extra></extra>"
        ),
    )
    drawn = figure(heat, x_title="Time [s]", y_title=view["x_title"], margin=_MARGIN)
    if view["kind"] == "scalogram":
        drawn.update_yaxes(type="log", **_round_ticks(view["y"] * view["x_factor"]))
    return drawn


def _round_ticks(values: Array) -> dict[str, list[Any]]:
    """1, 2, 5, 10 and so on, as far as the values go, written out."""
    exponents = range(int(np.floor(np.log10(values.min()))), int(np.log10(values.max())) + 1)
    ticks = [digit * 10.0**exponent for exponent in exponents for digit in (1, 2, 5)]
    inside = [tick for tick in ticks if values.min() <= tick <= values.max()]
    return {
        "tickvals": inside,
        "ticktext": [quantity(t, "Hz").removesuffix("Hz").replace(" ", "") for t in inside],
    }


def _kurtogram(view: View, settings: Settings) -> go.Figure:
    """Kurtosis of each band: the row tells how narrow the bands are, the place where they lie."""
    rows, factor = len(view["cells"]), view["x_factor"]
    widths = [(row[0]["high_hz"] - row[0]["low_hz"]) * factor for row in view["cells"]]
    top_hz = view["cells"][0][-1]["high_hz"]
    columns = view["values"].shape[1]
    counted = _HOVER_UNITS[view["axis"]]
    heat = go.Heatmap(
        x=np.linspace(0, top_hz * factor, columns + 1),
        y=list(range(rows)),
        z=view["values"].astype(np.float32),
        customdata=_bands(view, columns) * factor,
        colorscale=SEQUENTIAL,
        colorbar=_scale("Kurtosis of the envelope"),
        hovertemplate=f"%{{customdata[0]:.5~g}} to %{{customdata[1]:.5~g}} {counted}"
        "<br>kurtosis %{z:.3~g}<extra></extra>",
    )
    drawn = figure(
        heat, x_title=view["x_title"], y_title=f"Width of the bands [{counted}]", margin=_MARGIN
    )
    drawn.update_yaxes(
        autorange="reversed",
        tickvals=list(range(rows)),
        ticktext=[f"{width:.6g}" for width in widths],
    )
    return _mark_best(drawn, view)


def _bands(view: View, columns: int) -> NDArray[np.float32]:
    """Begin and end of the band under each column of each row: (rows, columns, 2)."""
    ends = [
        np.repeat([(c["low_hz"], c["high_hz"]) for c in row], columns // len(row), axis=0)
        for row in view["cells"]
    ]
    return np.stack(ends).astype(np.float32)


def _mark_best(drawn: go.Figure, view: View) -> go.Figure:
    low_hz, high_hz = view["band"]
    row = next(
        number
        for number, cells in enumerate(view["cells"])
        if any((cell["low_hz"], cell["high_hz"]) == (low_hz, high_hz) for cell in cells)
    )
    return drawn.add_shape(
        type="rect",
        x0=low_hz * view["x_factor"],
        x1=high_hz * view["x_factor"],
        y0=row - 0.5,
        y1=row + 0.5,
        line={"color": _BEST, "width": 2},
    )


def _above_floor(values: Array) -> Array:
    """No lower than the levels in decibels go; without it a single zero takes all the height."""
    highest = float(values.max(initial=0.0))
    floor = highest * 10 ** (-LEVEL_SPAN_DB / 20)
    result: Array = np.where(values > floor, values, floor if floor > 0 else np.nan)
    return result


def _scale(title: str) -> dict[str, Any]:
    return {"title": {"text": title, "side": "right"}, "thickness": 12, "outlinewidth": 0}


def _squared(reference: str) -> str:
    return f"({reference})²"


_FIGURES: dict[str, Callable[[View, Settings], go.Figure]] = {
    "spectrum": _curve,
    "density": _curve,
    "envelope": _curve,
    "cepstrum": _cepstrum,
    "spectrogram": _picture,
    "scalogram": _picture,
    "kurtogram": _kurtogram,
}
