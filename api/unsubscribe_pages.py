"""Where the links at the end of mails lead: one page, and a button that ends such mail.

Looking changes nothing, since programs that check mail follow every link. Only a POST acts, by
the button or as RFC 8058 has mail programs send it.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request

from services.errors import NotFound
from services.mail.tokens import read_token
from services.mail.unsubscribing import unsubscribe

NAME = "unsubscribe"
Answer = str | tuple[str, int]


def make_blueprint() -> Blueprint:
    blueprint = Blueprint(NAME, __name__)

    def page(token: str) -> Answer:
        acts = request.method == "POST"
        try:
            wish = unsubscribe(token) if acts else read_token(token)
        except NotFound as error:
            return render_template("account/unsubscribe.html", problem=error.message), 404
        return render_template("account/unsubscribe.html", wish=wish, is_done=acts)

    blueprint.add_url_rule("/unsubscribe/<token>", "page", page, methods=["GET", "POST"])
    return blueprint
