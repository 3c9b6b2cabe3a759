"""The overall values of the time that is shown, beside the plots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from callbacks.signals_plots import place
from layouts.analysis.overall import Ids, table
from layouts.analysis.settings import Ids as SettingIds
from layouts.signals import Ids as PageIds
from services.errors import Invalid
from services.signal_view_service import SignalViewService

Shown = Mapping[str, Any]


def show_overall(shown: Shown | None, processed: Mapping[str, Any]) -> Any:
    """RMS, peaks and their like, each with its band, or why it cannot be given."""
    if shown is None:
        raise PreventUpdate
    try:
        return table(SignalViewService.overall(*place(shown), processed))
    except Invalid as error:
        return error.message


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.values, "children"),
        Input(PageIds.shown, "data"),
        Input(SettingIds.processed, "data"),
    )(show_overall)
