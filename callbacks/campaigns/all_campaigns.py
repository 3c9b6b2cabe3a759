"""The list of campaigns."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component

from layouts import shell
from layouts.campaigns.all_campaigns import PAGE_SIZE, Ids, rows
from services.campaigns.campaign_service import CampaignService


def show_list(_pulse: dict[str, Any], page: int | None) -> tuple[Component, int, bool]:
    found = CampaignService.list_campaigns(PAGE_SIZE, ((page or 1) - 1) * PAGE_SIZE)
    pages = max(1, -(-CampaignService.count_campaigns() // PAGE_SIZE))
    return rows(found), pages, pages == 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.pages, "active_page"),
    )(show_list)
