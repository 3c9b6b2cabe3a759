"""Served models asked about whole data sets."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from diagnostics.deployment.recordings import Judged, summarise
from diagnostics.signals.signal import Unit, single_channel
from models import Experiment, Job, JobStatus, ServedBatch
from services.actor import acting_as
from services.deployment import loaded
from services.deployment.batch_service import BatchPredictionService
from services.deployment.serving_service import ModelServingService
from services.deployment.trying_service import MOST_WINDOWS, TryRecordingService
from services.deployment_service import DeploymentService
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.runtime import unit_of_work
from tasks.registry import JOBS
from tasks.runner import run_job
from tests import exported, factories

LEVELS = {"high": 2.0, "low": -1.0, "learned": 3.0, "unlabelled": 1.5}


def tone(level: float, unit: Unit = Unit.ACCELERATION_G, count: int = 20):
    return single_channel(np.full(count, level), 100.0, unit, "drive end")


@pytest.fixture
def asked(analyst):
    """A model that tells samples above zero from those below, and a version to ask it about."""
    loaded._open.clear()
    with unit_of_work() as session:
        row = session.get_one(
            Experiment, factories.experiment(session, owner_id=analyst.user_id).id
        )
        data = factories.dataset(session, owner_id=analyst.user_id)
        given = {"dataset_id": data.id, "owner_id": analyst.user_id}
        made = {
            name: factories.recording(session, tone(level), name=name, **given).id
            for name, level in LEVELS.items()
        }
        made["pressed"] = factories.recording(session, tone(2.0, Unit.PRESSURE), **given).id
        made["short"] = factories.recording(session, tone(2.0, count=5), **given).id
        row.config = {**row.config, "channels": [0], "target": "label", "group_by": "recording"}
        row.split = {**row.split, "sides": {str(made["learned"]): "train"}}
        labels = dict.fromkeys(made.values(), "above") | {made["unlabelled"]: None}
        version = factories.version(session, labels, data.id)
        variant = exported.variant(session, row.id, analyst.user_id)
        found = variant, version.id, made
    ModelServingService.publish("pump", variant)
    ModelServingService.set_alias("pump", "production", 1)
    return found


def run(version_id: int) -> int:
    batch_id = BatchPredictionService.request_batch("pump", version_id)
    job_id = BatchPredictionService.get_batch(batch_id)["job_id"]
    with unit_of_work(writing=False) as session:
        kind = session.get_one(Job, job_id).kind
    run_job(job_id, JOBS[kind])
    return batch_id


def test_every_recording_is_named_or_has_its_reason(asked):
    _, version_id, made = asked
    batch_id = run(version_id)
    found = BatchPredictionService.get_batch(batch_id)
    assert (found["status"], found["fraction"], found["recordings"]) == ("done", 1.0, 6)
    rows = {row["recording_id"]: row for row in BatchPredictionService.list_rows(batch_id)}
    assert {name: rows[made[name]]["predicted"] for name in made} == {
        "high": "above",
        "low": "below",
        "learned": "above",
        "unlabelled": "above",
        "pressed": None,
        "short": None,
    }
    high = rows[made["high"]]
    # 20 samples are two windows of 8; the mean of a window is its level, and the gain is ten.
    assert (high["windows"], high["agreement"]) == (2, 1.0)
    assert high["shares"] == pytest.approx([1 / (1 + np.exp(-40.0)), 1 / (1 + np.exp(40.0))])
    assert rows[made["pressed"]]["error"] == "Channel 0 is in Pa; the model takes g."
    assert "as long as one window of 8 samples" in rows[made["short"]]["error"]
    assert rows[made["learned"]]["side"] == "train"


def test_one_recording_is_asked_about_at_once(asked, viewer):
    made = asked[2]
    with acting_as(viewer):
        found = TryRecordingService.ask_recording("pump", made["low"])
    assert found["answer"]["predicted"] == "below"
    assert (found["answer"]["windows"], found["whole"], found["side"]) == (2, True, None)
    assert (found["recording"], found["seconds"]) == ("low", 0.16)
    assert TryRecordingService.ask_recording("pump", made["learned"])["side"] == "train"
    with pytest.raises(Invalid, match=r"Channel 0 is in Pa; the model takes g\."):
        TryRecordingService.ask_recording("pump", made["pressed"])
    with pytest.raises(Invalid, match="as long as one window of 8 samples"):
        TryRecordingService.ask_recording("pump", made["short"])
    with pytest.raises(NotFound, match="no recording 999"):
        TryRecordingService.ask_recording("pump", 999)
    with pytest.raises(NotFound, match="no version"):
        TryRecordingService.ask_recording("pump", made["low"], "staging")


def test_of_a_long_recording_only_the_beginning_is_asked_about(asked):
    changed = np.full(8 * MOST_WINDOWS + 80, 2.0)
    changed[8 * MOST_WINDOWS :] = -9.0
    with unit_of_work() as session:
        signal = single_channel(changed, 100.0, Unit.ACCELERATION_G, "drive end")
        recording = factories.recording(session, signal).id
    found = TryRecordingService.ask_recording("pump", recording)
    assert (found["answer"]["windows"], found["whole"]) == (MOST_WINDOWS, False)
    assert found["answer"]["agreement"] == 1.0


def test_what_was_learned_from_is_not_scored(asked):
    summary = BatchPredictionService.get_batch(run(asked[1]))["summary"]
    assert summary["predicted"] == {"above": 3, "below": 1}
    assert (summary["refused"], summary["learned_from"]) == (2, 1)
    scored = summary["scored"]
    assert (scored["recordings"], scored["right"], scored["accuracy"]) == (2, 1, 0.5)
    assert scored["low"] is None
    assert "groups of each class" in scored["no_interval"]


def test_an_interval_is_given_with_enough_groups():
    rows = [
        Judged(label, f"{label}{n}", None, "a" if n else label) for label in "ab" for n in range(6)
    ]
    scored = summarise(rows, ("a", "b"))["scored"]
    assert scored["accuracy"] == pytest.approx(7 / 12)
    assert scored["low"] < 7 / 12 < scored["high"]


def test_rows_are_chosen_counted_and_exported(asked):
    _, version_id, made = asked
    batch_id = run(version_id)
    refused = BatchPredictionService.list_rows(batch_id, predicted="refused")
    assert {row["recording_id"] for row in refused} == {made["pressed"], made["short"]}
    assert BatchPredictionService.count_rows(batch_id, predicted="above") == 3
    assert len(BatchPredictionService.list_rows(batch_id, limit=2, offset=5)) == 1
    lines = list(csv.DictReader(io.StringIO(BatchPredictionService.export_rows(batch_id))))
    assert len(lines) == 6
    assert float(lines[0]["p(above)"]) == pytest.approx(1.0)
    assert lines[0]["recording"] == "high"


def test_the_version_stays_what_it_was_when_the_alias_moves(asked, analyst):
    _, version_id, _ = asked
    batch_id = BatchPredictionService.request_batch("pump", version_id)
    assert BatchPredictionService.request_batch("pump", version_id) == batch_id
    with unit_of_work() as session:
        experiment = session.get_one(ServedBatch, batch_id).variant_id
        variant = session.get_one(exported.ModelVariant, experiment)
        other = exported.variant(session, variant.experiment_id, analyst.user_id, gain=-10.0)
    ModelServingService.publish("pump", other)
    ModelServingService.set_alias("pump", "production", 2)
    BatchPredictionService.run_batch(batch_id)
    assert BatchPredictionService.get_batch(batch_id)["version"] == 1
    assert BatchPredictionService.count_rows(batch_id, predicted="above") == 3


def test_refusals(asked, viewer):
    _, version_id, _ = asked
    with pytest.raises(NotFound):
        BatchPredictionService.request_batch("fan", version_id)
    with pytest.raises(NotFound):
        BatchPredictionService.request_batch("pump", version_id, "staging")
    with pytest.raises(NotFound):
        BatchPredictionService.request_batch("pump", 999)
    with unit_of_work() as session:
        data = factories.dataset(session)
        empty = factories.version(session, {}, data.id).id
    with pytest.raises(Invalid, match="no recordings"):
        BatchPredictionService.request_batch("pump", empty)
    batch_id = BatchPredictionService.request_batch("pump", version_id)
    with pytest.raises(Conflict, match="not ended"):
        BatchPredictionService.export_rows(batch_id)
    with pytest.raises(Conflict, match="under way"):
        BatchPredictionService.delete_batch(batch_id)
    with acting_as(viewer), pytest.raises(Forbidden):
        BatchPredictionService.request_batch("pump", version_id)


def test_a_failed_job_is_told_and_the_batch_can_go(asked):
    variant, version_id, _ = asked
    batch_id = BatchPredictionService.request_batch("pump", version_id)
    ModelServingService.delete_model("pump")
    DeploymentService.delete_variant(variant)
    job_id = BatchPredictionService.get_batch(batch_id)["job_id"]
    with unit_of_work(writing=False) as session:
        kind = session.get_one(Job, job_id).kind
    run_job(job_id, JOBS[kind])
    found = BatchPredictionService.get_batch(batch_id)
    assert found["status"] == JobStatus.FAILED
    assert found["error"] == "The variant of this version is deleted."
    assert BatchPredictionService.list_rows(batch_id) == []
    BatchPredictionService.delete_batch(batch_id)
    assert BatchPredictionService.count_batches() == 0
