"""A worker that is killed in the middle of a training costs time, and nothing else."""

from __future__ import annotations

import os
import signal

import pytest

from models import Experiment, Job, JobStatus, Role
from services import runtime
from services.actor import Actor, acting_as
from services.experiment_service import ExperimentService
from services.experiments.views import ExperimentState
from services.job_service import JobService
from services.runtime import unit_of_work
from tests import factories
from tests.beside import beside
from tests.factories import SMALL_TRAINING
from tests.running import free_port, start, wait_for

EPOCHS = 100
STALE_AFTER_S = "20"


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    """A whole running site, and the services on its data in this process."""
    own = {"STALE_AFTER_S": STALE_AFTER_S}
    running = start(tmp_path_factory.mktemp("up") / "var", free_port(), **own)
    try:
        running.wait_until_ready()
        server = beside(running)
        with server.app_context():
            with unit_of_work() as session:
                owner_id = factories.user(session).id
            with acting_as(Actor(owner_id, Role.ANALYST, frozenset(), "page")):
                yield running
            runtime.engine().dispose()
    finally:
        running.stop()


def create(version_id, name, epochs=EPOCHS):
    config = {**SMALL_TRAINING, "epochs": epochs, "parameters": {"width": 32, "blocks": 3}}
    return ExperimentService.create_experiment(name, version_id, config)["id"]


def finished(experiment_id):
    found = ExperimentService.get_experiment(experiment_id)
    assert found["job"]["status"] is not JobStatus.FAILED, found["job"]["error"]
    return found["state"] is ExperimentState.FINISHED


def kept(experiment_id):
    with unit_of_work(writing=False) as session:
        row = session.get_one(Experiment, experiment_id)
        return row.predictions_key, row.report_key, row.summary, row.best_epoch


def numbers(experiment_id):
    clock = {"seconds": 0, "windows_per_s": 0}
    return [{**epoch, **clock} for epoch in ExperimentService.list_epochs(experiment_id)]


def test_a_killed_worker_goes_on_and_ends_with_the_numbers_of_an_undisturbed_run(up):
    with unit_of_work() as session:
        version_id = factories.trainable_version(session).id
    disturbed = create(version_id, "disturbed")
    wait_for(lambda: len(ExperimentService.list_epochs(disturbed)) > 5)
    worker = up.child("training")
    for process in (worker, *worker.children(recursive=True)):
        os.kill(process.pid, signal.SIGKILL)
    reached = len(ExperimentService.list_epochs(disturbed))
    assert reached < EPOCHS
    undisturbed = create(version_id, "undisturbed")
    wait_for(lambda: finished(disturbed) and finished(undisturbed), 180)
    assert numbers(disturbed) == numbers(undisturbed)
    assert kept(disturbed) == kept(undisturbed)
    job = ExperimentService.get_experiment(disturbed)["job"]
    assert job["attempt"] == 2
    told = [line["message"] for line in JobService.list_log(job["id"], 10_000)]
    assert any("Goes on from its checkpoint" in line for line in told)
    assert sum(line.startswith("Epoch") for line in told) == EPOCHS


def test_a_worker_that_is_asked_to_stop_gives_its_training_back_at_once(up):
    with unit_of_work() as session:
        version_id = factories.trainable_version(session).id
    made = create(version_id, "long", epochs=1_000)

    def job():
        with unit_of_work(writing=False) as session:
            experiment = session.get_one(Experiment, made)
            row = session.get_one(Job, experiment.job_id)
            return row.status, row.attempt, row.losses

    wait_for(lambda: len(ExperimentService.list_epochs(made)) > 1)
    up.child("training").send_signal(signal.SIGTERM)
    # One that is missed counts as a loss; this one was given back, however slow the machine is.
    wait_for(lambda: job() == (JobStatus.RUNNING, 2, 0))
    ExperimentService.cancel_experiment(made)
    wait_for(lambda: job()[0] is JobStatus.CANCELLED)
