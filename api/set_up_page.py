"""The page where somebody must set up an authenticator before anything else is served."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, request, session
from werkzeug.wrappers import Response

from api.targets import local_path, safe_target, where_from
from services import actor
from services.accounts.sessions import NewSession
from services.authentication_service import AuthenticationService
from services.errors import Forbidden, ServiceError


def answer(begin: Callable[[NewSession], None]) -> Response | str | tuple[str, int]:
    """Picture and secret; with the right code the backup codes, and a session that may go on."""
    target = safe_target(request.values.get("next", ""))
    if not actor.reader().owes_second_step:
        return redirect(target)
    wanted = local_path(request.values.get("next", ""))
    if request.method == "GET":
        _, picture, secret, _ = AuthenticationService.setup_2fa(actor.myself())
        given = {"picture": picture, "secret": secret, "wanted": wanted}
        return render_template("account/set_up.html", **given)
    try:
        codes = _confirm(request.form.get("code", ""), begin)
    except ServiceError as error:
        given = {"problem": error.message, "wanted": wanted}
        return render_template("account/set_up.html", **given), 403
    return render_template("account/codes.html", codes=codes, target=target)


def _confirm(code: str, begin: Callable[[NewSession], None]) -> list[str]:
    user_id = actor.myself()
    address, user_agent = where_from()
    done, wrong = AuthenticationService.confirm_2fa(user_id, code, address)
    if not done:
        raise Forbidden(wrong)
    _, codes, _ = AuthenticationService.generate_backup_codes(user_id)
    # Another cookie: the one so far was worth less.
    started = AuthenticationService.create_session(
        user_id, address, user_agent, remember=session.permanent
    )
    if started is not None:
        begin(started)
    return codes
