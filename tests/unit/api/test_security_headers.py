"""What every answer says to browsers, whatever it is: pages, API, files, redirects, errors."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from app import create_app
from services import runtime
from settings import Settings
from tests.conftest import sign_in

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
BROKEN = "/api/v1/broken"


@pytest.fixture
def broken(web):
    """The application with a route and a page that break."""

    def fail():
        raise RuntimeError("as if a bug were here")

    web.add_url_rule(BROKEN, "broken", fail)
    web.add_url_rule("/broken", "broken_page", fail)
    return web


def missing(answer) -> list[str]:
    """What an answer leaves out or says otherwise."""
    wrong = [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
    policy = dict(
        part.strip().split(" ", 1)
        for part in answer.headers.get("Content-Security-Policy", "x x").split(";")
    )
    for name in ("object-src", "frame-ancestors"):
        if policy.get(name, policy.get("default-src")) != "'none'":
            wrong.append(name)
    scripts = policy.get("script-src", policy.get("default-src", ""))
    if "unsafe" in scripts or "*" in scripts or "http" in scripts:
        wrong.append(f"script-src {scripts}")
    return wrong


def paths(web) -> list[tuple[str, str]]:
    """One address for each route and method."""
    found = []
    for rule in web.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", "x", path)
        found += [(method, path) for method in sorted(rule.methods)]
    return found


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_route_has_them(broken, analyst, signed_in):
    client = broken.test_client()
    if signed_in:
        sign_in(client, analyst)
    walked = set()
    for method, path in paths(broken):
        if path in ("/sign-out", "/"):
            continue  # the first ends the session, the second is below
        with client.open(path, method=method) as answer:
            assert missing(answer) == [], (method, path)
            walked.add(answer.status_code)
    with client.get("/") as answer:
        assert missing(answer) == []
    expected = {200, 302, 401} if not signed_in else {200, 400, 403, 404, 500}
    assert expected <= walked


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/assets/nothing.css", 404),
        ("GET", "/assets/../server.py", 404),
        ("GET", "/assets/rotorscope.css", 200),
        ("GET", "/nothing", 200),  # Dash's page says that there is none
        ("GET", BROKEN, 500),
        ("GET", "/broken", 500),
        ("PUT", "/sign-in", 405),
        ("POST", "/sign-in", 400),  # without the token of a form
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 503),
        ("OPTIONS", "/api/v1/jobs", 200),
    ],
)
def test_errors_and_files_have_them_too(broken, analyst, method, path, status):
    client = broken.test_client()
    sign_in(client, analyst)
    with client.open(path, method=method, headers={"Accept": "text/html"}) as answer:
        assert answer.status_code == status
        assert missing(answer) == []


@pytest.mark.parametrize("path", ["/", "/elsewhere", "/rig/", "/rig/sign-in", "/rig/nothing"])
def test_site_under_a_prefix_has_them_also_outside_of_it(server, tmp_path, path):
    given = {"DATA_FOLDER": str(tmp_path), "URL_PREFIX": "/rig", "SECRET_KEY": "for-tests"}
    app = create_app(Settings.from_environment(given))
    answer = Client(app.server).get(path)
    assert missing(answer) == []
    with app.server.app_context():
        runtime.engine().dispose()


def test_what_somebody_was_shown_is_not_kept_by_browsers(client):
    for path in ("/", "/api/v1/jobs", "/_dash-layout", "/api/v1/openapi.json"):
        assert client.get(path).headers["Cache-Control"] == "no-store"
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    pulse = client.get("/api/v1/pulse")
    assert pulse.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": pulse.headers["ETag"]}
    assert client.get("/api/v1/pulse", headers=tag).status_code == 304


def test_files_whose_address_changes_with_them_are_kept_by_browsers(client):
    page = client.get("/").text
    files = re.findall(r'(?:src|href)="(/(?:assets|_dash-component-suites)/[^"]+)"', page)
    libraries = [one for one in files if one.startswith("/_dash")]
    assert min(len(libraries), len(files) - len(libraries)) > 5
    for path in files:
        with client.get(path) as answer:
            assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable", path
            assert "Cookie" not in answer.headers.get("Vary", ""), path
            assert "Set-Cookie" not in answer.headers, path
    for path in ("/assets/rotorscope.css", "/assets/nothing.css?m=1"):
        with client.get(path) as answer:
            assert "max-age" not in answer.headers.get("Cache-Control", "")
    with_session = client.get("/api/v1/pulse")
    assert "Cookie" in with_session.headers["Vary"]


def test_scripts_of_the_page_are_the_ones_that_the_policy_names(client):
    page = client.get("/")
    text = re.sub(r"<!--.*?-->", "", page.text, flags=re.DOTALL)
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", text, re.DOTALL)
    run = [script for script in inline if script.strip() and not script.lstrip().startswith("{")]
    named = re.findall(r"'sha256-([^']+)'", page.headers["Content-Security-Policy"])
    made = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in run]
    assert sorted(made) == sorted(named)


def cookies_of(client: FlaskClient, **environ) -> dict[str, str]:
    with client.get("/sign-in", **environ) as answer:
        found = answer.headers.getlist("Set-Cookie")
    return {text.split("=")[0]: text for text in found}


def test_cookie_of_the_session_is_for_no_script_and_no_other_site(web):
    kept = cookies_of(web.test_client())["session"]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    assert "Domain" not in kept
    web.config["SESSION_COOKIE_SECURE"] = True
    given = {"base_url": "https://site.example"}
    assert "Secure" in cookies_of(web.test_client(), **given)["session"]


@pytest.mark.parametrize(("by_settings", "secure"), [(False, False), (True, True)])
def test_token_against_forgery_is_strict_and_secure_where_cookies_are(
    client, web, by_settings, secure
):
    web.config["SESSION_COOKIE_SECURE"] = by_settings  # the test's session cookie is there already
    kept = [text for text in client.get("/").headers.getlist("Set-Cookie") if "_csrf" in text]
    assert "SameSite=Strict" in kept[0]
    assert ("Secure" in kept[0]) is secure


def test_secure_connections_are_asked_for_where_there_is_one(client):
    plain, secure = client.get("/sign-in"), client.get("/sign-in", base_url="https://localhost")
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
