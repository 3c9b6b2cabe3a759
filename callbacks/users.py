"""What happens on the users page."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.users import Ids, Row, invitation, table
from models import Role
from services import actor
from services.two_factor_service import TwoFactorService
from services.user_service import UserService, UserView

QUESTIONS = {
    "disable": "Disable {name}? The sessions of this user end at once.",
    "reset": "Take away the password of {name} and make a link to choose a new one?",
    "enable": "Let {name} in again?",
    "reset_2fa": "Take away the authenticator and the backup codes of {name}? "
    "The password alone signs in then, and the sessions of this user end at once.",
}


def show_users(_id: str) -> Component:
    return _table()


def invite(clicks: int | None, name: str | None, role: str) -> tuple[Any, Any, Any]:
    if not clicks:  # Dash asks once when the page is inserted
        return no_update, no_update, no_update
    user, token = UserService.invite(name or "", Role(role))
    return invitation(user["name"], token, is_reset=False), _table(), ""


def set_role(_roles: list[str], ids: list[dict[str, Any]]) -> Component | Any:
    """The chooser that was changed; drawing the table sets them all, which changes nothing."""
    triggered = ctx.triggered_id
    if triggered is None:
        return no_update
    role = Role(_roles[[one["id"] for one in ids].index(triggered["id"])])
    before = {user["id"]: user for user in UserService.list_users()}[triggered["id"]]
    if before["role"] is role:
        return no_update
    user = UserService.set_role(triggered["id"], role)
    tell(f"{user['name']} is now {user['role']}.")
    return _table()


def ask_first(clicks: list[int | None]) -> tuple[str, bool, dict[str, Any]] | Any:
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return no_update, no_update, no_update
    return QUESTIONS[chosen["verb"]].format(name=chosen["name"]), True, chosen


def act(confirmed: int | None, chosen: dict[str, Any]) -> tuple[Any, Any]:
    if not confirmed:
        return no_update, no_update
    user_id = int(chosen["id"])
    if chosen["verb"] == "reset":
        token = UserService.reset_password(user_id)
        return invitation(chosen["name"], token, is_reset=True), _table()
    if chosen["verb"] == "reset_2fa":
        TwoFactorService.reset_2fa(user_id)
        tell(f"{chosen['name']} has no second step any more.")
        return no_update, _table()
    user = (UserService.disable if chosen["verb"] == "disable" else UserService.enable)(user_id)
    tell(f"{user['name']} is {'disabled' if user['is_disabled'] else 'enabled'}.")
    return no_update, _table()


def show_required(_id: str) -> list[str]:
    return [role.value for role in TwoFactorService.list_required_roles()]


def require(clicks: int | None, roles: list[str] | None) -> Any:
    if not clicks:
        return no_update
    TwoFactorService.require_for_roles([Role(role) for role in roles or []])
    names = ", ".join(roles or [])
    tell(f"A second step is a must for: {names}." if names else "No role must have a second step.")
    return show_required("")


def register(app: Dash) -> None:
    app.callback(Output(Ids.table, "children"), Input(Ids.table, "id"))(show_users)
    app.callback(Output(Ids.required, "value"), Input(Ids.required, "id"))(show_required)
    app.callback(
        Output(Ids.required, "value", allow_duplicate=True),
        Input(Ids.require, "n_clicks"),
        State(Ids.required, "value"),
        prevent_initial_call=True,
    )(require)
    app.callback(
        Output(Ids.answer, "children"),
        Output(Ids.table, "children", allow_duplicate=True),
        Output(Ids.name, "value"),
        Input(Ids.invite, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.role, "value"),
        prevent_initial_call=True,
    )(invite)
    app.callback(
        Output(Ids.table, "children", allow_duplicate=True),
        Input({"type": Ids.set_role, "id": ALL}, "value"),
        State({"type": Ids.set_role, "id": ALL}, "id"),
        prevent_initial_call=True,
    )(set_role)
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
        prevent_initial_call=True,
    )(act)


def _table() -> Component:
    with_one = set(TwoFactorService.list_users_with())
    rows = [_row(user, has_second_step=user["id"] in with_one) for user in UserService.list_users()]
    return table(rows, actor.reader().user_id)


def _row(user: UserView, *, has_second_step: bool) -> Row:
    return {
        "id": user["id"],
        "name": user["name"],
        "role": user["role"].value,
        "is_disabled": user["is_disabled"],
        "has_password": user["has_password"],
        "has_second_step": has_second_step,
        "created_at": user["created_at"],
        "last_sign_in_at": user["last_sign_in_at"],
    }
