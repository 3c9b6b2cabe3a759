"""Every operation of the API, knocked at by everybody, about an object of somebody else's.

What is expected stands in ``docs/authorisation.md``; what is sent, in ``operations.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app import create_app
from models import Base, Role
from server import create_server
from services import runtime
from services.actor import Actor, acting_as
from services.api_key_service import APIKeyService
from services.api_keys import scopes, windows
from services.runtime import unit_of_work
from settings import Settings
from tests import factories
from tests.architecture.doors import World
from tests.architecture.test_authorisation import EXPECTED, HIDDEN, NO, TABLE, YES
from tests.conftest import sign_in
from tests.security import operations

RULES = dict(re.findall(r"^\| `([A-Z]+ /[^`]*)` \| ([a-z ]+) \|$", TABLE, re.MULTILINE))
REFUSALS = {401: "nobody", 403: NO, 404: HIDDEN}
# They are sent as POST for the size of what they ask, and change nothing.
WITHOUT_CHANGE = {
    "POST /architecture-searches/hash",
    "POST /architecture-searches/sample",
    "POST /datasets/generate/estimate",
    "POST /datasets/{dataset_id}/relabel/preview",
    "POST /ensembles/preview",
    "POST /experiments/preview",
    "POST /models/{name}/predict",
    "POST /repeated-experiments/preview",
    "POST /sources/{source_id}/test",
}
ROLES = {"viewer": Role.VIEWER, "foreign": Role.ANALYST, "owner": Role.ANALYST, "admin": Role.ADMIN}


@dataclass
class Site:
    server: Flask
    people: dict[str, Actor]
    clients: dict[str, Any]
    keys: dict[str, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One application for all; each operation gets objects of its own.

    They are made by a second one on the same database: a request that finds the context of its
    own application keeps in it who is signed in.
    """
    given = {"DATA_FOLDER": str(tmp_path_factory.mktemp("routes")), "SECRET_KEY": "for-tests"}
    settings = Settings.from_environment(given)
    server = create_app(settings).server
    runtime.send_with(server, lambda kind, job_id: None)
    with create_server(settings).app_context():
        Base.metadata.create_all(runtime.engine())
        with unit_of_work() as session:
            people = {
                name: factories.actor_of(factories.user(session, role=role))
                for name, role in ROLES.items()
            }
        clients = {name: server.test_client() for name in people}
        for name, client in clients.items():
            sign_in(client, people[name])
        yield Site(server, people, clients, _keys(people["owner"]))
        runtime.engine().dispose()
    with server.app_context():
        runtime.engine().dispose()


def _keys(owner: Actor) -> dict[str, str]:
    def make(environment: str, allowed: list[str]) -> str:
        given = {"environment": environment, "scopes": allowed, "rate_limit": 10_000}
        return APIKeyService.generate_key(owner.user_id, environment, **given)["key"]

    with acting_as(owner):
        return {"test": make("test", list(scopes.ALL)), "bare": make("live", ["audit:read"])}


@pytest.fixture(autouse=True)
def as_if_nobody_had_asked():
    windows.forget_local()


def operations_of(server: Flask) -> set[str]:
    """As the table writes them."""
    found = set()
    for rule in server.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint not in ("api.openapi", "api.unknown"):
            path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            found |= {f"{verb} {path}" for verb in rule.methods - {"HEAD", "OPTIONS"}}
    return found


def test_every_operation_stands_in_the_table(site):
    assert set(RULES) == operations_of(site.server)


def prepared(site: Site, operation: str) -> dict[str, Any]:
    with unit_of_work() as session, acting_as(site.people["owner"]):
        return operations.arguments(operation, World(session, site.people))


def knock(site: Site, who: str, given: dict[str, Any]) -> str:
    site.server.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = site.clients[who].open(**given)
    finally:
        site.server.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code < 500 or answer.status_code == 503
    answer.close()
    return REFUSALS.get(answer.status_code, YES)


@pytest.mark.parametrize("operation", sorted(RULES))
def test_rule(site, operation):
    expected = dict(EXPECTED[RULES[operation]])
    if operation in operations.NOTHING_YET:
        expected = {who: HIDDEN if one == YES else one for who, one in expected.items()}
    given = prepared(site, operation)
    found = {who: knock(site, who, given) for who in ("viewer", "foreign")}
    for who in ("owner", "admin"):  # they may change it: each meets it as it was
        found[who] = knock(site, who, prepared(site, operation))
    if expected["viewer"] != YES and found["viewer"] in (NO, HIDDEN):
        found["viewer"] = expected["viewer"]
    assert found == expected


@pytest.mark.parametrize("operation", sorted(RULES))
def test_nobody_and_who_has_not_the_means_are_refused(site, operation):
    given = prepared(site, operation)
    program = site.server.test_client()
    assert program.open(**given).status_code == 401
    bare = {"Authorization": f"Bearer {site.keys['bare']}"}
    headers = given.pop("headers", {})
    assert program.open(**given, headers={**headers, **bare}).status_code == 403
    if operation.startswith("GET "):
        return
    test_key = {"X-API-Key": site.keys["test"]}
    answer = program.open(**given, headers={**headers, **test_key})
    assert (answer.status_code == 403) == (operation not in WITHOUT_CHANGE)
    # A page of another site can send the cookie, and not the token.
    answer = site.clients["owner"].open(**given, headers=headers)
    assert answer.status_code == 400
    assert "token" in answer.json["detail"].lower()
