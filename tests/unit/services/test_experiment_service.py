from __future__ import annotations

import pytest

from diagnostics.signals.signal import Unit
from models import Bearing, Event, Job, JobKind, JobStatus, Recording, RecordingChannel, Role
from services.actor import Actor, acting_as
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.experiment_service import ExperimentService
from services.experiments import data as experiment_data
from services.experiments.runs import ExperimentRunService
from services.experiments.views import STATE_OF, ExperimentState, experiment_state
from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING

pytestmark = pytest.mark.database

BY_LOAD = {
    **SMALL_TRAINING,
    "group_by": "load_hp",
    "split": {"by": "groups", "test": ["1"]},
}


@pytest.fixture
def version_id(analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


@pytest.fixture
def made(version_id, sent):
    return ExperimentService.create_experiment("first try", version_id, SMALL_TRAINING)


def test_a_version_says_what_it_offers(version_id):
    version = ExperimentService.describe_version(version_id)
    fields = {field["name"]: field for field in version["fields"]}
    assert list(fields) == ["label", "bearing", "machine", "recording", "load_hp", "size_mil"]
    assert fields["label"]["values"] == {"inner": 6, "outer": 6}
    assert fields["size_mil"]["values"] == {"7.5": 4, "8.5": 4, "9.5": 4}
    assert len(fields["bearing"]["values"]) == 6
    assert version["rates_hz"] == [2000.0]
    assert version["channels"] == ["drive end"]
    assert version["shortest_s"] == 2.048


def test_many_values_are_counted_and_not_listed(version_id, monkeypatch):
    monkeypatch.setattr(experiment_data, "MOST_VALUES", 5)
    version = ExperimentService.describe_version(version_id)
    fields = {field["name"]: field for field in version["fields"]}
    assert (fields["recording"]["different"], fields["recording"]["values"]) == (12, {})
    assert fields["size_mil"]["different"] == len(fields["size_mil"]["values"]) == 3


def test_bearings_of_two_machines_may_have_one_name(version_id):
    with unit_of_work() as session:
        other = factories.machine(session, name="other rig")
        first, second = session.query(Bearing).order_by(Bearing.id).limit(2)
        second.machine_id, second.name = other.id, first.name
        for recording in session.query(Recording).filter_by(bearing_id=second.id):
            recording.machine_id = other.id
    version = ExperimentService.describe_version(version_id)
    fields = {field["name"]: field for field in version["fields"]}
    assert fields["bearing"]["different"] == 6
    assert fields["machine"]["different"] == 2
    assert any(name.startswith("other rig · ") for name in fields["bearing"]["values"])


def test_an_unknown_version_is_not_found(analyst):
    with pytest.raises(NotFound):
        ExperimentService.describe_version(99)


def test_a_version_is_found_by_the_name_of_its_data_set(version_id):
    name = ExperimentService.describe_version(version_id)["dataset_name"]
    assert ExperimentService.find_version(name) == version_id
    assert ExperimentService.find_version(name, 1) == version_id
    with pytest.raises(NotFound, match="with a version 2"):
        ExperimentService.find_version(name, 2)


def test_a_name_goes_before_a_number(version_id):
    dataset_id = ExperimentService.describe_version(version_id)["dataset_id"]
    assert ExperimentService.find_version(str(dataset_id)) == version_id
    with unit_of_work() as session:
        other = factories.dataset(session, name=str(dataset_id))
        other_version = factories.version(session, {}, other.id).id
    assert ExperimentService.find_version(str(dataset_id)) == other_version


def test_the_preview_counts_every_class_group_and_side(version_id):
    preview = ExperimentService.preview_split(version_id, SMALL_TRAINING)
    assert sum(row["recordings"] for row in preview["rows"]) == 12
    # 4096 samples are 4 windows of 1024 side by side.
    assert all(row["windows"] == 4 * row["recordings"] for row in preview["rows"])
    sides = {row["group"]: row["side"] for row in preview["rows"]}
    assert sorted(sides.values()) == ["test"] * 2 + ["train"] * 2 + ["validation"] * 2
    assert preview["warnings"] == []
    assert preview["class_names"] == ["inner", "outer"]


def test_known_bearings_in_the_test_are_told(version_id):
    warnings = ExperimentService.preview_split(version_id, BY_LOAD)["warnings"]
    assert len(warnings) == 1
    assert "6 of the 6 bearings" in warnings[0]


def test_recordings_without_class_or_group_are_left_out_and_told(version_id):
    with unit_of_work() as session:
        first = session.query(Recording).order_by(Recording.id).first()
        first.bearing_id = None
    preview = ExperimentService.preview_split(version_id, SMALL_TRAINING)
    assert sum(row["recordings"] for row in preview["rows"]) == 11
    assert preview["warnings"] == ["1 recording has no bearing: left out."]


def test_levels_in_different_units_are_refused(version_id):
    with unit_of_work() as session:
        session.query(RecordingChannel).first().unit = Unit.VELOCITY
    ExperimentService.preview_split(version_id, SMALL_TRAINING)
    with pytest.raises(Invalid, match="measured in g and mm/s"):
        ExperimentService.preview_split(version_id, {**SMALL_TRAINING, "normalisation": "training"})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"window": 4097, "hop": 10}, "longer|as long as one window"),
        ({"target": "colour"}, "No recording of this data set has “colour”"),
        ({"group_by": "colour"}, "chosen as group"),
        ({"classes": ["inner", "cage"]}, "No recording has “cage” as label"),
        ({"channels": [1]}, "has 1 channel; channel 1 was chosen"),
        ({"sample_rate_hz": 4000}, "above that of some recordings"),
        ({"split": {"by": "groups", "test": ["nobody"]}}, "no bearing “nobody”"),
        ({"epochs": 0}, "number of epochs"),
        ({"colour": "red"}, "unknown entry"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(version_id, change, sentence):
    config = {**SMALL_TRAINING, **change}
    for ask in (
        lambda: ExperimentService.preview_split(version_id, config),
        lambda: ExperimentService.create_experiment("x", version_id, config),
    ):
        with pytest.raises(Invalid, match=sentence):
            ask()
    assert ExperimentService.count_experiments() == 0


def test_a_new_experiment_keeps_its_split_and_waits_for_a_worker(made, sent, analyst):
    assert made["state"] is ExperimentState.WAITING
    assert made["owner_id"] == analyst.user_id
    assert set(made["split"]["sides"].values()) == {"train", "validation", "test"}
    assert made["split"]["group_by"] == "bearing"
    assert made["config"]["epochs"] == 2
    assert made["config"]["learning_rate"] == 1e-3
    assert sent == [(JobKind.TRAIN_EXPERIMENT, made["job"]["id"])]
    assert made["job"]["subject"] == f"experiment:{made['id']}"


def test_what_becomes_known_later_does_not_move_a_recording(made):
    with unit_of_work() as session:
        for recording in session.query(Recording):
            recording.bearing_id = None
    plan = ExperimentRunService.plan(made["id"])
    kept = {c.recording_id: side.value for side, cs in plan.sides.items() for c in cs}
    assert {str(key): side for key, side in kept.items()} == made["split"]["sides"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_name_is_needed(version_id, name):
    with pytest.raises(Invalid, match="name"):
        ExperimentService.create_experiment(name, version_id, SMALL_TRAINING)


def test_lists_are_newest_first_and_counted(made, version_id):
    second = ExperimentService.create_experiment("second", version_id, BY_LOAD)
    rows = ExperimentService.list_experiments()
    assert [row["id"] for row in rows] == [second["id"], made["id"]]
    assert rows[0]["group_by"] == "load_hp"
    assert ExperimentService.list_experiments(limit=1, offset=1)[0]["id"] == made["id"]
    assert ExperimentService.count_experiments(version_id) == 2
    assert ExperimentService.count_experiments(version_id + 1) == 0


def test_renaming_is_for_the_owner(made, viewer):
    assert ExperimentService.rename_experiment(made["id"], " better ")["name"] == "better"
    stranger = Actor(12345, Role.ANALYST, frozenset(), "page")
    for other in (viewer, stranger):
        with acting_as(other), pytest.raises(Forbidden):
            ExperimentService.rename_experiment(made["id"], "mine")
    with unit_of_work(writing=False) as session:
        assert session.query(Event).filter_by(type="experiment.renamed").count() == 1


def test_viewers_read_and_change_nothing(made, version_id, viewer):
    with acting_as(viewer):
        assert ExperimentService.get_experiment(made["id"])["name"] == "first try"
        ExperimentService.preview_split(version_id, SMALL_TRAINING)
        for change in (
            ExperimentService.pause_experiment,
            ExperimentService.resume_experiment,
            ExperimentService.cancel_experiment,
        ):
            with pytest.raises(Forbidden):
                change(made["id"])
        with pytest.raises(Forbidden):
            ExperimentService.create_experiment("x", version_id, SMALL_TRAINING)


def test_cancel_and_take_up_again(made):
    cancelled = ExperimentService.cancel_experiment(made["id"])
    assert cancelled["state"] is ExperimentState.CANCELLED
    assert ExperimentService.resume_experiment(made["id"])["state"] is ExperimentState.WAITING
    with pytest.raises(Conflict):
        ExperimentService.resume_experiment(made["id"])


def test_pause_asks_a_running_job(made):
    with unit_of_work() as session:
        session.get(Job, made["job"]["id"]).status = JobStatus.RUNNING
    assert ExperimentService.pause_experiment(made["id"])["job"]["pause_requested"]
    with unit_of_work() as session:
        session.get(Job, made["job"]["id"]).status = JobStatus.DONE
    with pytest.raises(Conflict):
        ExperimentService.pause_experiment(made["id"])


def test_what_waits_rests_at_once(made):
    paused = ExperimentService.pause_experiment(made["id"])
    assert paused["state"] is ExperimentState.PAUSED
    assert not paused["job"]["pause_requested"]
    assert ExperimentService.resume_experiment(made["id"])["state"] is ExperimentState.WAITING


def test_every_state_of_a_job_is_a_state_of_an_experiment():
    assert set(STATE_OF) == set(JobStatus)
    assert {experiment_state(status) for status in JobStatus} == set(ExperimentState)


def test_a_document_is_a_training_with_name_and_data(analyst):
    document = {"name": "n", "dataset": "cwru", "version": 2, **SMALL_TRAINING}
    read = ExperimentService.read_document(document)
    assert read == {
        "name": "n",
        "dataset": "cwru",
        "version": 2,
        "seeds": [],
        "config": SMALL_TRAINING,
    }
    assert ExperimentService.read_document({"seeds": [3, 4]})["seeds"] == [3, 4]
    with pytest.raises(Invalid, match="list of whole numbers"):
        ExperimentService.read_document({"seeds": "3"})
    assert ExperimentService.read_document({"dataset": 7})["dataset"] == "7"


@pytest.mark.parametrize("document", [[], {"name": 3}, {"dataset": []}, {"version": "new"}])
def test_a_document_of_the_wrong_kind_is_refused(analyst, document):
    with pytest.raises(Invalid):
        ExperimentService.read_document(document)


def test_an_unknown_experiment_is_not_found(analyst):
    for ask in (ExperimentService.get_experiment, ExperimentService.list_epochs):
        with pytest.raises(NotFound):
            ask(99)


def test_long_numbers_stay_different_groups(version_id):
    with unit_of_work() as session:
        for number, recording in enumerate(session.query(Recording).order_by(Recording.id)):
            recording.attributes = {"serial": 20_231_101.0 + number // 2}
    config = {**SMALL_TRAINING, "group_by": "serial"}
    split = {"by": "groups", "test": [20_231_101], "validation": ["20231106"]}
    rows = ExperimentService.preview_split(version_id, {**config, "split": split})["rows"]
    groups = {row["group"]: row["side"] for row in rows}
    assert len(groups) == 6
    assert (groups["20231101"], groups["20231106"]) == ("test", "validation")


def test_a_class_that_has_a_rate_of_its_own_is_told(version_id):
    plain = ExperimentService.preview_split(version_id, SMALL_TRAINING)
    with unit_of_work() as session:
        for recording in session.query(Recording).filter(Recording.name.startswith("inner")):
            recording.sample_rate_hz = 4_000.0
    config = {**SMALL_TRAINING, "sample_rate_hz": 2_000.0}
    told = ExperimentService.preview_split(version_id, config)["warnings"]
    assert [w for w in told if w not in plain["warnings"]] == [
        "All recordings of class “inner” were taken at 4000 Hz, and those of the other classes at"
        " 2000 Hz: resampling leaves a trace by which the class can be told without any fault."
        " Part of the result may be that."
    ]


def test_a_name_can_be_shown(made):
    with pytest.raises(Invalid, match="cannot be shown"):
        ExperimentService.rename_experiment(made["id"], "first\ud800")
