from __future__ import annotations

import math

import numpy as np
import pytest

from services.streaming.ids import SHAPE, alert_id, new_id
from services.streaming.judging import Entry
from services.streaming.points import InvalidPoint, read_point, read_points


def test_points_travel_as_they_were():
    given = [
        {"data": {"a": 1, "b": 2.5}, "timestamp": "2026-01-01T00:00:00+00:00"},
        {"data": {"b": None, "c": -1e99}},
    ]
    points = read_points(given)
    fields = {b"s": b"S", b"f": b"7", b"n": b"2", b"a": b"6", b"r": b"", b"p": points.packed()}
    entry = Entry.read(b"1700000000000-0", fields)
    assert entry.names == ("a", "b", "c")
    np.testing.assert_array_equal(entry.values, [[1.0, 2.5, math.nan], [math.nan, math.nan, -1e99]])
    assert entry.times_ms == [1767225600000.0, 1700000000000.0]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], "data_points"),
        ("x", "data_points"),
        ([{"data": {"a": 1.0}}] * 1001, "data_points"),
        ([{"data": {}}], "data_points.0"),
        ([{"data": {"a\0": 1.0}}], "data_points"),
        ([7], "data_points.0"),
        ([{"data": {"a": 1.0}}, {"data": {"a": "1"}}], "data_points.1.data.a"),
        ([{"data": {"a": True}}], "data_points.0.data.a"),
        ([{"data": {"a": [1]}}], "data_points.0.data.a"),
        ([{"data": {"a": None}}], "data_points.0.data"),
        ([{"data": {"a": 1.0}, "time": "x"}], "data_points.0.time"),
        ([{"data": {"a": 1.0}, "timestamp": "yesterday"}], "data_points.0.timestamp"),
        ([{"data": {"a": 1.0}, "timestamp": "2026-01-01T00:00:00"}], "data_points.0.timestamp"),
        ([{"data": {"a": 1.0}, "timestamp": 5}], "data_points.0.timestamp"),
        ([{"data": {"a" * 201: 1.0}}], "data_points"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_field(given, field):
    with pytest.raises(InvalidPoint) as refused:
        read_points(given)
    assert refused.value.details["errors"][0]["field"] == field


def test_numbers_that_no_column_holds_count_as_missing():
    points = read_points([{"data": {"a": 10**400, "b": 1.0, "c": float("inf")}}])
    assert math.isnan(points.values[0])
    assert points.values[1] == 1.0


def test_ids_are_ulids_that_follow_from_the_point():
    assert SHAPE.fullmatch(new_id())
    assert alert_id("S", 5, 1000) == alert_id("S", 5, 1000) != alert_id("S", 6, 1000)
    assert SHAPE.fullmatch(alert_id("S", 5, 1_700_000_000_000))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (7, "data"),
        ({"data": []}, "data"),
        ({"data": {"a": "1"}}, "data.a"),
        ({"data": {"a": None}}, "data"),
        ({"data": {"a" * 201: 1.0}}, "data"),
        ({"data": {"a": 1.0}, "time": "x"}, "time"),
        ({"data": {"a": 1.0}, "timestamp": 5}, "timestamp"),
    ],
)
def test_the_only_point_names_its_fields_as_they_were_sent(given, field):
    with pytest.raises(InvalidPoint) as refused:
        read_point(given)
    assert refused.value.field == field
