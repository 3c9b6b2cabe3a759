from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from models import Event
from services.audit_service import AuditService, EventFilter
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def happened(admin):
    """Five events, an hour apart; the first user is Änna."""
    with unit_of_work() as session:
        anna = factories.user(session, name="änna", shown_name="Anna Berg").id
        rows = [
            ("user.added", "cli", f"user:{anna}", {"role": "analyst"}),
            ("security.two_factor_enabled", f"user:{anna}", f"user:{anna}", {}),
            ("dataset.made", f"user:{anna}", "dataset:7", {"name": "=HYPERLINK(1)"}),
            ("user_.odd", "worker", "dataset:70", {}),
            ("user.disabled", "cli", "+user:100%", {"why": "@SUM(1)"}),
        ]
        for hour, (kind, who, thing, payload) in enumerate(rows):
            at = START + timedelta(hours=hour)
            session.add(Event(type=kind, actor=who, object=thing, payload=payload, created_at=at))
    return anna


def types(**wanted) -> list[str]:
    asked = EventFilter(**wanted)
    found = [event["type"] for event in AuditService.list_events(asked)]
    assert AuditService.count_events(asked) == len(found)
    return found


def test_newest_come_first_with_the_names_of_people(happened):
    first, *_, last = AuditService.list_events(EventFilter())
    assert (first["type"], first["object_name"]) == ("user.disabled", None)
    assert (last["type"], last["object"], last["object_name"]) == (
        "user.added",
        f"user:{happened}",
        "änna",
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"type": "user.added"}, ["user.added"]),
        ({"type": "user."}, ["user.disabled", "user.added"]),
        ({"type": "user"}, []),
        ({"actor": "CLI"}, ["user.disabled", "user.added"]),
        ({"actor": "ÄNN"}, ["dataset.made", "security.two_factor_enabled"]),
        ({"actor": "anna b"}, ["dataset.made", "security.two_factor_enabled"]),
        ({"object": "änna"}, ["security.two_factor_enabled", "user.added"]),
        ({"object": "dataset:7"}, ["user_.odd", "dataset.made"]),
        ({"object": "100%"}, ["user.disabled"]),
        ({"object": "%"}, ["user.disabled"]),
        ({"object": "100\0%", "type": "user\0."}, ["user.disabled"]),
        ({"since": START + timedelta(hours=4)}, ["user.disabled"]),
        ({"until": START + timedelta(hours=1)}, ["user.added"]),
        ({"since": START, "until": START}, []),
        ({"type": "user.", "actor": "cli", "object": "änna"}, ["user.added"]),
    ],
)
def test_filters(happened, wanted, found):
    assert types(**wanted) == found


def test_types_that_there_are(happened):
    assert AuditService.list_types() == [
        *("dataset.made", "security.two_factor_enabled"),
        *("user.added", "user.disabled", "user_.odd"),
    ]


def test_pages_join_without_a_gap(happened):
    parts = [AuditService.list_events(EventFilter(), 2, first) for first in (0, 2, 4)]
    ids = [event["id"] for part in parts for event in part]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 5


def test_export_has_no_formula_and_all_rows(happened, monkeypatch):
    monkeypatch.setattr("services.audit_service.PIECE", 2)
    text = "".join(AuditService.export_events(EventFilter()))
    head, *rows = csv.reader(io.StringIO(text))
    assert head[:3] == ["id", "created_at", "type"]
    assert len(rows) == 5
    cells = [cell for row in rows for cell in row]
    assert "'+user:100%" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
