"""The work of a training from the row to the result, and what an interruption leaves."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from diagnostics.progress import Progress
from models import Experiment
from services.actor import WORKER, acting_as
from services.errors import NotFound
from services.experiment_service import ExperimentService
from services.experiments.runs import ExperimentRunService
from services.experiments.views import ExperimentState
from services.jobs.job_runs import JobPaused
from services.notice_service import NoticeService
from services.runtime import artefacts, unit_of_work
from tasks import runner
from tasks.runner import run_job
from tasks.training import train_experiment
from tests import factories
from tests.factories import SMALL_TRAINING


@pytest.fixture
def version_id(analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


@pytest.fixture(autouse=True)
def every_report_counts(monkeypatch):
    monkeypatch.setattr(runner, "REPORT_EVERY_S", 0.0)


def create(version_id, **changes):
    config = {**SMALL_TRAINING, **changes}
    return ExperimentService.create_experiment("a try", version_id, config)


def row(experiment_id):
    with unit_of_work(writing=False) as session:
        found = session.get_one(Experiment, experiment_id)
        session.expunge(found)
        return found


def silent(_progress):
    pass


@pytest.mark.parametrize("classifier", ["cnn1d", "random_forest"])
def test_from_the_row_to_the_result(version_id, classifier):
    made = create(version_id, classifier=classifier, parameters={})
    run_job(made["job"]["id"], train_experiment)
    done = ExperimentService.get_experiment(made["id"])
    assert (done["state"], done["job"]["error"]) == (ExperimentState.FINISHED, None)
    assert done["summary"]["n"] == {"windows": 16, "recordings": 4, "groups": 2}
    assert 0 <= done["summary"]["recordings"]["accuracy"]["value"] <= 1
    assert done["has_report"]
    assert done["has_checkpoint"]
    assert done["wall_time_s"] > 0
    assert done["environment"]["torch"]
    epochs = ExperimentService.list_epochs(made["id"])
    assert [e["epoch"] for e in epochs] == ([1, 2] if classifier == "cnn1d" else [1])


def test_only_the_held_out_recordings_are_predicted(version_id):
    made = create(version_id)
    train_experiment(silent, made["id"])
    kept = row(made["id"])
    with np.load(io.BytesIO(artefacts().read(kept.predictions_key)), allow_pickle=False) as arrays:
        ids = set(arrays["recording_ids"].tolist())
        assert arrays["probabilities"].shape == (16, 2)
    assert ids == {int(i) for i, side in kept.split["sides"].items() if side == "test"}
    report = json.loads(artefacts().read(kept.report_key))
    assert report["counts"]["recordings"] == 4


def test_the_stored_classifier_can_be_used(version_id):
    from diagnostics.training.fitted import load_classifier

    made = create(version_id)
    train_experiment(silent, made["id"])
    fitted = load_classifier(artefacts().local_path(row(made["id"]).checkpoint_key))
    assert fitted.about.class_names == ("inner", "outer")
    assert fitted.about.sample_rate_hz == 2000.0


def numbers(experiment_id):
    epochs = ExperimentService.list_epochs(experiment_id)
    clock = {"seconds": 0, "windows_per_s": 0}
    return [{**epoch, **clock} for epoch in epochs], row(experiment_id).summary


def test_paused_and_resumed_it_ends_with_the_numbers_of_an_undisturbed_run(version_id):
    undisturbed = create(version_id, epochs=4)
    train_experiment(silent, undisturbed["id"])
    made = create(version_id, epochs=4)

    def pause_in_third_epoch(progress: Progress):
        if progress.message.startswith("epoch 3"):
            raise JobPaused

    with pytest.raises(JobPaused):
        train_experiment(pause_in_third_epoch, made["id"])
    assert len(ExperimentService.list_epochs(made["id"])) == 2
    told = []
    train_experiment(lambda progress: told.append(progress.log), made["id"])
    assert numbers(made["id"]) == numbers(undisturbed["id"])
    assert any("Goes on from its checkpoint" in line for line in told)
    assert sum(line.startswith("Epoch") for line in told) == 2


def test_a_pause_asked_on_the_page_makes_the_job_rest(version_id):
    made = create(version_id, epochs=50)

    def work(report, experiment_id):
        ExperimentService.pause_experiment(experiment_id)
        return train_experiment(report, experiment_id)

    run_job(made["job"]["id"], work)
    assert ExperimentService.get_experiment(made["id"])["state"] is ExperimentState.PAUSED
    ExperimentService.cancel_experiment(made["id"])
    assert ExperimentService.get_experiment(made["id"])["state"] is ExperimentState.CANCELLED


def test_what_goes_wrong_is_told_in_a_sentence(version_id):
    config = {"learning_rate": 10.0, "optimiser": "sgd", "gradient_clip": 0.0, "epochs": 300}
    made = create(version_id, **config, normalisation="training", weight_decay=1.0)
    run_job(made["job"]["id"], train_experiment)
    failed = ExperimentService.get_experiment(made["id"])
    assert failed["state"] is ExperimentState.FAILED
    assert "lower learning rate" in failed["job"]["error"]


def test_a_plateau_is_told_once(version_id):
    made = create(version_id, epochs=6, learning_rate=1e-8, plateau_epochs=2)
    told = []
    train_experiment(lambda progress: told.append(progress.log), made["id"])
    assert sum(line.startswith("No progress for 2 epochs") for line in told) == 1
    (notice,) = NoticeService.list_notices()
    assert (notice["type"], notice["link"]) == ("training.plateau", f"/experiments/{made['id']}")


def test_an_epoch_is_kept_once(version_id):
    from diagnostics.training.history import EpochRecord

    made = create(version_id)
    record = EpochRecord(1, 0.5, 0.5, None, None, 1e-3, 100.0, 1.0)
    assert ExperimentRunService.save_epoch(made["id"], record)
    assert not ExperimentRunService.save_epoch(made["id"], replace(record, train_loss=9.0))
    assert ExperimentService.list_epochs(made["id"])[0]["train_loss"] == 0.5


def test_an_experiment_that_is_gone_is_not_found(analyst):
    with acting_as(WORKER), pytest.raises(NotFound):
        ExperimentRunService.plan(99)


def test_a_worker_lost_after_the_outcome_was_kept_trains_nothing_again(version_id, monkeypatch):
    made = create(version_id)
    train_experiment(silent, made["id"])
    kept = row(made["id"])
    monkeypatch.setattr(ExperimentRunService, "plan", lambda _: pytest.fail("it begins anew"))
    run_job(made["job"]["id"], train_experiment)
    done = ExperimentService.get_experiment(made["id"])
    assert (done["state"], done["job"]["error"]) == (ExperimentState.FINISHED, None)
    assert done["job"]["result"] == {"experiment_id": made["id"], "summary": kept.summary}
    assert row(made["id"]).updated_at == kept.updated_at
