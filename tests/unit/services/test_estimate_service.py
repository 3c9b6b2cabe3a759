"""What is expected of a training follows from what was measured, and says from what."""

from __future__ import annotations

import pytest

from models import Job, JobKind, JobStatus
from services.classifier_cost_service import ClassifierCostService
from services.estimate_service import TrainingEstimateService
from services.experiment_service import ExperimentService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from tests.trained import planned_experiment, tiny_version, trained_experiment

pytestmark = pytest.mark.usefixtures("analyst")
WORK = {"seen": 100, "train": 100, "validation": 40, "test": 60}


def config_of(experiment_id):
    return ExperimentService.get_experiment(experiment_id)["config"]


def test_nothing_is_known_at_first():
    made = planned_experiment()
    assert ExperimentService.get_experiment(made)["estimate"] is None
    assert TrainingEstimateService.estimate(config_of(made), 2, WORK) is None


def test_the_measured_cost_of_a_window_gives_time_and_least_memory():
    config = config_of(planned_experiment(epochs=2))
    names = ("classifier", "parameters", "window")
    question = {name: config[name] for name in names} | {"channels": 1, "classes": 2}
    job_id = ClassifierCostService.request_cost(question)
    cost = {"numbers": 1000, "operations": 1, "counted": "", "latency": {"median_ms": 2.0}}
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        assert job.kind is JobKind.MEASURE_CLASSIFIER
        job.status, job.result = JobStatus.DONE, {"cost": cost}
    found = TrainingEstimateService.estimate(config, 2, WORK)
    assert found["seconds"] == pytest.approx((2 * (300 + 40) + 60) * 0.002)
    assert found["bytes"] == 140 * 1024 * 4 + 20_000
    assert found["at_least"]
    assert "2 ms, three times that" in found["basis"]


def test_earlier_trainings_of_its_kind_say_more():
    version_id = tiny_version()
    first = trained_experiment(version_id)
    done = ExperimentService.get_experiment(first)
    assert done["peak_bytes"] >= 0
    made = ExperimentService.get_experiment(planned_experiment(version_id, name="again", epochs=4))
    estimate = made["estimate"]
    speeds = [epoch["windows_per_s"] for epoch in ExperimentService.list_epochs(first)]
    assert estimate["seconds"] == pytest.approx((4 * 12 + 4) / (sum(speeds) / 2))
    assert estimate["bytes"] == done["peak_bytes"]
    assert "an earlier training" in estimate["basis"]
    other = {**made["config"], "window": 2048, "hop": 2048}
    assert TrainingEstimateService.estimate(other, 2, WORK) is None


def test_plans_say_how_many_windows_are_seen():
    version_id = tiny_version()
    config = config_of(planned_experiment(version_id))
    preview = ExperimentService.preview_split(version_id, config)
    assert preview["work"] == {"seen": 12, "train": 12, "validation": 12, "test": 12}
    one_each = {**config, "draw": "one_each"}
    plan = RepeatedExperimentService.plan_runs(version_id, one_each, [0, 1])
    assert plan["folds"][0]["work"]["seen"] == 2
