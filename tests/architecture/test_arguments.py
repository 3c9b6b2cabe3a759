"""Numbers that anybody may pass: every public method takes or refuses them in a sentence.

Ids that no database holds, and parts of lists below 0 or beyond everything.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from services.actor import acting_as
from services.errors import ServiceError
from services.runtime import unit_of_work
from tests.architecture.doors import DOORS, World
from tests.architecture.test_authorisation import METHODS, Undo, people

__all__ = ["people"]

NUMBERS = (-1, 2**63)
PARTS = ("limit", "offset", "version", "older", "newer", "ttl")
# The gate tells whom it found in the database: no number comes from outside.
INNER = ("AuthenticationService.record_login_attempt",)


def numbered(method: str) -> list[str]:
    """The parameters that are numbers of rows or of objects, also in lists."""
    known = inspect.signature(METHODS[method]).parameters.values()
    numbers = [one.name for one in known if "int" in one.annotation]
    return [name for name in numbers if name in PARTS or name.endswith(("_id", "_ids"))]


CALLS = [
    (method, name) for method in sorted(set(METHODS) - set(INNER)) for name in numbered(method)
]


def test_the_numbers_are_seen():
    assert {
        ("JobService.list_jobs", "limit"),
        ("RecordingService.list_recordings", "offset"),
        ("RecordingService.get_recording", "recording_id"),
        ("DatasetService.remove_recordings", "recording_ids"),
    } <= set(CALLS)


@pytest.mark.parametrize("method", sorted({method for method, _name in CALLS}))
def test_no_number_breaks_it(people, method):
    with suppress(Undo), unit_of_work() as session, acting_as(people["owner"]):
        arguments = DOORS[method](World(session, people))
        for name, number in product(numbered(method), NUMBERS):
            answer = call(method, arguments, name, number)
            if name == "limit" and number < 0 and isinstance(answer, list):
                assert answer == []
        raise Undo


def call(method: str, arguments: tuple[Any, ...], name: str, number: int) -> Any:
    """The answer with one argument replaced, or None where it was refused; undone again."""
    answer = None
    signature = inspect.signature(METHODS[method])
    given = signature.bind(*arguments)
    kind = signature.parameters[name].annotation
    given.arguments[name] = [number] if kind.startswith("Sequence") else number
    with suppress(Undo, ServiceError), unit_of_work():
        answer = METHODS[method](*given.args, **given.kwargs)
        raise Undo
    return answer
