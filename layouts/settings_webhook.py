"""One webhook: how it fares, what was sent, and what can be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import alert, definition_list, empty_state, field, section
from layouts.components.links import number_of
from layouts.components.moments import moment
from layouts.components.settings_frame import settings_page
from layouts.components.tables import table
from layouts.components.webhook_parts import delivery_cells, provider_name, webhook_state
from layouts.evaluation_numbers import share_text
from layouts.page import Page
from layouts.settings_webhooks import secret_parts


class Ids:
    chosen = "settings-webhook-chosen"
    stamp = "settings-webhook-stamp"
    body = "settings-webhook-body"
    detail = "settings-webhook-detail"
    answer = "settings-webhook-answer"
    log = "settings-webhook-log"
    refresh = "settings-webhook-refresh"
    act = "settings-webhook-act"
    replay = "settings-webhook-replay"
    confirm = "settings-webhook-confirm"
    asked = "settings-webhook-asked"
    name = "settings-webhook-name"
    url = "settings-webhook-url"
    label = "settings-webhook-label"
    description = "settings-webhook-description"
    events = "settings-webhook-events"
    event = "settings-webhook-event"
    save = "settings-webhook-save"
    secret = "settings-webhook-secret"
    gone = "settings-webhook-gone"


def build(webhook_id: str | None = None, **_view: Any) -> Component:
    return settings_page(
        "Webhooks",
        [
            dcc.Store(id=Ids.chosen, data=number_of(webhook_id)),
            dcc.Store(id=Ids.stamp, data=0),
            dcc.Store(id=Ids.asked),
            dcc.ConfirmDialog(id=Ids.confirm),
            dcc.Location(id=Ids.gone, refresh="callback-nav"),
            html.Div(id=Ids.detail),
            dcc.Loading(html.Div(id=Ids.answer, className="loading-line"), type="dot"),
            html.Div(
                [
                    section("Log", html.Div(id=Ids.log), actions=[_refresh()]),
                    section("Change", disclosure("Name, address and events", _form())),
                ],
                id=Ids.body,
                hidden=True,
            ),
        ],
    )


def not_there() -> Component:
    return empty_state(
        "There is no such webhook",
        "It may have been deleted. Your webhooks are on the page before this one.",
        icon_name="question-circle",
    )


def detail(webhook: Mapping[str, Any], stats: Mapping[str, Any]) -> Component:
    items: list[tuple[str, Any]] = [
        ("State", webhook_state(webhook)),
        ("Kind", provider_name(webhook["provider_type"])),
        ("Address", html.Code(webhook["url"])),
        ("Events", ", ".join(webhook["enabled_events"])),
        ("Last arrived", moment(webhook["last_success_at"], missing="never")),
    ]
    if webhook["description"]:
        items.insert(0, ("Description", webhook["description"]))
    if webhook["failing_since"]:
        items.append(("Failing since", moment(webhook["failing_since"])))
    if webhook["old_secret_until"]:
        items.append(("The old secret signs until", moment(webhook["old_secret_until"])))
    told: list[Component] = [definition_list(items), _figures(stats)]
    if webhook["disabled_reason"]:
        advice = " Mend the receiver, switch it on, and replay what it missed."
        told.insert(0, alert(f"{webhook['disabled_reason']}{advice}", "danger"))
    return section(webhook["name"], told, actions=_actions(webhook))


def log_table(deliveries: Sequence[Mapping[str, Any]], *, is_active: bool) -> Component:
    if not deliveries:
        return empty_state(
            "Nothing was sent yet",
            "Press Test to send a message now. Events follow when they happen.",
            icon_name="broadcast",
        )
    rows = [
        [
            [html.Div(one["event_type"]), html.Code(one["message_id"], className="job-told")],
            *delivery_cells(one),
            _replay(one) if is_active else "",
        ]
        for one in deliveries
    ]
    return table(
        ("Event", "State", "Answer", "Latency", "When", ""), rows, label="Log", numbers={3}
    )


def tested(result: Mapping[str, Any]) -> Component:
    """What became of a test."""
    if result["success"]:
        told = f"The receiver answered {result['status']} after {result['latency_ms']:.0f} ms."
        return alert(told, "success")
    if result["status"] is None:
        return alert(f"Nothing arrived. {result['error']}", "warning")
    told = f"The receiver answered {result['status']}, which is no success."
    start = result["answer_start"]
    answer = [html.Pre(start, className="log-tail", tabIndex="0")] if start else []
    return alert([html.P(told), *answer], "warning")


def new_secret(secret: str) -> Component:
    told = html.P("For 24 hours the old secret signs too, so that your program can change over.")
    return alert([*secret_parts(secret, Ids.secret), told], "success")


def _figures(stats: Mapping[str, Any]) -> Component:
    rate, median, p95 = (
        stats[name] for name in ("success_rate", "latency_ms_median", "latency_ms_p95")
    )
    figures = (
        ("Delivered", f"{stats['delivered']}", f"of {stats['total']}"),
        ("Waiting", f"{stats['waiting']}", "to be sent, or sent again"),
        ("Success", "–" if rate is None else share_text(rate), "of those that have ended"),
        (
            "Latency",
            "–" if median is None else f"{median:.0f} ms",
            "" if p95 is None else f"95 of 100 within {p95:.0f} ms",
        ),
    )
    return html.Div(
        [
            html.Div(
                [
                    html.Span(name, className="figure-note"),
                    html.Span(value, className="figure-value"),
                    html.Span(note, className="figure-note"),
                ],
                className="figure-card",
            )
            for name, value, note in figures
        ],
        className="webhook-figures mt-3",
    )


def _actions(webhook: Mapping[str, Any]) -> list[Component]:
    verbs = [("test", "Test", "primary")]
    verbs.append(("off", "Switch off", "secondary") if webhook["is_active"] else _ON)
    if webhook["is_signed"]:
        verbs.append(("rotate", "New secret", "secondary"))
    verbs.append(("delete", "Delete", "danger"))
    return [
        dbc.Button(
            text,
            id={"type": Ids.act, "verb": verb},
            size="sm",
            color=color,
            outline=verb != "test",
        )
        for verb, text, color in verbs
    ]


_ON = ("on", "Switch on", "secondary")


def _replay(delivery: Mapping[str, Any]) -> Component:
    text = "Send now" if delivery["status"] == "waiting" else "Replay"
    return dbc.Button(
        text,
        id={"type": Ids.replay, "id": delivery["id"]},
        size="sm",
        color="secondary",
        outline=True,
    )


def _refresh() -> Component:
    return dbc.Button("Refresh", id=Ids.refresh, size="sm", color="secondary", outline=True)


def _form() -> Component:
    return html.Div(
        [
            html.Div(
                [
                    field("Name", dbc.Input(id=Ids.name, maxlength=100, autocomplete="off")),
                    field(
                        "New URL",
                        dbc.Input(id=Ids.url, type="url", maxlength=2000, autocomplete="off"),
                        hint="Leave it empty to keep the present one.",
                    ),
                    field("Label", dbc.Input(id=Ids.label, maxlength=40)),
                    field("Description", dbc.Input(id=Ids.description, maxlength=500)),
                ],
                className="card-grid",
            ),
            html.H3("Events", className="mt-3"),
            html.Div(id=Ids.events, className="card-grid"),
            dbc.Button("Save", id=Ids.save, color="primary", className="mt-3"),
        ]
    )


PAGE = Page(
    "settings_webhook",
    "Webhook",
    "/settings/webhooks/<webhook_id>",
    build,
    icon="broadcast",
    parent=("Webhooks", "/settings/webhooks"),
    in_navigation=False,
)
