"""What happens on the page of the system's health."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component

from layouts.system_health import (
    Ids,
    charts,
    components_table,
    incidents_table,
    retention_table,
    status_line,
    workers_table,
)
from services.housekeeping_service import HousekeepingService
from services.monitoring_service import monitoring_service


def show_health(_tick: int | None) -> tuple[list[Any], Component, Component]:
    told = monitoring_service.get_health_status()
    workers = monitoring_service.list_workers()
    return (
        status_line(told["status"].value, told["checked_at"]),
        components_table(told["components"]),
        workers_table(workers),
    )


def show_history(_tick: int | None, hours: int) -> tuple[Component, Component]:
    alerts = monitoring_service.get_recent_alerts(hours)
    return charts(monitoring_service.get_history(hours)), incidents_table(alerts)


def show_retention(_place: str) -> Component:
    return retention_table(HousekeepingService.preview_cleaning())


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.status, "children"),
        Output(Ids.components, "children"),
        Output(Ids.workers, "children"),
        Input(Ids.tick, "n_intervals"),
    )(show_health)
    app.callback(
        Output(Ids.charts, "children"),
        Output(Ids.incidents, "children"),
        Input(Ids.tick, "n_intervals"),
        Input(Ids.hours, "data"),
    )(show_history)
    app.callback(Output(Ids.retention, "children"), Input(Ids.retention, "id"))(show_retention)
