"""What happens on the page of one's own webhooks."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from layouts.components.webhook_parts import event_choices
from layouts.settings_webhooks import Ids, made, webhooks_table
from services import actor
from services.webhook_service import WebhookService

Groups = dict[str, list[tuple[str, str]]]


def show_webhooks(_stamp: int) -> Component:
    return webhooks_table(WebhookService.list_user_webhooks(actor.myself()))


def show_events(_id: str) -> list[Component]:
    return event_choices(Ids.event, event_groups(), ())


def event_groups() -> Groups:
    """Names and titles of the events that one may choose, by group."""
    groups: Groups = {}
    for one in WebhookService.list_event_types():
        groups.setdefault(one.group, []).append((one.name, one.title))
    return groups


def create(
    clicks: int | None,
    provider: str,
    name: str | None,
    url: str | None,
    label: str | None,
    description: str | None,
    events: list[list[str]],
    stamp: int,
) -> tuple[Any, ...]:
    """The answer with the secret, and emptied fields."""
    if not clicks:  # Dash asks once when the page is inserted
        return (no_update,) * 4
    webhook = WebhookService.create_webhook(
        actor.myself(),
        provider,
        url or "",
        name or "",
        [event for group in events for event in group],
        description or "",
        settings={"label": label or ""},
    )
    return (no_update,) * 4 if webhook is None else (made(webhook), stamp + 1, "", "")


def register(app: Dash) -> None:
    app.callback(Output(Ids.table, "children"), Input(Ids.stamp, "data"))(show_webhooks)
    app.callback(Output(Ids.events, "children"), Input(Ids.events, "id"))(show_events)
    app.callback(
        Output(Ids.answer, "children"),
        Output(Ids.stamp, "data"),
        Output(Ids.name, "value"),
        Output(Ids.url, "value"),
        Input(Ids.create, "n_clicks"),
        State(Ids.provider, "value"),
        State(Ids.name, "value"),
        State(Ids.url, "value"),
        State(Ids.label, "value"),
        State(Ids.description, "value"),
        State({"type": Ids.event, "group": ALL}, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(create)
