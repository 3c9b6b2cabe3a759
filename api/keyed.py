"""Requests that show an API key instead of a session: who sent them, and what they may.

A key counts under ``/api/v1`` only. It stands in a header, never in an address, where every log
on the way would keep it. A request with a key is the key's, whatever cookies come with it; so it
needs no CSRF token, as no foreign page can make a browser send the header.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request

from api.errors import problem
from api.openapi import PREFIX, description_of
from services.actor import Actor
from services.api_keys import scopes, secrets
from services.api_keys.admission import Admission, admit
from services.api_keys.windows import Taken
from services.errors import Forbidden, RateLimited

HEADER = "X-API-Key"
# How people name the parameter that we refuse.
IN_ADDRESS = ("api_key", "apikey", "api-key", "x-api-key", "access_token")
# What counts points and not requests: see services/streaming/transport.py.
UNCOUNTED = ("api.streaming.push_point", "api.streaming.push_batch")
READING = ("GET", "HEAD", "OPTIONS")


def is_api() -> bool:
    return request.path.startswith(f"{PREFIX}/")


def refuse_in_address() -> Response | None:
    """400 when a key stands in the address."""
    if not request.query_string or not is_api():
        return None
    names = {name.lower() for name in request.args}
    if names.isdisjoint(IN_ADDRESS) and not secrets.ANYWHERE.search(request.full_path):
        return None
    return problem(
        400,
        "key_in_address",
        "An API key must not stand in an address, where logs keep it. Send it in the header "
        f"“Authorization: Bearer …” or “{HEADER}: …”, and revoke this one.",
    )


def shown() -> str | None:
    """The key that the request shows, right or wrong, or None if it shows none."""
    if not is_api():
        return None
    given = request.headers.get(HEADER)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if kind.lower() == "bearer" else None
    if given is not None and bearer is not None and given.strip() != bearer:
        return ""  # two keys are none: which one was meant?
    return bearer if bearer is not None else given if given is None else given.strip()


def is_keyed() -> bool:
    """Whether this request came by a key that is good."""
    return "admission" in g


def let_in(text: str) -> Actor | Response:
    """Who sent the request, or why it is refused."""
    try:
        counted = request.endpoint not in UNCOUNTED
        admission = admit(text, request.remote_addr, counted=counted)
    except RateLimited as error:
        return problem(429, error.code, error.message)
    if admission is None:
        return _unknown()
    g.admission = admission
    if not admission.taken.granted:
        return _too_many(admission.taken)
    key = admission.key
    return Actor(key.user_id, key.role, key.scopes, "key", key.user_name, key_id=key.id)


def check_scope() -> Response | None:
    """403 when the key may not use this route."""
    key = _admission().key
    if request.url_rule is None or request.endpoint in ("api.openapi", "api.unknown"):
        return None  # the description is for everybody, and what is unknown is not there
    try:
        scopes.require(scope_of(request.endpoint or "", request.method), key.scopes)
        if key.reads_only and not _reads(request.endpoint or "", request.method):
            raise Forbidden("This is a test key, which only reads. Use a live key for this.")
    except Forbidden as error:
        return problem(403, error.code, error.message)
    return None


def scope_of(endpoint: str, method: str) -> str | None:
    """The scope that a route needs for a verb."""
    blueprint = endpoint.removeprefix("api.").partition(".")[0]
    return scopes.needed(blueprint, reads=_reads(endpoint, method))


def tell_limit(response: Response) -> Response:
    """Say in every answer to a key how much of its limit is left."""
    if is_keyed():
        taken = _admission().taken
        response.headers["RateLimit-Limit"] = str(taken.limit)
        response.headers["RateLimit-Remaining"] = str(taken.remaining)
        response.headers["RateLimit-Reset"] = str(taken.reset_s)
    return response


def _reads(endpoint: str, method: str) -> bool:
    about = description_of(current_app.view_functions[endpoint])
    return method in READING or (about is not None and about.reads)


def _unknown() -> Response:
    answer = problem(
        401,
        "bad_key",
        "This API key is not good: it is mistyped, revoked, expired or of a disabled account.",
    )
    answer.headers["WWW-Authenticate"] = 'Bearer realm="Rotorscope", error="invalid_token"'
    return answer


def _too_many(taken: Taken) -> Response:
    answer = problem(
        429,
        RateLimited.code,
        f"This key may be used {taken.limit} times in an hour. Try again in {taken.reset_s} s.",
        limit=taken.limit,
        retry_after_s=taken.reset_s,
    )
    answer.headers["Retry-After"] = str(taken.reset_s)
    return answer


def _admission() -> Admission:
    found: Any = g.admission
    assert isinstance(found, Admission)
    return found
