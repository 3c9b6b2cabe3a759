"""All recordings of the shown channel: as a trend or a waterfall, when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.analysis.compare import with_zoom
from callbacks.analysis.settings import connect
from callbacks.signals_plots import is_generated
from layouts.analysis.overview import Ids, hidden_parts, note
from layouts.analysis.settings import Ids as SettingIds
from layouts.figures import overview as figures
from layouts.figures.signals import empty, mark_generated
from layouts.signals import Ids as PageIds
from services.errors import Invalid
from services.signal_overview_service import SignalOverviewService

HEIGHT = 420
CONTROLS = (Ids.overview, Ids.quantity, Ids.stacked, Ids.stacking, Ids.among, Ids.sorting)


def show_parts(overview: str | None) -> tuple[bool, ...]:
    """Only the choices that matter for what is shown."""
    return tuple(hidden_parts(overview or "").values())


def draw(
    channel: Mapping[str, Any] | None, drawn: Mapping[str, Any], overview: str | None, *chosen: str
) -> tuple[go.Figure, dict[str, str], Any]:
    """The figure, its height, and how it came about."""
    if channel is None or not overview:
        raise PreventUpdate
    names = ("quantity", "stacked", "stacking", "among", "sort")
    settings = with_zoom(drawn, chosen[1])
    settings |= {"over": overview, **dict(zip(names, chosen, strict=True))}
    try:
        figure, height, told = _draw(channel, settings)
    except Invalid as error:
        return empty(""), {"height": f"{HEIGHT // 4}px"}, error.message
    if is_generated(channel):
        mark_generated(figure)
    return figure, {"height": f"{height}px"}, told


def register(app: Dash) -> None:
    connect(app, CONTROLS)
    app.clientside_callback(
        ClientsideFunction("signals_overview", "channel"),
        Output(Ids.channel, "data"),
        Input(PageIds.shown, "data"),
        State(Ids.channel, "data"),
    )
    app.callback(
        *(Output(part, "hidden") for part in hidden_parts("")),
        Input(Ids.overview, "value"),
    )(show_parts)
    app.callback(
        Output(Ids.graph, "figure"),
        Output(Ids.graph, "style"),
        Output(Ids.note, "children"),
        Input(Ids.channel, "data"),
        Input(SettingIds.drawn, "data"),
        *(Input(control, "value") for control in CONTROLS),
    )(draw)
    app.clientside_callback(
        ClientsideFunction("signals_overview", "open"),
        Input(Ids.graph, "clickData"),
        State(Ids.graph, "figure"),
        prevent_initial_call=True,
    )


def _draw(
    channel: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[go.Figure, int, list[str]]:
    asked = (channel["recording"], channel["channel"], settings)
    if settings["over"] == "trend":
        view = SignalOverviewService.trend(*asked)
        return figures.trend(view, asked[0]), figures.trend_height(view), note(view["notes"])
    rows = SignalOverviewService.waterfall(*asked)
    if settings["stacking"] == "cascade":
        told = note(rows["notes"], figures.cascade_scale(rows))
        return figures.waterfall_cascade(rows, asked[0]), HEIGHT, told
    scale = settings.get("y") or "db"
    return figures.waterfall_picture(rows, scale, asked[0]), HEIGHT, note(rows["notes"])
