"""A finished training goes on as if it had not ended, or says from where it begins anew."""

from __future__ import annotations

import pytest

from diagnostics.progress import silent
from models import Experiment, Job, JobStatus
from services import actor
from services.continuing_service import ContinuedTrainingService
from services.errors import Conflict, Invalid, NotFound
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.experiments.runs import ExperimentRunService
from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING

pytestmark = pytest.mark.usefixtures("analyst")
# Constant, so that four epochs are the same as two and two.
STEADY = {**SMALL_TRAINING, "schedule": "none", "learning_rate": 1e-3}


@pytest.fixture
def version_id(analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


def trained(version_id, **changes):
    from tasks.training import train_experiment

    made = ExperimentService.create_experiment("a try", version_id, {**STEADY, **changes})
    train_experiment(silent, made["id"])
    end(made["id"])
    return made["id"]


def end(experiment_id):
    with unit_of_work() as session:
        job_id = session.get_one(Experiment, experiment_id).job_id
        session.get_one(Job, job_id).status = JobStatus.DONE


def go_on(experiment_id, epochs, rate=None):
    from tasks.training import train_experiment

    made = ContinuedTrainingService.continue_experiment(experiment_id, epochs, rate)
    told = []
    train_experiment(lambda progress: told.append(progress.log), made["id"])
    return ExperimentService.get_experiment(made["id"]), " ".join(told)


def curve(experiment_id):
    return [
        (e["epoch"], e["train_loss"], e["validation_loss"])
        for e in ExperimentService.list_epochs(experiment_id)
    ]


def test_two_and_two_epochs_are_four(version_id):
    whole, half = trained(version_id, epochs=4), trained(version_id)
    done, told = go_on(half, 2, 1e-3)
    assert curve(done["id"]) == curve(whole)
    assert done["summary"] == ExperimentService.get_experiment(whole)["summary"]
    assert "Goes on after epoch 2, with weights and optimiser" in told
    assert done["name"] == "a try, to epoch 4"
    assert done["config"]["epochs"] == 4
    assert done["split"] == ExperimentService.get_experiment(half)["split"]
    assert len(curve(half)) == 2  # which keeps its own result
    source = ContinuedTrainingService.find_source(done["id"])
    assert source == {"experiment_id": half, "name": "a try", "epochs": 2}


def test_without_the_state_it_goes_on_from_the_kept_weights(version_id):
    half = trained(version_id)
    ExperimentRunService.plan(half).checkpoint.unlink()
    assert ContinuedTrainingService.find_offer(half)["with_state"] is False
    done, told = go_on(half, 1)
    assert curve(done["id"])[:2] == curve(half)
    assert len(curve(done["id"])) == 3
    assert "with a new optimiser" in told
    assert ExperimentService.list_epochs(done["id"])[2]["learning_rate"] == pytest.approx(1e-4)


def test_what_is_offered(version_id):
    half = trained(version_id)
    assert ContinuedTrainingService.find_offer(half) == {
        "epochs": 2,
        "learning_rate": 1e-4,
        "with_state": True,
    }
    forest = trained(version_id, classifier="random_forest", parameters={"trees": 10})
    assert ContinuedTrainingService.find_offer(forest) is None
    with pytest.raises(Invalid, match="learns at once and has no epochs"):
        ContinuedTrainingService.continue_experiment(forest, 2)
    with pytest.raises(Invalid, match="1 epoch or more"):
        ContinuedTrainingService.continue_experiment(half, 0)
    waiting = ExperimentService.create_experiment("waits", version_id, STEADY)["id"]
    assert ContinuedTrainingService.find_offer(waiting) is None
    with pytest.raises(Conflict, match="Only a finished training"):
        ContinuedTrainingService.continue_experiment(waiting, 2)


def test_a_second_click_makes_no_second_one(version_id):
    half = trained(version_id)
    first, second = (ContinuedTrainingService.continue_experiment(half, 2) for _ in range(2))
    assert first["id"] == second["id"]
    assert ContinuedTrainingService.continue_experiment(half, 3)["id"] != first["id"]


def test_one_whose_source_is_gone_says_so(version_id):
    half = trained(version_id)
    made = ContinuedTrainingService.continue_experiment(half, 2)
    ExperimentCollectionService.delete_experiments([half])
    assert ContinuedTrainingService.find_source(made["id"])["name"] is None
    with pytest.raises(NotFound, match="is gone"):
        ContinuedTrainingService.find_start(made["id"])


def test_others_may_go_on_with_it_in_their_own_name(version_id):
    half = trained(version_id)
    with unit_of_work() as session:
        other = factories.actor_of(factories.user(session))
    with actor.acting_as(other):
        made = ContinuedTrainingService.continue_experiment(half, 1)
    assert made["owner_id"] == other.user_id
