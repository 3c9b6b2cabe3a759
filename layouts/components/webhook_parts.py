"""What the pages of webhooks share: the fields of one, its state, and rows of its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import badge, icon
from layouts.components.moments import moment

# Title, icon, and what it is, by the name that the services know.
PROVIDERS = {
    "slack": ("Slack", "slack", "A message in a channel, by an incoming webhook of a Slack app."),
    "teams": (
        "Microsoft Teams",
        "microsoft-teams",
        "A card in a channel or chat, by a workflow that waits for webhook requests.",
    ),
    "webhook": (
        "Standard Webhooks",
        "braces",
        "Signed JSON for a program of yours; there are libraries that check the signature.",
    ),
}
STATES = {
    "waiting": ("waiting", "warning", "hourglass"),
    "delivered": ("delivered", "success", "check-circle"),
    "failed": ("failed", "danger", "x-octagon"),
}


def provider_name(provider: str) -> Component:
    title, symbol, _ = PROVIDERS[provider]
    return html.Span([icon(symbol), " ", title])


def provider_cards(component_id: str) -> Component:
    """The providers to choose from, one of them chosen."""
    options = [
        {
            "value": value,
            "label": html.Span(
                [html.Strong([icon(symbol), " ", title]), html.Span(text, className="job-told")],
                className="provider-card",
            ),
        }
        for value, (title, symbol, text) in PROVIDERS.items()
    ]
    chooser = dbc.RadioItems(options, "webhook", id=component_id, className="provider-cards")
    return html.Fieldset([html.Legend("Where to"), chooser], className="event-choices")


def event_choices(
    kind: str, groups: Mapping[str, Sequence[tuple[str, str]]], chosen: Sequence[str]
) -> list[Component]:
    """Boxes for event types, by group; ``kind`` is the type of their ids."""
    return [
        html.Fieldset(
            [
                html.Legend(group),
                dbc.Checklist(
                    id={"type": kind, "group": group},
                    options=[
                        {
                            "value": name,
                            "label": html.Span([title, " ", html.Span(name, className="job-told")]),
                        }
                        for name, title in types
                    ],
                    value=[name for name, _ in types if name in chosen],
                ),
            ],
            className="event-choices",
        )
        for group, types in groups.items()
    ]


def webhook_state(webhook: Mapping[str, Any]) -> Component:
    if webhook["disabled_reason"]:
        return badge("switched off: it failed", "danger", icon_name="x-octagon")
    if not webhook["is_active"]:
        return badge("off", "secondary", icon_name="pause-circle")
    if webhook["failing_since"]:
        return badge("failing", "warning", icon_name="exclamation-triangle")
    return badge("on", "success", icon_name="check-circle")


def delivery_cells(delivery: Mapping[str, Any]) -> list[Any]:
    """State, answer and latency, and when it is or was."""
    text, level, symbol = STATES[delivery["status"]]
    latency = delivery["latency_ms"]
    return [
        [badge(text, level, icon_name=symbol), _attempts(delivery)],
        _answer(delivery),
        "–" if latency is None else f"{latency:.0f} ms",
        _when(delivery),
    ]


def _attempts(delivery: Mapping[str, Any]) -> Component:
    count = delivery["attempts"]
    return html.Div(f"{count} attempt{'' if count == 1 else 's'}", className="job-told")


def _answer(delivery: Mapping[str, Any]) -> Component:
    status, error = delivery["last_status"], delivery["last_error"]
    told = " ".join(part for part in (str(status) if status else "", error or "") if part)
    start = delivery["answer_start"]
    if not start:
        return html.Span(told or "not sent yet")
    return html.Details(
        [
            html.Summary(told or "answer"),
            html.Pre(
                start,
                className="log-tail",
                tabIndex="0",
                role="region",
                **attributes(aria_label="Start of the answer"),
            ),
        ]
    )


def _when(delivery: Mapping[str, Any]) -> Component:
    if delivery["status"] == "waiting" and delivery["attempts"]:
        return html.Div(["again at ", moment(delivery["next_attempt_at"])])
    return html.Div(moment(delivery["delivered_at"] or delivery["created_at"]))
