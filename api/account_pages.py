"""The pages for people who are not signed in yet: plain HTML, no Dash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from api import set_up_page
from api.targets import local_path, safe_target, where_from
from services.accounts.second_step import CodeNeeded
from services.accounts.sessions import NewSession
from services.authentication_service import AuthenticationService
from services.errors import ServiceError
from services.user_service import UserService

Answer = Response | str | tuple[str, int]
# Where the cookie keeps what the password was worth, until the code has come.
OWED = "second_step"


@dataclass(frozen=True)
class Cookie:
    """What the gate does with the browser's cookie."""

    begin: Callable[[NewSession], None]
    wait: Callable[[CodeNeeded], None]
    end: Callable[[], None]

    def follow(self, answer: NewSession | CodeNeeded, wanted: str) -> Response:
        """Go on after the right password: into the site, or to the code."""
        if isinstance(answer, CodeNeeded):
            self.wait(answer)
            return redirect(url_for("account.code", next=wanted))
        self.begin(answer)
        return redirect(safe_target(wanted))


def make_blueprint(cookie: Cookie) -> Blueprint:
    """Sign in, sign out, and the links that let somebody in for the first time."""
    blueprint = Blueprint("account", __name__)

    def sign_out() -> Answer:
        cookie.end()
        return redirect(url_for("account.sign_in"))

    def add(rule: str, name: str, view: Callable[..., Answer], *methods: str) -> None:
        blueprint.add_url_rule(rule, name, view, methods=methods)

    add("/sign-in", "sign_in", lambda: _sign_in(cookie), "GET", "POST")
    add("/sign-in/code", "code", lambda: _code(cookie), "GET", "POST")
    add("/sign-out", "sign_out", sign_out, "POST")
    add("/link/<token>", "link", lambda token: _link(cookie, token), "GET", "POST")
    add("/second-step", "set_up", lambda: set_up_page.answer(cookie.begin), "GET", "POST")
    return blueprint


def _sign_in(cookie: Cookie) -> Answer:
    wanted = local_path(request.values.get("next", ""))
    if request.method == "GET":
        return render_template("account/sign_in.html", wanted=wanted, name="")
    name, password = request.form.get("name", ""), request.form.get("password", "")
    remember = "remember" in request.form
    try:
        answer = AuthenticationService.sign_in(name, password, *where_from(), remember)
    except ServiceError as error:
        given = {"wanted": wanted, "name": name, "problem": error.message}
        return render_template("account/sign_in.html", **given), 403
    return cookie.follow(answer, wanted)


def _code(cookie: Cookie) -> Answer:
    wanted, token = local_path(request.values.get("next", "")), session.get(OWED, "")
    if not AuthenticationService.is_code_owed(token):
        session.pop(OWED, None)
        return redirect(url_for("account.sign_in", next=wanted))
    if request.method == "GET":
        return render_template("account/code.html", wanted=wanted)
    try:
        started = AuthenticationService.finish_sign_in(
            token, request.form.get("code", ""), *where_from()
        )
    except ServiceError as error:
        given = {"wanted": wanted, "problem": error.message}
        return render_template("account/code.html", **given), 403
    return cookie.follow(started, wanted)


def _link(cookie: Cookie, token: str) -> Answer:
    try:
        about = UserService.look_at_link(token)
    except ServiceError as error:
        return render_template("account/broken_link.html", reason=error.message), 403
    if request.method == "GET":
        return render_template("account/link.html", about=about, name="")
    name, password = request.form.get("name", ""), request.form.get("password", "")
    problem = "The two passwords are not the same. Type both again."
    if password == request.form.get("again", ""):
        try:
            zone = request.form.get("time_zone", "")
            answer = UserService.accept_link(token, name, password, *where_from(), zone)
            return cookie.follow(answer, "/")
        except ServiceError as error:
            problem = error.message
    given = {"about": about, "name": name, "problem": problem}
    return render_template("account/link.html", **given), 422
