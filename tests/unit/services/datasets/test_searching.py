from __future__ import annotations

import pytest

from models import Dataset, Recording
from services.datasets import searching, selection
from services.datasets.selection import Condition, RecordingFilter
from services.datasets.versions import Change, add_version
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database

NAME = "odd [x]*?-name"
VALUES = (
    *(14, 14.0, 14.000000000000001, 13.999999999999999, -14, 1400, 114),
    *(0.3, 0.30000000000000004, 0.29999999999999993, 10, 9.999999999999998, 0.001, 1000),
    *(True, False, 1, 0, 0.0, -0.0, 1e22, 1e-7, 123456789012345.6),
    *("14", "014", "14.0", "+14", "1e3", "true", "mild", "Mild", "milder", "grüß"),
    *('a"b', "a*b", "a]b^-?[c", "^", "]", "", None),
)
ASKED = (
    *("14", "14.0", "14.00", "014", "+14", "-14", "1e3", "1000", "1_000", "0.3", "10", "1.001"),
    *("0.30000000000000004", "0.001", "1", "0", "true", "True", "False", "1e+22", "1e-07", "7"),
    *("123456789012346", "mild", "Mild", "MILD", "grüß", 'a"b', "a*b", "a]b^-?[c", "^", "]", "-"),
    *("[1]", "nan", "inf", "1e400"),
)


def found(dataset_id, **given):
    chosen = RecordingFilter(**given)
    rows, total = RecordingService.page_of_recordings(dataset_id, limit=2, chosen=chosen)
    every = RecordingService.list_recordings(dataset_id, limit=500, chosen=chosen)
    assert rows == every[:2]
    assert total == len(every) == RecordingService.count_recordings(dataset_id, None, chosen)
    return [row["name"] for row in every]


@pytest.fixture
def odd(analyst):
    with unit_of_work() as session:
        dataset = factories.dataset(session, owner_id=analyst.user_id)
        rows = [
            factories.recording(
                session, dataset_id=dataset.id, name=f"{place:02d}", attributes={NAME: value}
            )
            for place, value in enumerate(VALUES)
        ]
        factories.version(session, {row.id: None for row in rows}, dataset.id)
        return dataset.id


def test_the_pattern_leaves_out_nothing_that_is_equal(odd, monkeypatch):
    def equal():
        return {
            text: found(odd, conditions=(Condition(f"attribute.{NAME}", "equals", text),))
            for text in ASKED
        }

    with_pattern = equal()
    monkeypatch.setattr(selection, "looks_like", lambda *_: None)
    assert equal() == with_pattern
    known = {text: [VALUES[int(name)] for name in names] for text, names in with_pattern.items()}
    assert {"mild", True, -14, 0.001} <= {x for one in known.values() for x in one}
    assert known["mild"] == ["mild"]
    assert True in known["True"]


def test_numbers_are_equal_in_fifteen_digits(odd):
    names = found(odd, conditions=(Condition(f"attribute.{NAME}", "equals", "14"),))
    assert [VALUES[int(name)] for name in names] == [
        *(14, 14.0, 14.000000000000001, 13.999999999999999, "14", "14.0")
    ]


@pytest.fixture
def placed(analyst):
    """A version with a kept tally; names of machines, bearings, labels and loads overlap."""
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        first = factories.machine(session, name="Pump north", **owner)
        second = factories.machine(session, name="fan", **owner)
        at_first = factories.bearing(session, name="drive end", machine_id=first.id)
        at_second = factories.bearing(session, name="north end", machine_id=second.id)
        dataset = factories.dataset(session, **owner)
        given = {
            "a": {"bearing_id": at_first.id, "load": "3 hp"},
            "b": {"bearing_id": at_second.id},
            "c": {"machine_id": first.id, "load": "half load"},
            # It was moved: what the recording says of its machine counts.
            "d": {"machine_id": second.id, "bearing_id": at_first.id},
            "loaded e": {},
            "f Ü": {},
        }
        labels = dict(zip(given, ("ball", "Outer", "ball", None, "ÜBER 9", "north"), strict=True))
        rows = [
            factories.recording(session, dataset_id=dataset.id, name=name, **owner, **known)
            for name, known in given.items()
        ]
        change = Change(added={row.id: labels[row.name] for row in rows})
        add_version(session, session.get_one(Dataset, dataset.id), change, "made for a test")
        return dataset.id


TEXTS = {
    "north": ["a", "b", "c", "f Ü"],
    "PUMP": ["a", "c"],
    "drive": ["a", "d"],
    "fan": ["b", "d"],
    "ball": ["a", "c"],
    "LOAD": ["c", "loaded e"],
    "über": ["loaded e"],
    "ü": ["f Ü", "loaded e"],
    "%": [],
    "9": ["loaded e"],
}


@pytest.mark.parametrize("longest", [searching.LONGEST_LIST, 1, 0])
def test_a_text_is_found_wherever_it_stands(placed, monkeypatch, longest):
    """Also where there is more to find than is looked up beforehand."""
    monkeypatch.setattr(searching, "LONGEST_LIST", longest)
    assert {text: found(placed, search=text) for text in TEXTS} == TEXTS


def test_a_field_that_is_not_counted_is_searched_row_by_row(placed, monkeypatch):
    with unit_of_work() as session:
        for row in session.query(Recording):
            row.load = "a load of its own"
    assert found(placed, search="of its own") == []
    monkeypatch.setattr(searching, "_matching", lambda *_: None)
    assert len(found(placed, search="of its own")) == 6


@pytest.mark.parametrize("sort", ["name", "bearing", "speed_rpm", "attribute.size", "channels"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_that_count_are_the_pages_of_the_list(placed, sort, descending):
    chosen = RecordingFilter(search="north")
    asked = (placed, None)
    for offset in (0, 1, 3, 4, 9):
        rows, total = RecordingService.page_of_recordings(
            *asked, 2, offset, chosen, sort, descending=descending
        )
        assert total == 4
        assert rows == RecordingService.list_recordings(
            *asked, 2, offset, chosen, sort, descending=descending
        )
