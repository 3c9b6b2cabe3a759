"""One's own webhooks: where events are sent, and how to add a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, empty_state, field, section
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.settings_frame import settings_page
from layouts.components.tables import table
from layouts.components.webhook_parts import provider_cards, provider_name, webhook_state
from layouts.page import Page


class Ids:
    table = "settings-webhooks-table"
    stamp = "settings-webhooks-stamp"
    provider = "settings-webhooks-provider"
    name = "settings-webhooks-name"
    url = "settings-webhooks-url"
    label = "settings-webhooks-label"
    description = "settings-webhooks-description"
    events = "settings-webhooks-events"
    event = "settings-webhooks-event"
    create = "settings-webhooks-create"
    answer = "settings-webhooks-answer"
    secret = "settings-webhooks-secret"


def build(**_view: Any) -> Component:
    return settings_page(
        "Webhooks",
        [
            dcc.Store(id=Ids.stamp, data=0),
            html.Div(id=Ids.answer),
            section("My webhooks", html.Div(id=Ids.table)),
            section("Add a webhook", _form()),
        ],
        lead="Send what happens here to a chat, or to a program of your own.",
    )


def webhooks_table(webhooks: Sequence[Mapping[str, Any]]) -> Component:
    if not webhooks:
        return empty_state(
            "No webhooks yet",
            "Choose below where events are to be sent and which; then press Test to see that "
            "a message arrives.",
            icon_name="broadcast",
        )
    rows = [
        [
            page_link(webhook["name"], f"/settings/webhooks/{webhook['id']}"),
            provider_name(webhook["provider_type"]),
            html.Code(webhook["url"]),
            len(webhook["enabled_events"]),
            webhook_state(webhook),
            moment(webhook["last_success_at"], missing="never"),
        ]
        for webhook in webhooks
    ]
    titles = ("Name", "Kind", "Address", "Events", "State", "Last arrived")
    return table(titles, rows, label="My webhooks", numbers={3})


def made(webhook: Mapping[str, Any]) -> Component:
    """That it was made, and its secret, which is shown this once."""
    link = page_link("Test it on its page", f"/settings/webhooks/{webhook['id']}")
    told: list[Any] = [html.P([f"“{webhook['name']}” is made. ", link, "."])]
    if webhook["secret"]:
        told += secret_parts(webhook["secret"], Ids.secret)
    return alert(told, "success")


def secret_parts(secret: str, component_id: str) -> list[Component]:
    """A secret to be copied, which nobody can look up again."""
    return [
        html.P("Give your program this secret; it is shown only now:"),
        field(
            "Secret",
            dcc.Input(id=component_id, value=secret, readOnly=True, className="form-control"),
        ),
        dcc.Clipboard(target_id=component_id, title="Copy the secret", className="copy-button"),
    ]


def _form() -> Component:
    return html.Div(
        [
            provider_cards(Ids.provider),
            html.Div(
                [
                    field("Name", dbc.Input(id=Ids.name, maxlength=100, autocomplete="off")),
                    field(
                        "URL",
                        dbc.Input(id=Ids.url, type="url", maxlength=2000, autocomplete="off"),
                        hint="As the chat or your program gives it; https only. It is kept "
                        "encrypted and not shown again.",
                    ),
                    field(
                        "Label (optional)",
                        dbc.Input(id=Ids.label, maxlength=40),
                        hint="Stands before the titles of messages in a chat, such as the plant.",
                    ),
                    field("Description (optional)", dbc.Input(id=Ids.description, maxlength=500)),
                ],
                className="card-grid",
            ),
            html.H3("Events", className="mt-3"),
            html.Div(id=Ids.events, className="card-grid"),
            dbc.Button("Add webhook", id=Ids.create, color="primary", className="mt-3"),
        ]
    )


PAGE = Page(
    "settings_webhooks",
    "Webhooks",
    "/settings/webhooks",
    build,
    icon="broadcast",
    in_navigation=False,
)
