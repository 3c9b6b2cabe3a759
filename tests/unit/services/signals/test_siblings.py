from __future__ import annotations

from collections import namedtuple

import pytest

from services.signals.settings import Sorting
from services.signals.siblings import CLOCKS, Place, Sibling, Siblings, in_order, natural

Row = namedtuple("Row", [*Sibling._fields, "unit", *CLOCKS])


def rows(clock: str = "", values=(), names=("run 10", "run 9", "run 1")):
    empty = dict.fromkeys(Row._fields)
    return [
        Row(**{**empty, "recording_id": number, "name": name, **({clock: value} if clock else {})})
        for number, (name, value) in enumerate(zip(names, values or names, strict=True))
    ]


@pytest.mark.parametrize(
    ("clock", "values", "title", "places"),
    [
        ("elapsed_s", ("30", "10.0", "20"), "Elapsed time [s]", [10, 20, 30]),
        ("elapsed_s", ("600", "0", "60"), "Elapsed time [min]", [0, 1, 10]),
        ("elapsed_s", ("36000", "0", "7200"), "Elapsed time [h]", [0, 2, 10]),
        ("snapshot", ("7", "1", "3"), "Snapshot", [1, 3, 7]),
    ],
)
def test_recordings_follow_the_clock_that_all_of_them_have(clock, values, title, places):
    ordered, place = in_order(rows(clock, values), Sorting.TIME)
    assert [row.recording_id for row in ordered] == [1, 2, 0]
    assert place == Place(title, places, is_time=True)


def test_moments_are_times_of_day():
    values = ("2004-02-12 10:32:39", "2004-02-12T10:22:39", "2004-02-12 10:12:39+00:00")
    ordered, place = in_order(rows("taken_at", values), Sorting.TIME)
    assert [row.recording_id for row in ordered] == [2, 1, 0]
    assert place.values[0].isoformat() == "2004-02-12T10:12:39"


@pytest.mark.parametrize("middle", [None, "x", "nan", ""])
def test_without_a_time_of_each_they_follow_their_names(middle):
    ordered, place = in_order(rows("elapsed_s", ("1", middle, "3")), Sorting.TIME)
    assert [row.name for row in ordered] == ["run 1", "run 9", "run 10"]
    assert (place.title, place.values) == ("Recording, by name", [1, 2, 3])


def test_a_clock_that_stands_still_tells_nothing():
    _, place = in_order(rows("elapsed_s", ("5", "5", "5")), Sorting.TIME)
    assert not place.is_time


def test_by_name_when_it_is_wanted():
    ordered, _ = in_order(rows("snapshot", ("1", "2", "3")), Sorting.NAME)
    assert [row.name for row in ordered] == ["run 1", "run 9", "run 10"]


def test_some_of_many_are_evenly_spaced_with_both_ends():
    ordered, place = in_order(rows(names=tuple(f"{n}" for n in range(101))), Sorting.NAME)
    some = Siblings(ordered, place, "radial", "g", ["all"]).some(11)
    assert [row.name for row in some.rows] == [f"{n}" for n in range(0, 101, 10)]
    assert some.place.values == list(range(1, 102, 10))
    assert some.notes == ["all", "11 of 101 recordings, evenly spaced"]


def test_numbers_in_names_count_and_case_does_not():
    assert sorted(["B2", "a10", "a9", "7", "b1"], key=natural) == ["7", "a9", "a10", "b1", "B2"]
