"""The plot on the signals page that follows the chosen time, at any zoom of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, State, no_update
from dash.exceptions import PreventUpdate

from layouts.components.quantities import quantity
from layouts.figures import signals as figures
from layouts.signals import Ids, Kind, part_note
from services.errors import Invalid
from services.recording_service import RecordingService
from services.signal_view_service import (
    ALL,
    CurveView,
    EnvelopeView,
    SignalViewService,
    Span,
)

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a plot is to show: where, the band of the envelope, and which frequencies."""

    shown: Shown
    low: float | None
    high: float | None
    span: Span | None

    @property
    def place(self) -> tuple[int, int, float | None, float | None]:
        return place(self.shown)


@dataclass(frozen=True)
class Plot:
    """A curve over frequency: how it is computed, drawn, and told about."""

    read: Callable[[Asked], Any]
    draw: Callable[[Any, Any, str], go.Figure]
    tell: Callable[[Mapping[str, Any]], str]


def draw_plot(
    shown: Shown | None,
    kind: str,
    low: float | None,
    high: float | None,
    zoomed: Mapping[str, Any] | None,
) -> tuple[Any, ...]:
    """The chosen plot for the time that is shown; frequencies that were zoomed to stay."""
    if shown is None:
        raise PreventUpdate
    hidden = kind != Kind.ENVELOPE
    key = _zoom_key(shown, kind, low, high)
    span = tuple(zoomed["span"]) if zoomed and zoomed["key"] == key else None
    try:
        drawn, note, used = _draw(Asked(shown, low, high, span), Kind(kind))
    except Invalid as error:
        return figures.empty(error.message), [], hidden, no_update, no_update
    if is_generated(shown):
        figures.mark_generated(drawn)
    drawn.update_layout(uirevision=key)
    return drawn, note, hidden, *used


def zoom_plot(
    event: Mapping[str, Any] | None,
    shown: Shown | None,
    kind: str,
    low: float | None,
    high: float | None,
) -> tuple[Patch, dict[str, Any]]:
    """The same curve with all the lines of the frequencies that were zoomed to."""
    span = span_of(event)
    if span is None or shown is None or Kind(kind) not in CURVES:
        raise PreventUpdate
    curve = CURVES[Kind(kind)].read(Asked(shown, low, high, span))
    change = Patch()
    change["data"][0]["x"] = figures.line_values(curve["frequencies_hz"])
    change["data"][0]["y"] = figures.line_values(curve["values"].astype("f4"))
    return change, {"key": _zoom_key(shown, kind, low, high), "span": span}


def span_of(event: Mapping[str, Any] | None) -> tuple[float | None, float | None] | None:
    """Start and stop that a drag, a wheel or a double click chose; None for other events."""
    if not event:
        return None
    if event.get("xaxis.autorange"):
        return None, None
    start, stop = event.get("xaxis.range") or (
        event.get("xaxis.range[0]"),
        event.get("xaxis.range[1]"),
    )
    return None if start is None or stop is None else (float(start), float(stop))


def place(shown: Shown) -> tuple[int, int, float | None, float | None]:
    """Recording, channel, begin and end, as the services take them."""
    return shown["recording"], shown["channel"], shown["start"], shown["stop"]


def is_generated(shown: Shown) -> bool:
    return RecordingService.get_recording(shown["recording"])["origin"] == "generated"


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.plot, "figure"),
        Output(Ids.plot_note, "children"),
        Output(Ids.band, "hidden"),
        Output(Ids.low, "placeholder"),
        Output(Ids.high, "placeholder"),
        Input(Ids.shown, "data"),
        Input(Ids.kind, "value"),
        Input(Ids.low, "value"),
        Input(Ids.high, "value"),
        State(Ids.frequencies, "data"),
    )(draw_plot)
    app.callback(
        Output(Ids.plot, "figure", allow_duplicate=True),
        Output(Ids.frequencies, "data"),
        Input(Ids.plot, "relayoutData"),
        State(Ids.shown, "data"),
        State(Ids.kind, "value"),
        State(Ids.low, "value"),
        State(Ids.high, "value"),
        prevent_initial_call=True,
    )(zoom_plot)


def _draw(asked: Asked, kind: Kind) -> tuple[go.Figure, list[Any], tuple[Any, ...]]:
    """The figure, how it came about, and the band that was used, for the empty fields."""
    if kind is Kind.SPECTROGRAM:
        image = SignalViewService.spectrogram(*asked.place)
        drawn = figures.spectrogram(
            image["times_s"], image["frequencies_hz"], image["levels_db"], image["unit"]
        )
        told = f"Hann window of {image['segment']} samples, half overlap, 80 dB deep;"
        return drawn, part_note(image, told), (no_update, no_update)
    plot = CURVES[kind]
    curve = plot.read(asked)
    drawn = plot.draw(curve["frequencies_hz"], curve["values"], curve["unit"])
    drawn.update_xaxes(range=list(curve["span_hz"]))
    told = f"{plot.tell(curve)}, one line each {quantity(curve['resolution_hz'], 'Hz')};"
    used: tuple[Any, ...] = tuple(
        f"{curve[end]:.5g}" if end in curve else no_update for end in ("low_hz", "high_hz")
    )
    return drawn, part_note(curve, told), used


def _read_spectrum(asked: Asked) -> CurveView:
    return SignalViewService.amplitude_spectrum(*asked.place, asked.span or ALL)


def _read_density(asked: Asked) -> CurveView:
    return SignalViewService.power_spectral_density(*asked.place, asked.span or ALL)


def _read_envelope(asked: Asked) -> EnvelopeView:
    return SignalViewService.envelope_spectrum(*asked.place, asked.low, asked.high, asked.span)


def _tell_envelope(curve: Mapping[str, Any]) -> str:
    return f"Envelope of {quantity(curve['low_hz'], 'Hz')} to {quantity(curve['high_hz'], 'Hz')}"


CURVES: dict[Kind, Plot] = {
    Kind.SPECTRUM: Plot(
        _read_spectrum, figures.amplitude_spectrum, lambda _: "Hann window, mean taken off"
    ),
    Kind.DENSITY: Plot(
        _read_density,
        figures.power_spectral_density,
        lambda _: "Welch's method, Hann window, half overlap",
    ),
    Kind.ENVELOPE: Plot(_read_envelope, figures.envelope_spectrum, _tell_envelope),
}


def _zoom_key(shown: Shown, kind: str, low: float | None, high: float | None) -> str:
    """A zoom of the frequencies holds as long as this stays the same, whatever the time."""
    return f"{kind} {shown['recording']} {shown['channel']} {low} {high}"
