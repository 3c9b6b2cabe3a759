from __future__ import annotations

import itertools

import pytest

from diagnostics.training.config import TrainingConfig
from models import Dataset, RecordingChannel
from services.datasets import tallies
from services.datasets.versions import Change, add_version
from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.experiments import alike, data
from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING

pytestmark = pytest.mark.database

# Bearing, load, attributes and more of each recording.
ROWS = [(0, "0 hp", {"size": 7, "serial": n, "good": True, "odd": "1"}, {}) for n in range(4)] + [
    (1, "1 hp", {"size": 7.0, "serial": "x", "good": False, "odd": True}, {}),
    (1, "0 hp", {"size": 14.5, "odd": 1}, {"sample_count": 9000}),
    (2, "1 hp", {"size": 14.5}, {"sample_count": 5000}),
    (2, "0 hp", {"size": 21, "none": None, "empty": ""}, {}),
    (3, "1 hp", {"size": 0.30000000000000004}, {}),
    (3, "1 hp", {"size": 0.3}, {}),
    (4, None, {}, {}),
    (None, "1 hp", {"size": 7}, {}),
]
LABELS = ("ball", "inner", "outer", "ball", "inner", "outer", "ball", "inner", "ball", "outer")


@pytest.fixture
def make(analyst):
    def made(rows=ROWS):
        with unit_of_work() as session:
            owner = {"owner_id": analyst.user_id}
            dataset = factories.dataset(session, **owner)
            rigs = [factories.machine(session, name=f"rig {n}", **owner) for n in range(2)]
            # Two machines call their bearings alike.
            bearings = [
                factories.bearing(session, name=f"b{n // 2}", machine_id=rigs[n % 2].id).id
                for n in range(5)
            ]
            labels = {}
            for (bearing, load, attributes, more), label in zip(
                rows, itertools.cycle((*LABELS, None, "inner")), strict=False
            ):
                given = {"sample_count": 8000, "load": load, "attributes": attributes, **more}
                given["bearing_id"] = None if bearing is None else bearings[bearing]
                recording = factories.recording(session, dataset_id=dataset.id, **owner, **given)
                labels[recording.id] = label
            found = session.get_one(Dataset, dataset.id)
            return add_version(session, found, Change(added=labels), "made for a test").id

    return made


@pytest.mark.parametrize("most", [200, 2])
def test_a_version_is_described_as_by_looking_at_each_recording(make, monkeypatch, most):
    monkeypatch.setattr(tallies, "MOST_VALUES", most)
    version_id = make()
    with unit_of_work(writing=False) as session:
        described = alike.describe(session, version_id)
        assert described == data.describe(session, version_id)
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["size"]["values"] == {"0.3": 2, "14.5": 2, "21": 1, "7": 6}
    assert fields["odd"]["values"] == {"1": 5, "True": 1}
    assert "rig 1 · b0" in fields["bearing"]["values"]


def test_channels_that_recordings_call_differently_are_all_named(make):
    version_id = make()
    with unit_of_work() as session:
        rows = session.query(RecordingChannel).order_by(RecordingChannel.recording_id.desc())
        for number, row in enumerate(rows):
            row.name = f"bearing {number // 3}"
    with unit_of_work(writing=False) as session:
        described = alike.describe(session, version_id)
        assert described == data.describe(session, version_id)
    names = described["channel_names"]
    assert names == [[f"bearing {number}" for number in (3, 2, 1, 0)]]


@pytest.mark.parametrize("most", [500, 3])
def test_long_lists_of_values_are_left_out(make, monkeypatch, most):
    monkeypatch.setattr(data, "MOST_VALUES", most)
    version_id = make()
    with unit_of_work(writing=False) as session:
        assert alike.describe(session, version_id) == data.describe(session, version_id)


CHOICES = [
    {},
    {"group_by": "load"},
    {"group_by": "machine"},
    {"group_by": "size"},
    {"group_by": "serial"},
    {"group_by": "recording"},
    {"target": "size", "group_by": "bearing"},
    {"target": "odd", "group_by": "load"},
    {"target": "good", "group_by": "load"},
    {"target": "bearing", "group_by": "load"},
    {"classes": ["ball", "inner"]},
    {"classes": ["ball", "cage"]},
    {"target": "colour"},
    {"group_by": "none"},
    {"channels": [1]},
    {"window": 8001, "hop": 100},
    {"normalisation": "training"},
    {"group_by": "load", "split": {"by": "groups", "test": ["1 hp"]}},
    {"group_by": "load", "split": {"by": "groups", "test": ["9 hp"]}},
]


def previews(version_id):
    found = []
    for choice, seed in itertools.product(CHOICES, (0, 1)):
        split = {"by": "fractions", "test": 0.3, "validation": 0.2, "seed": seed}
        try:
            config = {**SMALL_TRAINING, "split": split, **choice}
            found.append(ExperimentService.preview_split(version_id, config))
        except Invalid as error:
            found.append(error.message)
    return found


def test_a_split_is_the_same_as_that_of_single_recordings(make, monkeypatch):
    version_id = make()
    quick = previews(version_id)
    monkeypatch.setattr(alike, "members_alike", lambda *_: None)
    assert previews(version_id) == quick
    assert sum(isinstance(one, dict) for one in quick) > 10


def test_attributes_stand_in_for_what_is_not_known(make, monkeypatch):
    rows = [(None, None, {"load": f"{n % 3} kW", "bearing": f"x{n % 4}"}, {}) for n in range(9)]
    version_id = make(rows)
    with unit_of_work(writing=False) as session:
        described = alike.describe(session, version_id)
        assert described == data.describe(session, version_id)
    assert {"load", "bearing"} <= {field["name"] for field in described["fields"]}
    quick = previews(version_id)
    monkeypatch.setattr(alike, "members_alike", lambda *_: None)
    assert previews(version_id) == quick
    assert {row["group"] for row in quick[0]["rows"]} == {"x0", "x1", "x2", "x3"}


def test_the_same_samples_on_two_sides_are_refused(make, monkeypatch):
    rows = [(*row[:3], {**row[3], "content_hash": "same" * 16}) for row in ROWS]
    version_id = make(rows)
    quick = previews(version_id)
    assert "are the same samples" in quick[0]
    monkeypatch.setattr(alike, "members_alike", lambda *_: None)
    assert previews(version_id) == quick


def test_alike_recordings_are_taken_together(make):
    version_id = make()
    config = {**SMALL_TRAINING, "split": {"by": "fractions"}}
    with unit_of_work(writing=False) as session:
        checked = TrainingConfig.from_dict(config)
        members = alike.members_alike(session, version_id, checked)
    assert members is not None
    assert sum(member.count for member in members) == len(ROWS) > len(members)
