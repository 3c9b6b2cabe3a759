"""What happens when somebody changes the own password."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.errors import message_for
from layouts.components.frame import alert
from layouts.settings_security import Ids
from services.errors import ServiceError
from services.user_service import UserService


def change_password(
    clicks: int | None, old: str | None, new: str | None, again: str | None
) -> tuple[Any, Any, Any, Any]:
    """The answer, and the fields: emptied when the password was changed."""
    if not clicks:  # Dash asks once when the page is inserted
        return no_update, no_update, no_update, no_update
    kept = (old or "", new or "", again or "")
    if new != again:
        return alert("The two new passwords are not the same.", "warning"), *kept
    try:
        UserService.change_password(old or "", new or "")
    except ServiceError as error:
        return alert(message_for(error), "warning"), *kept
    done = "Password changed. Your other sessions have been ended."
    return alert(done, "success"), "", "", ""


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.message, "children"),
        Output(Ids.old, "value"),
        Output(Ids.new, "value"),
        Output(Ids.again, "value"),
        Input(Ids.save, "n_clicks"),
        State(Ids.old, "value"),
        State(Ids.new, "value"),
        State(Ids.again, "value"),
        prevent_initial_call=True,
    )(change_password)
