"""Pictures of several recordings: side by side, one above the other, one after the other.

``meta`` of a figure tells the browser which recording a click means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from diagnostics.signals.display import amplitude_levels, density_levels, level_reference
from diagnostics.signals.signal import Unit
from layouts.figures.analysis import frequency_title, value_title
from layouts.figures.template import SEQUENTIAL, SERIES, TEMPLATE, figure, plain

Array = NDArray[Any]
View = Mapping[str, Any]
Settings = Mapping[str, Any]

PANEL_PX = 130
AROUND_PX = 80
_MARGIN = {"l": 64, "r": 16, "t": 28, "b": 44}
_SHOWN = {"width": 1, "dash": "dot", "color": SERIES[1]}
_MOST_MARKED = 500
"""Points of a trend that still get a marker each."""
_DEPTH_DB = 60.0
_TICKS = 10
_HEIGHT_ROWS = 6.0
"""Rows of a cascade over which its highest line reaches."""


def comparison(view: View, settings: Settings) -> go.Figure:
    """All curves in one plot, or in one each below each other with the same axes."""
    curves = [curve for curve in view["curves"] if not curve["refused"]]
    scale, unit = _scale(view, settings)
    kind = view["plot"]
    what = "Amplitude" if kind == "waveform" else value_title(kind, settings)
    title, x_title = f"{what} [{unit}]", frequency_title(kind, view["x_title"])
    apart = settings.get("layout") == "multiples" and len(curves) > 1
    drawn = (
        _below_each_other(curves, x_title, title)
        if apart
        else figure(x_title=x_title, y_title=title, margin=_MARGIN)
    )
    values = [_values(view, curve, scale) for curve in curves]
    for number, (curve, shown) in enumerate(zip(curves, values, strict=True)):
        trace = _compared(curve, number, shown, unit)
        if apart:
            drawn.add_trace(trace, row=number + 1, col=1)
        else:
            drawn.add_trace(trace)
    if scale == "log":
        drawn.update_yaxes(type="log", exponentformat="power", dtick=1)
    elif scale == "linear" and view["plot"] != "waveform":
        drawn.update_yaxes(rangemode="tozero")
    if view["x_span"] is not None:
        drawn.update_xaxes(range=list(view["x_span"]))
    if apart:
        drawn.update_yaxes(range=_range(values, scale, from_zero=view["plot"] != "waveform"))
        return drawn.update_layout(showlegend=False)
    return drawn.update_layout(showlegend=True)


def comparison_height(panels: int, *, apart: bool) -> int:
    """Of the graph, in pixels."""
    return AROUND_PX + PANEL_PX * panels if apart and panels > 1 else 340


def trend(view: View, shown_id: int | None) -> go.Figure:
    """A panel for each unit-bearing quantity, over the recordings in their order."""
    groups = _panels(view["curves"])
    drawn = make_subplots(
        rows=len(groups), cols=1, shared_xaxes=True, vertical_spacing=0.16 / len(groups)
    )
    drawn.update_layout(template=TEMPLATE, margin=_MARGIN)
    names = [plain(name) for name in view["names"]]
    series = 0
    for row, curves in enumerate(groups, start=1):
        for curve in curves:
            drawn.add_trace(_followed(view, curve, names, SERIES[series]), row=row, col=1)
            series = (series + 1) % len(SERIES)
        unit = curves[0]["unit"]
        title = curves[0]["title"] if len(curves) == 1 else "Amplitude"
        drawn.update_yaxes(title_text=f"{title} [{unit}]" if unit else title, row=row, col=1)
    drawn.update_yaxes(rangemode="tozero")
    drawn.update_xaxes(title_text=view["place_title"], row=len(groups), col=1)
    if len(view["places"]) <= _TICKS and all(isinstance(one, int) for one in view["places"]):
        drawn.update_xaxes(dtick=1)  # there is nothing between two numbers
    several = len(groups) < len(view["curves"])
    drawn.update_layout(meta={"by": "point"}, showlegend=several)
    if shown_id in view["recording_ids"]:
        place = view["places"][view["recording_ids"].index(shown_id)]
        drawn.add_vline(place, line=_SHOWN, layer="below")
    return drawn


def trend_height(view: View) -> int:
    """Of the graph, in pixels."""
    groups = len(_panels(view["curves"]))
    return AROUND_PX + PANEL_PX * groups if groups > 1 else 340


def waterfall_picture(view: View, scale: str, shown_id: int | None) -> go.Figure:
    """Frequencies to the right, recordings upwards, amplitude by colour."""
    values, unit = view["values"], view["unit"]
    if scale != "linear":
        values, unit = _decibels(values, unit, 10 if view["squared"] else 20)
    names = [plain(name) for name in view["names"]]
    heat = go.Heatmap(
        x=view["x"],
        y=names,
        z=values.astype(np.float32),
        colorscale=SEQUENTIAL,
        colorbar={"title": {"text": unit, "side": "right"}, "thickness": 12, "outlinewidth": 0},
        hovertemplate=f"%{{y}}<br>%{{z:.4~g}} {unit}<br>%{{x:.5~g}}<extra></extra>",
    )
    drawn = figure(heat, x_title=view["x_title"], y_title=view["place_title"], margin=_MARGIN)
    drawn.update_yaxes(type="category", **_ticks(view))
    drawn.update_layout(meta={"by": "row", "ids": view["recording_ids"]})
    return _mark_row(drawn, view, shown_id)


def waterfall_cascade(view: View, shown_id: int | None) -> go.Figure:
    """Each spectrum as a curve, its foot one step above that of the recording before."""
    values = view["values"]
    highest = float(np.nanmax(values, initial=0.0)) or 1.0
    traces = [
        go.Scatter(
            x=view["x"],
            y=(row + line * (_HEIGHT_ROWS / highest)).astype(np.float32),
            customdata=line.astype(np.float32),
            mode="lines",
            line={"width": 1, "color": SERIES[1 if one == shown_id else 0]},
            hovertemplate=f"{plain(name)}<br>%{{customdata:.4~g}} {view['unit']}"
            "<br>%{x:.5~g}<extra></extra>",
        )
        for row, (line, name, one) in enumerate(
            zip(values, view["names"], view["recording_ids"], strict=True)
        )
    ]
    drawn = figure(
        *traces,
        x_title=view["x_title"],
        y_title=view["place_title"],
        margin=_MARGIN,
        showlegend=False,
    )
    drawn.update_yaxes(showgrid=False, **_ticks(view))
    return drawn.update_layout(meta={"by": "curve", "ids": view["recording_ids"]})


def cascade_scale(view: View) -> str:
    """How high a step of a cascade is, in words.

    Examples
    --------
    >>> cascade_scale({"values": np.array([[0.0, 3.0]]), "unit": "g"})
    'One step upwards is 0.5 g.'
    """
    highest = float(np.nanmax(view["values"], initial=0.0))
    return f"One step upwards is {highest / _HEIGHT_ROWS:.3g} {view['unit']}."


def _below_each_other(curves: Sequence[View], x_title: str, y_title: str) -> go.Figure:
    drawn = make_subplots(
        rows=len(curves),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.24 / len(curves),
        subplot_titles=[_label(curve) for curve in curves],
        y_title=y_title,
    )
    drawn.update_layout(template=TEMPLATE, margin=_MARGIN)
    drawn.update_annotations(font_size=12)
    drawn.update_xaxes(title_text=x_title, row=len(curves), col=1)
    return drawn


def _range(values: Sequence[Array], scale: str, *, from_zero: bool) -> list[float]:
    """The same for all plots: from the lowest to the highest of all curves and a little more."""
    low = min((float(np.nanmin(one)) for one in values if np.isfinite(one).any()), default=0.0)
    high = max((float(np.nanmax(one)) for one in values if np.isfinite(one).any()), default=1.0)
    if scale == "log":
        low, high = math.log10(low), math.log10(high)
    elif scale == "linear" and from_zero:
        return [0.0, 1.05 * high]
    return [low - 0.05 * (high - low), high + 0.05 * (high - low)]


def _compared(curve: View, number: int, values: Array, unit: str) -> go.Scatter:
    return go.Scatter(
        x=curve["x"],
        y=values.astype(np.float32),
        name=_label(curve),
        mode="lines",
        line={"width": 1, "color": SERIES[number % len(SERIES)]},
        hovertemplate=f"%{{y:.4~g}} {unit}<br>%{{x:.6~g}}<extra>{plain(curve['name'])}</extra>",
    )


def _label(curve: View) -> str:
    return f"{plain(curve['name'])} · {curve['sample_rate_hz']:.6g} Hz"


def _scale(view: View, settings: Settings) -> tuple[str, str]:
    """How values are spread, and the unit that they have then."""
    unit, plot = view["value_unit"], view["plot"]
    if plot == "waveform":
        return "linear", unit
    scale = settings.get("y") or ("log" if plot == "density" else "linear")
    if scale != "db":
        return scale, unit
    reference = level_reference(Unit(view["unit"])).words
    if plot == "density":
        return scale, f"dB re ({reference})²/Hz"
    return scale, f"dB re {reference}"


def _values(view: View, curve: View, scale: str) -> Array:
    if scale != "db":
        above = curve["y"] > 0
        return np.where(above, curve["y"], np.nan) if scale == "log" else curve["y"]
    unit = Unit(view["unit"])
    if view["plot"] == "density" or view["value_unit"] != view["unit"]:
        return density_levels(curve["y"], unit)
    return amplitude_levels(curve["y"], unit)


def _panels(curves: Sequence[View]) -> list[list[View]]:
    """Lines of one kind together; levels, crest factor and kurtosis each have their own."""
    if all(curve["name"].startswith(("BPF", "BSF")) for curve in curves):
        return [list(curves)]
    return [[curve] for curve in curves]


def _followed(view: View, curve: View, names: Sequence[str], color: str) -> go.Scatter:
    at = curve["at"].tolist()
    few = len(at) <= _MOST_MARKED
    labels = [view["labels"][one] for one in at]
    told = [
        f"{names[one]} · {plain(label)}" if label else names[one]
        for one, label in zip(at, labels, strict=True)
    ]
    unit = curve["unit"]
    return go.Scatter(
        x=[view["places"][one] for one in at],
        y=curve["values"].astype(np.float32),
        name=curve["title"],
        text=told,
        customdata=[view["recording_ids"][one] for one in at],
        mode="lines+markers" if few else "lines",
        line={"width": 1, "color": color},
        marker={"size": 5 if len(at) < _MOST_MARKED / 4 else 3},
        hovertemplate=f"{curve['title']} %{{y:.4~g}} {unit}<br>%{{text}}<extra></extra>",
    )


def _decibels(values: Array, unit: str, factor: int) -> tuple[Array, str]:
    highest = float(np.nanmax(values, initial=0.0))
    if highest <= 0:
        return values, unit
    with np.errstate(divide="ignore"):
        levels = factor * np.log10(values)
    deepest = factor * np.log10(highest) - _DEPTH_DB
    found: Array = np.where(np.isnan(values), np.nan, np.maximum(levels, deepest))
    return found, f"dB re 1 {unit}"


def _ticks(view: View) -> dict[str, Any]:
    """Some of the recordings by their place along the axis."""
    count = len(view["places"])
    at = np.unique(np.linspace(0, count - 1, min(count, _TICKS)).round().astype(int)).tolist()
    places = [view["places"][one] for one in at]
    if not isinstance(places[0], float | int):
        return {"tickvals": at, "ticktext": [f"{place:%Y-%m-%d %H:%M}" for place in places]}
    step = (places[-1] - places[0]) / len(places)
    whole = all(place == int(place) for place in places)
    digits = 0 if whole or step <= 0 else max(1 - math.floor(math.log10(step)), 0)
    return {"tickvals": at, "ticktext": [f"{place:.{digits}f}" for place in places]}


def _mark_row(drawn: go.Figure, view: View, shown_id: int | None) -> go.Figure:
    if shown_id not in view["recording_ids"]:
        return drawn
    row = view["recording_ids"].index(shown_id)
    place = {"xref": "paper", "x0": 0, "x1": 1, "y0": row - 0.5, "y1": row + 0.5}
    return drawn.add_shape(type="rect", line={"width": 1, "color": SERIES[1]}, **place)
