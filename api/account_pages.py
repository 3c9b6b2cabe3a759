"""The pages for people who are not signed in yet: plain HTML, no Dash."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.authentication_service import AuthenticationService
from services.errors import ServiceError
from services.user_service import UserService

Answer = Response | str | tuple[str, int]


def make_blueprint(begin: Callable[..., None], end: Callable[[], None]) -> Blueprint:
    """Sign in, sign out, and the links that let somebody in for the first time."""
    blueprint = Blueprint("account", __name__)

    def sign_in() -> Answer:
        target = safe_target(request.values.get("next", ""))
        if request.method == "GET":
            return render_template("account/sign_in.html", target=target, name="")
        name = request.form.get("name", "")
        remember = "remember" in request.form
        try:
            started = AuthenticationService.sign_in(
                name, request.form.get("password", ""), *_where_from(), remember
            )
        except ServiceError as error:
            page = render_template(
                "account/sign_in.html", target=target, name=name, problem=error.message
            )
            return page, 403
        begin(started, remember=remember)
        return redirect(target)

    def sign_out() -> Answer:
        end()
        return redirect(url_for("account.sign_in"))

    def link(token: str) -> Answer:
        try:
            about = UserService.look_at_link(token)
        except ServiceError as error:
            return render_template("account/broken_link.html", reason=error.message), 403
        if request.method == "GET":
            return render_template("account/link.html", about=about, name="")
        return _accept(token, about, begin)

    blueprint.add_url_rule("/sign-in", "sign_in", sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    blueprint.add_url_rule("/link/<token>", "link", link, methods=["GET", "POST"])
    return blueprint


def safe_target(wanted: str) -> str:
    """Where to go after signing in: a path of this site, whatever the address says."""
    parts = urlsplit(wanted)
    outside = parts.scheme or parts.netloc or "\\" in wanted
    if outside or not wanted.startswith("/") or wanted.startswith("//"):
        return request.root_path.rstrip("/") + "/"
    return request.root_path.rstrip("/") + wanted


def _accept(token: str, about: object, begin: Callable[..., None]) -> Answer:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    problem = None
    if password != request.form.get("again", ""):
        problem = "The two passwords are not the same. Type both again."
    else:
        try:
            begin(UserService.accept_link(token, name, password, *_where_from()))
        except ServiceError as error:
            problem = error.message
    if problem is None:
        return redirect(request.root_path.rstrip("/") + "/")
    return render_template("account/link.html", about=about, name=name, problem=problem), 422


def _where_from() -> tuple[str | None, str | None]:
    return request.remote_addr, request.headers.get("User-Agent")
