"""Every public method of every service, driven as viewer, another analyst, owner and admin.

What is expected stands in ``docs/authorisation.md``; how each is called, in ``doors.py``.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from models import Base, JobKind, Role
from server import create_server
from services import runtime
from services.actor import acting_as
from services.errors import Forbidden, NotFound, ServiceError
from services.runtime import unit_of_work
from settings import Settings
from tests import factories
from tests.architecture.doors import DOORS, World
from tests.architecture.test_actor import BEGINS_AN_ACTOR, doors_of, services

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "authorisation.md").read_text()
RULES = dict(re.findall(r"^\| `(\w+\.\w+)` \| ([a-z ]+) \|$", TABLE, re.MULTILINE))
YES, NO, HIDDEN = "yes", "no", "as if it did not exist"
CELL = rf"\| ({YES}|{NO}|{HIDDEN}) "
EXPECTED = {
    rule: dict(zip(("viewer", "foreign", "owner", "admin"), cells, strict=True))
    for rule, *cells in re.findall(rf"^\| ([a-z ]+) {CELL * 4}\|$", TABLE, re.MULTILINE)
}


class Undo(Exception):
    """Ends a unit of work without leaving a trace."""


METHODS = {
    f"{service.__name__}.{name}": method
    for service in services()
    for name, method in doors_of(service).items()
}


def test_table_and_doors_are_complete():
    assert set(RULES) == set(METHODS)
    assert set(DOORS) == set(METHODS)
    assert set(RULES.values()) <= set(EXPECTED)
    begins = {method.__qualname__ for method in BEGINS_AN_ACTOR}
    assert {name for name, rule in RULES.items() if rule == "nobody yet"} == begins


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """One application for all calls; each call is undone."""
    given = {"DATA_FOLDER": str(tmp_path_factory.mktemp("doors")), "SECRET_KEY": "for-tests"}
    server = create_server(Settings.from_environment(given))
    jobs: list[tuple[JobKind, int]] = []
    runtime.send_with(server, lambda kind, job_id: jobs.append((kind, job_id)))
    roles = {"viewer": Role.VIEWER, "foreign": Role.ANALYST}
    roles |= {"owner": Role.ANALYST, "admin": Role.ADMIN}
    with server.app_context():
        Base.metadata.create_all(runtime.engine())
        with unit_of_work() as session:
            made = {
                name: factories.actor_of(factories.user(session, role=role))
                for name, role in roles.items()
            }
        yield made
        runtime.engine().dispose()


def outcomes(method: str, people) -> dict[str, str]:
    """What becomes of each person's call about the same things; every trace is taken away again."""
    found = {}
    with suppress(Undo), unit_of_work() as session:
        with acting_as(people["owner"]):
            arguments = DOORS[method](World(session, people))
        for who, actor in people.items():
            with suppress(Undo), unit_of_work(), acting_as(actor):
                found[who] = _outcome(method, arguments)
                raise Undo
        raise Undo
    return found


def _outcome(method: str, arguments: tuple[Any, ...]) -> str:
    try:
        METHODS[method](*arguments)
    except Forbidden:
        return NO
    except NotFound:
        return HIDDEN
    except ServiceError:
        return YES  # let in, and then something else was wrong
    return YES


@pytest.mark.parametrize("method", sorted(RULES))
def test_rule(people, method):
    rule, found = RULES[method], outcomes(method, people)
    if rule == "nobody yet" or method == "UserService.change_password":
        # They refuse a wrong password or an unknown link in the same words to all.
        assert len(set(found.values())) == 1
        return
    expected = dict(EXPECTED[rule])
    if expected["viewer"] != YES:
        assert found.pop("viewer") in (NO, HIDDEN)
    if rule not in ("personal", "self"):
        for who in [who for who in found if expected[who] == YES]:
            assert found.pop(who) != NO
    assert found == {who: expected[who] for who in found}
