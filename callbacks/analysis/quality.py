"""The check of signal quality on the signals page."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from layouts.analysis.quality import Ids, findings, idle
from layouts.signals import Ids as PageIds
from services.signal_quality_service import SignalQualityService


def show_quality(
    clicks: int | None, recording: str | None, looked_at: str | None
) -> tuple[Any, str | None]:
    """What was found when the button was pressed; nothing as soon as another is chosen."""
    if recording is None:
        raise PreventUpdate
    if ctx.triggered_id == Ids.check and clicks:
        return findings(SignalQualityService.check(int(recording))), recording
    if looked_at in (None, recording):  # a place that was chosen names the recording again
        raise PreventUpdate
    return idle(), None


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.found, "children"),
        Output(Ids.looked_at, "data"),
        Input(Ids.check, "n_clicks"),
        Input(PageIds.recording, "value"),
        State(Ids.looked_at, "data"),
    )(show_quality)
