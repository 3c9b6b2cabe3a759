"""What is drawn over the plot of the signals page: lines of a bearing and of the shaft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from callbacks.analysis.settings import connect, connect_reset
from layouts.analysis import overlay
from layouts.analysis.overlay import Ids
from layouts.analysis.settings import Ids as SettingIds
from layouts.signals import Ids as PageIds
from services.errors import Invalid, NotFound
from services.signal_overlay_service import SignalOverlayService

Shown = Mapping[str, Any]
Drawn = Mapping[str, Any]


def offer_bearings(recording: str | None, chosen: str | None) -> list[dict[str, str]]:
    """The bearings that lines can be drawn for."""
    if recording is None:
        raise PreventUpdate
    choices = SignalOverlayService.list_bearings(int(recording))
    return overlay.bearing_options(choices, chosen)


def show_overlay(shown: Shown | None, drawn: Drawn) -> tuple[Any, Any, str]:
    """The lines for the browser to draw, what they come from, and a line about them."""
    if shown is None:
        raise PreventUpdate
    try:
        found = SignalOverlayService.overlay(*_place(shown), drawn["settings"])
    except (Invalid, NotFound) as error:
        return None, html.P(error.message, className="plot-note"), "no lines"
    return found, overlay.source(found), overlay.summary(found)


def show_verdict(shown: Shown | None, drawn: Drawn, opened: bool) -> Any:
    """What the plain rule reads, once somebody has opened the panel."""
    if shown is None or not opened:
        raise PreventUpdate
    try:
        found = SignalOverlayService.verdict(*_place(shown), drawn["settings"])
    except (Invalid, NotFound) as error:
        return html.P(f"Nothing. {error.message}")
    return overlay.verdict(found)


def register(app: Dash) -> None:
    connect(app, overlay.CONTROLS)
    connect_reset(app, Ids.reset, overlay.CONTROLS)
    app.callback(
        Output(Ids.bearing, "options"),
        Input(PageIds.recording, "value"),
        State(Ids.bearing, "value"),
    )(offer_bearings)
    app.callback(
        Output(Ids.lines, "data"),
        Output(Ids.source, "children"),
        Output(Ids.told, "children"),
        Input(PageIds.shown, "data"),
        Input(SettingIds.drawn, "data"),
    )(show_overlay)
    app.callback(
        Output(Ids.verdict, "children"),
        Input(PageIds.shown, "data"),
        Input(SettingIds.drawn, "data"),
        Input(Ids.opened, "data"),
    )(show_verdict)
    app.clientside_callback(
        ClientsideFunction("signals_cursors", "lines"), Input(Ids.lines, "data")
    )


def _place(shown: Shown) -> tuple[int, int, float | None, float | None]:
    return shown["recording"], shown["channel"], shown["start"], shown["stop"]
