"""All webhooks of the installation, for admins: what is sent where, and which hosts fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import badge, empty_state, field, page_head, section
from layouts.components.moments import moment
from layouts.components.tables import pagination, table
from layouts.components.webhook_parts import STATES, delivery_cells
from layouts.page import ADMINS, Group, Page

PAGE_SIZE = 50


class Ids:
    hosts = "webhooks-hosts"
    status = "webhooks-status"
    host = "webhooks-host"
    refresh = "webhooks-refresh"
    table = "webhooks-table"
    pages = "webhooks-pages"
    pager = "webhooks-pager"


def build(**_view: Any) -> Component:
    return html.Div(
        [
            page_head(
                "Webhooks",
                lead="Where events of all people are sent. Addresses, secrets and contents are "
                "their owners' alone.",
                actions=[
                    dbc.Button(
                        "Refresh", id=Ids.refresh, size="sm", color="secondary", outline=True
                    )
                ],
            ),
            section("Hosts in the last 24 hours", html.Div(id=Ids.hosts)),
            section(
                "Deliveries",
                [
                    _filters(),
                    html.Div(id=Ids.table),
                    html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
                ],
            ),
        ]
    )


def hosts_table(hosts: Sequence[Mapping[str, Any]]) -> Component:
    if not hosts:
        return empty_state(
            "No webhooks",
            "Nobody has made one. People make them on the page Webhooks of their settings.",
            icon_name="broadcast",
        )
    rows = [
        [
            host["host"],
            host["attempts"],
            _failures(host),
            host["waiting"],
            "–" if host["mean_latency_ms"] is None else f"{host['mean_latency_ms']:.0f} ms",
            moment(host["failing_since"], missing="–"),
        ]
        for host in hosts
    ]
    titles = ("Host", "Attempts", "Failed", "Waiting", "Mean latency", "Failing since")
    return table(titles, rows, label="Hosts", numbers={1, 2, 3, 4})


def deliveries_table(deliveries: Sequence[Mapping[str, Any]]) -> Component:
    if not deliveries:
        return empty_state(
            "No deliveries here", "What is sent, waits or failed is listed here.", icon_name="inbox"
        )
    rows = [
        [
            *(one["event_type"], one["webhook_name"], one["owner_name"], one["host"]),
            *delivery_cells({**one, "answer_start": ""}),
        ]
        for one in deliveries
    ]
    titles = ("Event", "Webhook", "Owner", "Host", "State", "Answer", "Latency", "When")
    return table(titles, rows, label="Deliveries", numbers={6})


def _failures(host: Mapping[str, Any]) -> Any:
    if not host["failures"]:
        return "0"
    return badge(str(host["failures"]), "danger", icon_name="exclamation-triangle")


def _filters() -> Component:
    states = [{"label": text, "value": state} for state, (text, *_) in STATES.items()]
    return html.Div(
        [
            field("State", dcc.Dropdown(states, id=Ids.status, placeholder="all")),
            field("Host", dcc.Dropdown([], id=Ids.host, placeholder="all")),
        ],
        className="field-row webhooks-filters mb-3",
    )


PAGE = Page("webhooks", "Webhooks", "/webhooks", build, Group.ADMIN, "broadcast", roles=ADMINS)
