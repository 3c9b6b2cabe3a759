from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callbacks import audit
from models import Event
from services.errors import Forbidden
from services.profile_service import ProfileService
from services.runtime import unit_of_work
from tests import factories

FIRST = {"startRow": 0}
NONE = (None,) * 5


@pytest.fixture
def three(admin):
    with unit_of_work() as session:
        anna = factories.user(session, name="anna").id
        for hour in (21, 22, 23):
            at = datetime(2026, 7, 1, hour, tzinfo=UTC)
            given = {"payload": {"roles": ["admin", "viewer"], "before": None}, "created_at": at}
            session.add(Event(type="user.added", actor="cli", object=f"user:{anna}", **given))
    return anna


def test_first_block_tells_how_many_there_are(three):
    answer, told, href, shown = audit.give_rows(FIRST, *NONE)
    row = answer["rowData"][0]
    assert (answer["rowCount"], told) == (3, "3 found.")
    assert row["object"] == f"anna (user:{three})"
    assert row["details"] == "roles: admin, viewer; before: none"
    assert href.endswith("/api/v1/events.csv")
    assert shown == dict.fromkeys(audit.FILTERS, "")


def test_later_blocks_are_rows_only(three):
    answer, *rest = audit.give_rows({"startRow": 100}, *NONE)
    assert (answer["rowData"], rest) == ([], [audit.no_update] * 3)
    assert audit.give_rows(None, *NONE) == (audit.no_update,) * 4


def test_days_are_those_of_the_profile(three):
    asked = ("", "", "", "2026-07-02", "2026-07-02")
    assert audit.give_rows(FIRST, *asked)[0]["rowCount"] == 0
    ProfileService.save_profile("", "", "Europe/Berlin")  # two hours ahead in summer
    answer, _, href, _ = audit.give_rows(FIRST, *asked)
    assert answer["rowCount"] == 2
    assert "since=2026-07-02T00%3A00%3A00%2B02%3A00" in href


@pytest.mark.parametrize("day", ["2026-13-01", "soon", "0001-01-01", "9999-12-31", "2026"])
def test_day_that_is_none_filters_nothing(three, day):
    assert audit.give_rows(FIRST, "", "", "", day, day)[0]["rowCount"] == 3


def test_types_can_be_chosen_in_groups(three):
    assert [one["value"] for one in audit.list_types("")] == ["user.", "user.added"]


def test_analysts_are_refused(analyst):
    with pytest.raises(Forbidden):
        audit.give_rows(FIRST, *NONE)
    with pytest.raises(Forbidden):
        audit.list_types("")
