"""What happens on the page of one webhook."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from callbacks.settings_webhooks import event_groups
from layouts.components.links import path_to
from layouts.components.webhook_parts import event_choices
from layouts.settings_webhook import Ids, detail, log_table, new_secret, not_there, tested
from services import actor
from services.webhook_service import WebhookService

LOG_ROWS = 50
QUESTIONS = {
    "rotate": "Make a new secret? For 24 hours the old one signs too.",
    "delete": "Delete this webhook with its log? What waits is not sent.",
    "off": "Switch it off? What waits is given up; it can be replayed later.",
}


def show_webhook(chosen: int | None, _stamp: int) -> tuple[Any, Any, bool]:
    """The webhook, its log, and whether there is nothing to look at or change."""
    owner = actor.myself()
    webhook = None if chosen is None else WebhookService.get_webhook(chosen, owner)
    if webhook is None:
        return not_there(), [], True
    shown = detail(webhook, WebhookService.get_webhook_stats(webhook["id"], owner))
    logged = WebhookService.get_webhook_logs(webhook["id"], owner, LOG_ROWS)
    return shown, log_table(logged, is_active=webhook["is_active"]), False


def fill_form(chosen: int | None) -> tuple[Any, ...]:
    webhook = None if chosen is None else WebhookService.get_webhook(chosen, actor.myself())
    if webhook is None:
        return (no_update,) * 4
    boxes = event_choices(Ids.event, event_groups(), webhook["enabled_events"])
    label = webhook["settings"].get("label", "")
    return webhook["name"], label, webhook["description"], boxes


def act(
    clicks: list[int | None], chosen: int, stamp: int
) -> tuple[Any, Any, str | Any, bool, str | Any]:
    """Test and switch on at once; ask before the rest."""
    triggered = ctx.triggered_id
    if triggered is None or not any(clicks):
        return no_update, no_update, no_update, False, no_update
    verb = triggered["verb"]
    if verb in QUESTIONS:
        return no_update, no_update, QUESTIONS[verb], True, verb
    answer: Any = ""
    if verb == "test":
        answer = tested(WebhookService.test_webhook(chosen, actor.myself()))
    else:
        WebhookService.toggle_webhook(chosen, actor.myself(), True)
        tell("The webhook is on.")
    return answer, stamp + 1, no_update, False, no_update


def act_after_question(
    confirmed: int | None, verb: str, chosen: int, stamp: int
) -> tuple[Component | Any, int | Any, str | Any]:
    if not confirmed:
        return no_update, no_update, no_update
    owner = actor.myself()
    if verb == "delete":
        WebhookService.delete_webhook(chosen, owner)
        tell("The webhook is deleted.")
        return no_update, no_update, path_to("/settings/webhooks")
    if verb == "rotate":
        again = WebhookService.rotate_secret(chosen, owner)
        answer = "" if again is None or again["secret"] is None else new_secret(again["secret"])
        return answer, stamp + 1, no_update
    WebhookService.toggle_webhook(chosen, owner, False)
    tell("The webhook is off.")
    return "", stamp + 1, no_update


def replay(clicks: list[int | None], stamp: int) -> int | Any:
    triggered = ctx.triggered_id
    if triggered is None or not any(clicks):
        return no_update
    if WebhookService.replay_delivery(int(triggered["id"]), actor.myself()):
        tell("It is sent again in a moment, with the same id.", "info")
    else:
        tell("It is being sent just now.", "info")
    return stamp + 1


def refresh(clicks: int | None, stamp: int) -> int | Any:
    return stamp + 1 if clicks else no_update


def save(
    clicks: int | None,
    chosen: int,
    name: str | None,
    url: str | None,
    label: str | None,
    description: str | None,
    events: list[list[str]],
    stamp: int,
) -> tuple[int | Any, str | Any]:
    """An empty URL keeps the present one, which is not shown."""
    if not clicks:
        return no_update, no_update
    updates: dict[str, Any] = {
        "name": name or "",
        "description": description or "",
        "enabled_events": [event for group in events for event in group],
        "settings": {"label": label or ""},
    }
    if url:
        updates["webhook_url"] = url
    if WebhookService.update_webhook(chosen, actor.myself(), **updates) is not None:
        tell("The webhook is saved.")
    return stamp + 1, ""


def register(app: Dash) -> None:
    stamp, chosen = State(Ids.stamp, "data"), State(Ids.chosen, "data")
    app.callback(
        Output(Ids.detail, "children"),
        Output(Ids.log, "children"),
        Output(Ids.body, "hidden"),
        Input(Ids.chosen, "data"),
        Input(Ids.stamp, "data"),
    )(show_webhook)
    app.callback(
        Output(Ids.name, "value"),
        Output(Ids.label, "value"),
        Output(Ids.description, "value"),
        Output(Ids.events, "children"),
        Input(Ids.chosen, "data"),
    )(fill_form)
    app.callback(
        Output(Ids.answer, "children"),
        Output(Ids.stamp, "data"),
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Output(Ids.asked, "data"),
        Input({"type": Ids.act, "verb": ALL}, "n_clicks"),
        chosen,
        stamp,
        prevent_initial_call=True,
    )(act)
    app.callback(
        Output(Ids.answer, "children", allow_duplicate=True),
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.gone, "href"),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.asked, "data"),
        chosen,
        stamp,
        prevent_initial_call=True,
    )(act_after_question)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Input({"type": Ids.replay, "id": ALL}, "n_clicks"),
        stamp,
        prevent_initial_call=True,
    )(replay)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Input(Ids.refresh, "n_clicks"),
        stamp,
        prevent_initial_call=True,
    )(refresh)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.url, "value"),
        Input(Ids.save, "n_clicks"),
        chosen,
        State(Ids.name, "value"),
        State(Ids.url, "value"),
        State(Ids.label, "value"),
        State(Ids.description, "value"),
        State({"type": Ids.event, "group": ALL}, "value"),
        stamp,
        prevent_initial_call=True,
    )(save)
