"""The shown time by ear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from layouts.analysis.audio import Ids, source
from layouts.signals import Ids as PageIds
from services.errors import Invalid
from services.signal_overview_service import SignalOverviewService

Shown = Mapping[str, Any]


def offer_sound(shown: Shown | None) -> tuple[str, bool, str]:
    """Where the sound is, whether there is none, and what will be heard or why nothing."""
    if shown is None:
        raise PreventUpdate
    asked = (shown["recording"], shown["start"], shown["stop"])
    try:
        told = SignalOverviewService.describe_audio(*asked)["told"]
    except Invalid as error:
        return "", True, f"No sound: {error.message}"
    return source(shown), False, told


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.player, "src"),
        Output(Ids.player, "hidden"),
        Output(Ids.told, "children"),
        Input(PageIds.shown, "data"),
    )(offer_sound)
