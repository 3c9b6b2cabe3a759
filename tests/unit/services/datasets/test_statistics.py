from __future__ import annotations

import pytest

from models import Machine
from services.dataset_service import DatasetService
from services.errors import Invalid
from services.runtime import unit_of_work
from tests.unit.services.test_dataset_service import stored

pytestmark = pytest.mark.database


@pytest.fixture
def dataset_id(analyst):
    made = DatasetService.create("pumps")
    samples = [
        stored("a", load="0 hp", attributes={"size": 7.0}),
        stored("b", 60.0, load="1 hp", attributes={"size": 14.0}),
        stored("c", 70.0, label="inner", load="1 hp"),
        stored("d", 80.0, label=None, load=None, bearing=None, machine=None),
    ]
    DatasetService.add_recordings(made, samples, "import")
    return made


def crossing(dataset_id, rows, columns, version=None):
    found = DatasetService.get_crossing(dataset_id, rows, columns, version)
    return found["row_values"], found["column_values"], found["counts"]


def test_two_fields_against_each_other(dataset_id):
    assert crossing(dataset_id, "label", "load") == (
        ["ball", "inner", "–"],
        ["0 hp", "1 hp", "–"],
        [[1, 1, 0], [0, 1, 0], [0, 0, 1]],
    )
    # Sizes are numbers and stand in their order; what has none comes last.
    assert crossing(dataset_id, "size", "machine") == (
        ["7", "14", "–"],
        ["rig", "–"],
        [[1, 0], [1, 0], [1, 1]],
    )


def test_counts_follow_the_versions(dataset_id):
    DatasetService.relabel(dataset_id, {1: "inner"}, "")
    DatasetService.remove_recordings(dataset_id, [4], "")
    DatasetService.add_recordings(dataset_id, [stored("e", 90.0, label="outer", load="2 hp")], "")
    assert crossing(dataset_id, "label", "load") == (
        ["ball", "inner", "outer"],
        ["0 hp", "1 hp", "2 hp"],
        [[0, 1, 0], [1, 1, 0], [0, 0, 1]],
    )
    assert crossing(dataset_id, "label", "load", 1)[2] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    found = DatasetService.get_dataset_statistics(dataset_id)
    assert (found["num_signals"], found["duration_s"]) == (4, pytest.approx(4.0))


def test_a_machine_may_be_renamed(dataset_id):
    with unit_of_work() as session:
        session.query(Machine).filter_by(name="rig").one().name = "test rig"
    groups = DatasetService.get_dataset_statistics(dataset_id)["groups"]
    assert groups["machine"] == {"test rig": 3}
    assert crossing(dataset_id, "label", "machine")[1] == ["test rig", "–"]


@pytest.mark.parametrize(("rows", "columns"), [("label", "colour"), ("label", "label")])
def test_what_cannot_be_counted(dataset_id, rows, columns):
    with pytest.raises(Invalid):
        DatasetService.get_crossing(dataset_id, rows, columns)


def test_numbers_within_texts_stand_in_their_order(analyst):
    made = DatasetService.create("loads")
    loads = ("100 %", "30 %", "65.5 %", "full")
    samples = [stored(load, 50.0 + n, load=load) for n, load in enumerate(loads)]
    DatasetService.add_recordings(made, samples, "import")
    assert crossing(made, "label", "load")[1] == ["30 %", "65.5 %", "100 %", "full"]


def test_warnings_are_grouped(analyst):
    made = DatasetService.create("warned")
    texts = ["2 samples are at the limit.", "5 samples are at the limit.", "x"]
    codes = ["clipped", "clipped", "note"]
    samples = [
        stored(f"r{n}", 50.0 + n, warnings=[{"code": code, "message": text, "channel": None}])
        for n, (code, text) in enumerate(zip(codes, texts, strict=True))
    ]
    DatasetService.add_recordings(made, samples, "import")
    assert DatasetService.list_warnings(made) == [
        {"code": "clipped", "count": 2, "messages": {texts[0]: 1, texts[1]: 1}},
        {"code": "note", "count": 1, "messages": {"x": 1}},
    ]


def test_a_data_set_in_which_nothing_is_labelled(analyst):
    made = DatasetService.create("unlabelled")
    samples = [stored("a", label=None, load=None), stored("b", 60.0, label=None, load=None)]
    DatasetService.add_recordings(made, samples, "import")
    found = DatasetService.get_dataset_statistics(made)
    assert (found["classes"], found["unlabelled"]) == ({}, 2)
    assert crossing(made, "label", "machine") == (["–"], ["rig"], [[2]])


def test_a_class_may_be_called_as_those_without_one(analyst):
    made = DatasetService.create("odd names")
    labels = {"a": "no label", "b": None, "c": None}
    samples = [
        stored(name, 50.0 + n, label=label) for n, (name, label) in enumerate(labels.items())
    ]
    DatasetService.add_recordings(made, samples, "import")
    found = DatasetService.get_dataset_statistics(made)
    assert (found["classes"], found["unlabelled"]) == ({"no label": 1}, 2)
    assert crossing(made, "label", "machine") == (["no label", "–"], ["rig"], [[1], [2]])
