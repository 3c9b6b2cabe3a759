"""Cursors in the plot: moved by ``assets/signals_cursors.js``, read exactly by the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.analysis.settings import connect
from layouts.analysis import cursors
from layouts.analysis.cursors import Ids
from layouts.analysis.plots import Ids as PlotIds
from layouts.analysis.settings import Ids as SettingIds
from layouts.components.quantities import quantity
from layouts.signals import Ids as PageIds
from services.errors import Invalid, NotFound
from services.signal_overlay_service import READABLE, SignalOverlayService

NOT_READ = "Pictures are read by their colours; choose a spectrum for exact values."


def read_values(
    still: Mapping[str, Any] | None, shown: Mapping[str, Any] | None, drawn: Mapping[str, Any]
) -> dict[str, Any]:
    """What the lines of the spectrum show where the cursor has come to rest."""
    if not still or shown is None:
        raise PreventUpdate
    key, places = still["key"], still["frequencies_hz"]
    if drawn["kind"] not in READABLE:
        unread = [_row(place, None, "") for place in places]
        return {"key": key, "rows": unread, "told": NOT_READ}
    where = (shown["recording"], shown["channel"], shown["start"], shown["stop"])
    try:
        found = SignalOverlayService.values_at(drawn["kind"], *where, drawn["settings"], places)
    except (Invalid, NotFound) as error:
        return {"key": key, "rows": [], "told": error.message}
    read = {row["at_hz"]: row for row in found["rows"]}
    rows = [_row(place, read.get(place), found["value_unit"]) for place in places]
    step = quantity(found["resolution_hz"], "Hz")
    told = f"Exact: the line of the spectrum nearest to the cursor, one each {step}."
    if not read:
        told = "The cursor lies beyond the lines of the spectrum."
    return {"key": key, "rows": rows, "told": told}


def _row(at_hz: float, row: Mapping[str, Any] | None, unit: str) -> dict[str, Any]:
    if row is None:
        return {"at": at_hz, "text": "–", "inside": False}
    return {"at": at_hz, "text": quantity(row["value"], unit, 5), "inside": row["inside"]}


def register(app: Dash) -> None:
    connect(app, cursors.CONTROLS)
    app.callback(
        Output(Ids.exact, "data"),
        Input(Ids.still, "data"),
        State(PageIds.shown, "data"),
        State(SettingIds.drawn, "data"),
        prevent_initial_call=True,
    )(read_values)
    # The settings alone are not enough: when the page is built, nothing changes them.
    app.clientside_callback(
        ClientsideFunction("signals_cursors", "settings"),
        Input(SettingIds.settings, "data"),
        Input(PlotIds.plot, "figure"),
    )
    app.clientside_callback(
        ClientsideFunction("signals_cursors", "confirmed"),
        Output(Ids.note, "children"),
        Input(Ids.exact, "data"),
    )
