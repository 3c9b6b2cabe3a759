"""What happens in the lists of one's sessions and of what was tried."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.settings_security_sessions import PAGE_SIZE, Ids, history_table, sessions_table
from services import actor
from services.authentication_service import AuthenticationService


def show_sessions(_stamp: int) -> Component:
    sessions = AuthenticationService.list_sessions(actor.myself())
    return sessions_table(sessions, actor.reader().session_id)


def show_history(page: int | None) -> tuple[Component, int]:
    user_id, first = actor.myself(), ((page or 1) - 1) * PAGE_SIZE
    total = AuthenticationService.count_login_attempts(user_id)
    attempts = AuthenticationService.list_login_attempts(user_id, PAGE_SIZE, first)
    return history_table(attempts), max(-(-total // PAGE_SIZE), 1)


def end(clicks: list[int | None], stamp: int) -> Any:
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return no_update
    done, wrong = AuthenticationService.revoke_session(chosen["id"], actor.myself())
    tell("That browser is signed out." if done else wrong, "success" if done else "warning")
    return stamp + 1


def end_others(clicks: int | None, stamp: int) -> Any:
    if not clicks:
        return no_update
    count = AuthenticationService.revoke_other_sessions(actor.myself())
    tell(f"Other sessions that were ended: {count}.")
    return stamp + 1


def register(app: Dash) -> None:
    app.callback(Output(Ids.table, "children"), Input(Ids.stamp, "data"))(show_sessions)
    app.callback(
        Output(Ids.history, "children"),
        Output(Ids.pages, "max_value"),
        Input(Ids.pages, "active_page"),
    )(show_history)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Input({"type": Ids.end, "id": ALL}, "n_clicks"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(end)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Input(Ids.end_others, "n_clicks"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(end_others)
