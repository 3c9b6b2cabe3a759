"""What happens when somebody sets up a second step, makes backup codes, or turns it off."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from flask import request

from callbacks.errors import message_for
from layouts.components.frame import alert
from layouts.settings_security_second_step import Ids, is_off, is_on, new_codes, set_up
from services import actor
from services.authentication_service import AuthenticationService
from services.errors import ServiceError
from services.two_factor_service import TwoFactorService

NOTHING = (no_update, no_update)


def show(_stamp: int) -> Any:
    state = TwoFactorService.get_state(actor.myself())
    if state["since"] is None:
        return is_off(is_required=state["is_required"])
    return is_on(state["since"], state["codes_left"], is_required=state["is_required"])


def begin(clicks: int | None) -> tuple[Any, Any]:
    """The panel, and what is told under it."""
    if not clicks:  # Dash asks once when the button is inserted
        return NOTHING
    done, picture, secret, wrong = AuthenticationService.setup_2fa(actor.myself())
    return (set_up(picture, secret), None) if done else (no_update, alert(wrong, "warning"))


def confirm(clicks: int | None, code: str | None) -> tuple[Any, Any]:
    """Backup codes, once the first code is right."""
    if not clicks:
        return NOTHING
    user_id = actor.myself()
    done, wrong = AuthenticationService.confirm_2fa(user_id, code or "", request.remote_addr)
    if not done:
        return no_update, alert(wrong, "warning")
    made, codes, wrong = AuthenticationService.generate_backup_codes(user_id)
    return (new_codes(codes), None) if made else (no_update, alert(wrong, "warning"))


def renew(clicks: int | None, code: str | None) -> tuple[Any, Any]:
    if not clicks:
        return NOTHING
    given = (actor.myself(), code or "", request.remote_addr)
    made, codes, wrong = TwoFactorService.renew_backup_codes(*given)
    return (new_codes(codes), None) if made else (no_update, alert(wrong, "warning"))


def turn_off(
    clicks: int | None, password: str | None, code: str | None, stamp: int
) -> tuple[Any, Any]:
    """The stamp, after which the panel is drawn again, and what is told under it."""
    if not clicks:
        return NOTHING
    given = (actor.myself(), password or "", code or "", request.remote_addr)
    try:
        done, wrong = AuthenticationService.disable_2fa(*given)
    except ServiceError as error:
        done, wrong = False, message_for(error)
    if not done:
        return no_update, alert(wrong, "warning")
    return stamp + 1, alert("The second step is off.", "success")


def finish(clicks: int | None, stamp: int) -> Any:
    return stamp + 1 if clicks else no_update


def register(app: Dash) -> None:
    panel = Output(Ids.panel, "children", allow_duplicate=True)
    told = Output(Ids.told, "children", allow_duplicate=True)
    stamp = Output(Ids.stamp, "data", allow_duplicate=True)

    def on(*arguments: Any) -> Any:
        return app.callback(*arguments, prevent_initial_call=True)

    app.callback(Output(Ids.panel, "children"), Input(Ids.stamp, "data"))(show)
    on(panel, told, Input(Ids.begin, "n_clicks"))(begin)
    on(panel, told, Input(Ids.confirm, "n_clicks"), State(Ids.code, "value"))(confirm)
    on(panel, told, Input(Ids.renew, "n_clicks"), State(Ids.renew_code, "value"))(renew)
    on(
        stamp,
        told,
        Input(Ids.off, "n_clicks"),
        State(Ids.off_password, "value"),
        State(Ids.off_code, "value"),
        State(Ids.stamp, "data"),
    )(turn_off)
    on(stamp, Input(Ids.done, "n_clicks"), State(Ids.stamp, "data"))(finish)
