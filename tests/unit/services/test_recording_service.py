from __future__ import annotations

import csv
import io

import pytest

from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter, parse_conditions
from services.errors import Invalid, NotFound
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def dataset_id(analyst):
    """Version 1 has three recordings, version 2 has two of them with other labels."""
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        dataset = factories.dataset(session, **owner)
        bearing = factories.bearing(session, name="drive end")
        rows = [
            factories.recording(session, dataset_id=dataset.id, name=name, **owner, **given)
            for name, given in {
                "a": {"bearing_id": bearing.id, "load": "3 hp", "speed_rpm": 1797.0},
                "b": {"warnings": [{"code": "clipped", "message": "x", "channel": "y"}]},
                "c_100%": {"speed_rpm": 900.0},
            }.items()
        ]
        ids = [row.id for row in rows]
        factories.version(session, dict(zip(ids, ("ball", "inner", None), strict=True)), dataset.id)
        factories.version(session, {ids[0]: "outer", ids[1]: "inner"}, dataset.id, number=2)
        return dataset.id


def names(*args, **given):
    return [r["name"] for r in RecordingService.list_recordings(*args, **given)]


def test_lists_a_version_with_its_labels(dataset_id):
    assert names(dataset_id) == ["a", "b"]
    assert names(dataset_id, 1) == ["a", "b", "c_100%"]
    first = RecordingService.list_recordings(dataset_id, 1)[0]
    assert (first["label"], first["bearing"], first["duration_s"]) == ("ball", "drive end", 1.0)
    assert first["machine"]  # that of the bearing
    assert first["channels"] == [{"name": "drive end", "unit": "m/s²"}]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"search": "DRIVE"}, ["a"]),
        ({"search": "3 hp"}, ["a"]),
        ({"search": "inner"}, ["b"]),
        ({"search": "%"}, ["c_100%"]),
        ({"search": "_"}, ["c_100%"]),
        ({"label": "ball"}, ["a"]),
        ({"label": ""}, ["c_100%"]),
        ({"only_warned": True}, ["b"]),
    ],
)
def test_filters(dataset_id, chosen, found):
    asked = RecordingFilter(**chosen)
    assert names(dataset_id, 1, chosen=asked) == found
    assert RecordingService.count_recordings(dataset_id, 1, asked) == len(found)


@pytest.fixture
def kinds(analyst):
    """Recordings that differ in all that the list can be filtered and sorted by."""
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        dataset = factories.dataset(session, **owner)
        rig = factories.machine(session, name="Rig 100%", **owner)
        bearing = factories.bearing(session, name="drive end", machine_id=rig.id)
        warning = {"code": "no_speed", "message": "The speed is not there.", "channel": None}
        given = {
            "a": {
                "bearing_id": bearing.id,
                "speed_rpm": 900.0,
                "attributes": {"size": 7.0, "clock": "6", "good": True},
            },
            "b": {"machine_id": rig.id, "warnings": [warning], "attributes": {"size": 14}},
            "c": {"speed_rpm": 1797.0, "attributes": {"size": "large"}},
        }
        rows = [
            factories.recording(session, dataset_id=dataset.id, name=name, **owner, **known)
            for name, known in given.items()
        ]
        factories.version(session, {row.id: "ball" for row in rows}, dataset.id)
        return dataset.id


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("name:equals:a", "a"),
        ("name:starts:A", "a"),
        ("bearing:equals:drive end", "a"),
        ("bearing:contains:DRIVE", "a"),
        ("bearing:blank", "bc"),
        ("bearing:present", "a"),
        ("machine:contains:100%", "ab"),
        ("machine:contains:_", ""),
        ("machine:blank", "c"),
        ("load:blank", "abc"),
        ("speed_rpm:least:1000", "c"),
        ("speed_rpm:most:1000", "a"),
        ("speed_rpm:between:800:1800", "ac"),
        ("speed_rpm:blank", "b"),
        ("sample_rate_hz:equals:2000", "abc"),
        ("duration_s:least:2", ""),
        ("origin:equals:imported", "abc"),
        ("warning:equals:no_speed", "b"),
        ("warning:equals:clipped", ""),
        ("warning:contains:not there", "b"),
        ("warning:blank", "ac"),
        ("warnings:equals:1", "b"),
        ("attribute.size:equals:7", "a"),
        ("attribute.size:equals:14", "b"),
        ("attribute.size:equals:large", "c"),
        ("attribute.clock:equals:6", "a"),
        ("attribute.clock:blank", "bc"),
        ("attribute.unheard of:present", ""),
        ("attribute.size:least:7", "ab"),
        ("attribute.size:most:7.5", "a"),
        ("attribute.size:between:7:14", "ab"),
        ("attribute.good:least:0", ""),
        ("attribute.clock:most:9", ""),
        ("attribute.unheard of:most:9", ""),
    ],
)
def test_conditions_by_column(kinds, condition, found):
    asked = RecordingFilter(conditions=parse_conditions([condition]))
    assert "".join(names(kinds, chosen=asked)) == found
    assert RecordingService.count_recordings(kinds, None, asked) == len(found)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("speed_rpm", "acb"),
        ("bearing", "abc"),
        ("machine", "abc"),
        ("warning", "acb"),
        ("channels", "abc"),
        ("duration_s", "abc"),
        ("label", "abc"),
        ("attribute.size", "abc"),
    ],
)
def test_lists_are_sorted_by_every_column(kinds, sort, order):
    assert "".join(names(kinds, sort=sort)) == order


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label", "column:kind:value"),
        ("colour:equals:red", "cannot be filtered"),
        ("label:between:a:b", "is compared by"),
        ("speed_rpm:least:fast", "with a number"),
        ("speed_rpm:between:1:nan", "with a number"),
        ("attribute.:blank", "cannot be filtered"),
    ],
)
def test_conditions_that_make_no_sense(text, message):
    with pytest.raises(Invalid, match=message):
        parse_conditions([text])


def test_sorts_and_pages(dataset_id):
    assert names(dataset_id, 1, sort="name", descending=True) == ["c_100%", "b", "a"]
    assert names(dataset_id, 1, sort="speed_rpm", descending=True)[0] == "a"
    assert names(dataset_id, 1, limit=1, offset=1) == ["b"]
    # SQLite takes a negative limit for none, and PostgreSQL refuses it.
    assert names(dataset_id, 1, limit=-1) == []
    assert names(dataset_id, 1, limit=1, offset=-1) == ["a"]
    with pytest.raises(Invalid, match="sorted by name"):
        names(dataset_id, 1, sort="artefact_key")


def test_export_has_a_row_for_each_and_no_formulas(analyst):
    with unit_of_work() as session:
        dataset_id = factories.dataset(session, owner_id=analyst.user_id).id
        given = {"load": "=1+1", "attributes": {"load_hp": 3.0, "clock": "6", "=2+2": "x"}}
        ids = [
            factories.recording(session, dataset_id=dataset_id, name="a", **given).id,
            factories.recording(session, dataset_id=dataset_id, name="b").id,
        ]
        factories.version(session, dict.fromkeys(ids, "ball"), dataset_id)
    text = "".join(RecordingService.export_recordings(dataset_id))
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["name"], first["label"], first["load"]) == ("a", "ball", "'=1+1")
    assert (first["load_hp"], first["clock"], second["clock"]) == ("3.0", "6", "")
    assert first["channels"] == "drive end [m/s²]"
    assert first["'=2+2"] == "x"


def test_one_recording_has_its_newest_label(dataset_id):
    recording_id = RecordingService.list_recordings(dataset_id, 1)[0]["id"]
    assert RecordingService.get_recording(recording_id)["label"] == "outer"
    with pytest.raises(NotFound):
        RecordingService.get_recording(999)


def test_what_is_not_there(analyst, dataset_id):
    empty = DatasetService.create("empty")
    assert names(empty) == []
    for absent in ((999, None), (dataset_id, 9)):
        with pytest.raises(NotFound):
            RecordingService.count_recordings(*absent)


def test_page_knows_how_many_there_are(dataset_id):
    total = RecordingService.count_recordings(dataset_id, 1)
    for limit, offset in ((1, 0), (100, 0), (1, total - 1), (5, total), (5, total + 7)):
        rows, counted = RecordingService.page_of_recordings(dataset_id, 1, limit, offset)
        assert counted == total
        assert rows == RecordingService.list_recordings(dataset_id, 1, limit, offset)
