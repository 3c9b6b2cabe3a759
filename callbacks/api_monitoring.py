"""What happens on the page that watches the API."""

from __future__ import annotations

from dash import Dash, Input, Output
from dash.development.base_component import Component

from layouts.api_monitoring import SLOT_MINUTES, Ids, content, nothing
from services.api_monitoring_service import APIMonitoringService

TOP_KEYS = 10
LAST_ERRORS = 20


def show(_clicks: int | None, period: str) -> Component:
    chosen = period if period in SLOT_MINUTES else "24"
    hours = int(chosen)
    found = APIMonitoringService.get_overview(hours, SLOT_MINUTES[chosen])
    stats = found["stats"]
    if not stats["total_requests"] and not stats["lost"]:
        return nothing(chosen)
    return content(
        chosen,
        stats,
        found["percentiles"],
        found["timeline"],
        found["endpoints"],
        APIMonitoringService.get_top_api_keys(TOP_KEYS, hours),
        APIMonitoringService.get_error_logs(LAST_ERRORS, hours),
    )


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.content, "children"),
        Input(Ids.refresh, "n_clicks"),
        Input(Ids.period, "value"),
    )(show)
