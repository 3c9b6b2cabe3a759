from __future__ import annotations

import pytest
from flask import request, session, url_for
from structlog.contextvars import get_contextvars
from werkzeug.test import Client

from server import create_server
from services import runtime
from settings import Settings


@pytest.fixture
def make(tmp_path):
    made = []

    def make(**given: str):
        server = create_server(Settings.from_environment({"DATA_FOLDER": str(tmp_path), **given}))
        server.add_url_rule("/here", "here", here)
        made.append(server)
        # Not Flask's client, which puts the prefix in front by itself.
        return Client(server)

    yield make
    for server in made:
        with server.app_context():
            runtime.engine().dispose()


def here():
    session["seen"] = True
    return {
        "address": request.remote_addr,
        "url": url_for("here", _external=True),
        "logged": get_contextvars(),
    }


FORWARDED = {
    "X-Forwarded-For": "198.51.100.9, 203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "vibration.example",
    "X-Request-ID": "from-the-proxy",
}


def test_nobody_is_believed_without_a_proxy(make):
    caller = {"REMOTE_ADDR": "127.0.0.1"}
    answer = make().get("/here", headers=FORWARDED, environ_base=caller)
    assert answer.json["address"] == "127.0.0.1"
    assert answer.json["url"] == "http://localhost/here"
    assert answer.headers["X-Request-ID"] != "from-the-proxy"


def test_one_proxy_is_believed_and_not_what_it_was_told(make):
    answer = make(TRUSTED_PROXY_COUNT="1").get("/here", headers=FORWARDED)
    assert answer.json["address"] == "203.0.113.7"
    assert answer.json["url"] == "https://vibration.example/here"
    assert answer.headers["X-Request-ID"] == "from-the-proxy"


@pytest.mark.parametrize("given", ["", "short", "with space in it", "a" * 65, "é" * 10])
def test_odd_request_id_is_replaced(make, given):
    headers = {"X-Request-ID": given.encode("utf-8").decode("latin-1")}
    answer = make(TRUSTED_PROXY_COUNT="1").get("/here", headers=headers)
    assert len(answer.headers["X-Request-ID"]) == 32


def test_request_id_stands_in_the_log(make):
    answer = make().get("/here")
    assert answer.json["logged"] == {"request_id": answer.headers["X-Request-ID"]}


def test_prefix_is_in_links_and_cookies(make):
    client = make(URL_PREFIX="tool")
    answer = client.get("/tool/here")
    assert answer.json["url"] == "http://localhost/tool/here"
    assert "Path=/tool" in answer.headers["Set-Cookie"]
    assert client.get("/here").status_code == 404
    assert client.get("/").headers["Location"] == "/tool/"


def test_secure_cookies(make):
    assert "Secure" in make(SECURE_COOKIES="1").get("/here").headers["Set-Cookie"]
