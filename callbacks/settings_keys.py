"""What happens on the page of one's own API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import message_for, tell
from layouts.components.frame import alert
from layouts.settings_keys import Ids, Row, shown_once, table
from models.base import now
from services import actor
from services.api_key_service import APIKeyService, KeyUsage
from services.api_keys import scopes
from services.errors import ServiceError

QUESTIONS = {
    "revoke": "Revoke the key “{name}”? Programs that use it are refused from now on.",
    "rotate": "Make a new key “{name}”? The old one stays good for as long as is chosen above.",
}


def offer_scopes(_id: str) -> tuple[list[dict[str, str]], list[str]]:
    options = [
        {"label": f"{scope} – {scopes.RESOURCES[scope.partition(':')[0]][0]}", "value": scope}
        for scope in scopes.ALL
    ]
    return options, list(scopes.DEFAULT)


def show_keys(_id: str, ended: bool | None) -> Component:
    return _table(bool(ended))


def make_key(
    clicks: int | None,
    name: str | None,
    environment: str,
    limit: float | None,
    life: str,
    chosen: list[str],
    ended: bool | None,
) -> tuple[Any, Any, Any]:
    """The key, the table, and the emptied name."""
    if not clicks:  # Dash asks once when the page is inserted
        return no_update, no_update, no_update
    try:
        made = APIKeyService.generate_key(
            actor.myself(),
            name or "",
            environment,
            int(limit or 0),
            int(life) if life else None,
            chosen,
        )
    except ServiceError as error:
        return alert(message_for(error), "warning"), no_update, no_update
    return shown_once(made["key"], " ".join((name or "").split())), _table(bool(ended)), ""


def ask_first(clicks: list[int | None]) -> tuple[str, bool, dict[str, Any]] | Any:
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return no_update, no_update, no_update
    return QUESTIONS[chosen["verb"]].format(name=chosen["name"]), True, chosen


def act(
    confirmed: int | None, chosen: dict[str, Any], overlap: str, ended: bool | None
) -> tuple[Any, Any]:
    if not confirmed:
        return no_update, no_update
    key_id, user_id = int(chosen["id"]), actor.myself()
    if chosen["verb"] == "rotate":
        made = APIKeyService.rotate_key(key_id, user_id, int(overlap))
        answer = shown_once(made["key"], chosen["name"], made["old_expires_at"])
        return answer, _table(bool(ended))
    APIKeyService.revoke_key(key_id, user_id)
    tell(f"The key “{chosen['name']}” is revoked.")
    return "", _table(bool(ended))


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.scopes, "options"), Output(Ids.scopes, "value"), Input(Ids.scopes, "id")
    )(offer_scopes)
    app.callback(Output(Ids.table, "children"), Input(Ids.table, "id"), Input(Ids.ended, "value"))(
        show_keys
    )
    app.callback(
        Output(Ids.answer, "children"),
        Output(Ids.table, "children", allow_duplicate=True),
        Output(Ids.name, "value"),
        Input(Ids.make, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.environment, "value"),
        State(Ids.limit, "value"),
        State(Ids.life, "value"),
        State(Ids.scopes, "value"),
        State(Ids.ended, "value"),
        prevent_initial_call=True,
    )(make_key)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Output(Ids.chosen, "data"),
        Input({"type": Ids.act, "verb": ALL, "id": ALL, "name": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Ids.answer, "children", allow_duplicate=True),
        Output(Ids.table, "children", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.chosen, "data"),
        State(Ids.overlap, "value"),
        State(Ids.ended, "value"),
        prevent_initial_call=True,
    )(act)


def _table(ended: bool) -> Component:
    user_id = actor.myself()
    usage = APIKeyService.list_usage(user_id)
    return table([_row(key, usage[key.id]) for key in APIKeyService.list_user_keys(user_id, ended)])


def _row(key: Any, usage: KeyUsage) -> Row:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "environment": key.environment.value,
        "scopes": _in_words(key.scopes),
        "rate_limit": key.rate_limit,
        "requests": usage["total_requests"],
        "error_rate": usage["error_rate"],
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "is_good": key.revoked_at is None and not _is_past(key.expires_at),
        "is_replaced": key.replaced_by_id is not None,
    }


def _in_words(given: list[str]) -> str:
    if set(given) == set(scopes.ALL):
        return "everything"
    if set(given) == set(scopes.DEFAULT):
        return "read everything but audit, keys and webhooks"
    return ", ".join(given)


def _is_past(at: datetime | None) -> bool:
    return at is not None and at <= now()
