"""What happens on the page of all webhooks."""

from __future__ import annotations

from dash import Dash, Input, Output
from dash.development.base_component import Component

from layouts.webhooks import PAGE_SIZE, Ids, deliveries_table, hosts_table
from services.webhook_overview_service import WebhookOverviewService


def show_hosts(_clicks: int | None) -> tuple[Component, list[str]]:
    """The hosts, and the same to filter by."""
    hosts = WebhookOverviewService.list_hosts()
    return hosts_table(hosts), sorted(host["host"] for host in hosts)


def show_deliveries(
    _clicks: int | None, status: str | None, host: str | None, page: int | None
) -> tuple[Component, int, bool]:
    first = ((page or 1) - 1) * PAGE_SIZE
    shown = WebhookOverviewService.list_deliveries(PAGE_SIZE, first, status, host)
    pages = max(1, -(-WebhookOverviewService.count_deliveries(status, host) // PAGE_SIZE))
    return deliveries_table(shown), pages, pages == 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.hosts, "children"),
        Output(Ids.host, "options"),
        Input(Ids.refresh, "n_clicks"),
    )(show_hosts)
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(Ids.refresh, "n_clicks"),
        Input(Ids.status, "value"),
        Input(Ids.host, "value"),
        Input(Ids.pages, "active_page"),
    )(show_deliveries)
