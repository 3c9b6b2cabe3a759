"""The table of the highest lines of the plot that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from layouts.analysis import peaks
from layouts.analysis.peaks import Ids
from layouts.analysis.settings import Ids as SettingIds
from layouts.signals import Ids as PageIds
from services.errors import Invalid, NotFound
from services.signal_overlay_service import READABLE, SignalOverlayService

NO_LINES = "Peaks are read from the amplitude spectrum, the density and the envelope spectrum."
NONE_FOUND = "No line of the shown frequencies stands 12 dB above the floor."


def show_peaks(shown: Mapping[str, Any] | None, drawn: Mapping[str, Any]) -> Any:
    """The peaks among the frequencies that are shown."""
    if shown is None:
        raise PreventUpdate
    settings = drawn["settings"]
    if drawn["kind"] not in READABLE:
        return peaks.none(NO_LINES)
    where = (shown["recording"], shown["channel"], shown["start"], shown["stop"])
    try:
        found = SignalOverlayService.peaks(drawn["kind"], *where, settings)
    except (Invalid, NotFound) as error:
        return peaks.none(error.message)
    if not found["rows"]:
        return peaks.none(NONE_FOUND)
    in_cpm = settings.get("x") == "cpm"
    return peaks.peaks(found["rows"], found["value_unit"], in_cpm=in_cpm)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.place, "children"),
        Input(PageIds.shown, "data"),
        Input(SettingIds.drawn, "data"),
    )(show_peaks)
