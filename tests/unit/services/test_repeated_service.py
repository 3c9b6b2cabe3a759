"""Several trainings are started, followed, stopped and counted as one."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from diagnostics.progress import silent
from models import Experiment, Job, JobStatus, RepeatedExperiment, RepeatedRun
from services import actor
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.jobs.job_runs import JobRunService
from services.notice_service import NoticeService
from services.repeated.pooled import RepeatedRunService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from services.search_service import SearchService
from tests import factories
from tests.trained import FOREST, tiny_version

pytestmark = pytest.mark.usefixtures("analyst")
FOLDS = {"by": "folds", "folds": 3, "validation": 0.34, "seed": 1}
QUICK = {
    **FOREST,
    "split": FOLDS,
    "group_by": "load_hp",
    "window": 1024,
    "hop": 1024,
    "normalisation": "training",
}


def repeated(seeds=(0, 1), **changes):
    version_id = tiny_version()
    return RepeatedExperimentService.create_repeated(
        "Forests", version_id, {**QUICK, **changes}, seeds
    )


def train(made, count=None):
    """Train the first runs as a worker would, and let their jobs end."""
    from tasks.training import train_experiment

    for run in made["members"][:count]:
        train_experiment(silent, run["experiment_id"])
        set_status(run["experiment_id"], JobStatus.DONE)
    return RepeatedExperimentService.get_repeated(made["id"])


def set_status(experiment_id, status):
    with unit_of_work() as session:
        job_id = session.get_one(Experiment, experiment_id).job_id
        session.get_one(Job, job_id).status = status


def test_every_fold_and_seed_is_an_experiment_of_its_own():
    made = repeated()
    runs = made["members"]
    assert [(run["fold"], run["seed"]) for run in runs] == [
        (fold, seed) for seed in (0, 1) for fold in (1, 2, 3)
    ]
    assert runs[1]["name"] == "Forests, fold 2 of 3, seed 0"
    assert made["state"] == "waiting"
    assert (made["runs"], made["finished"], made["pooled"]) == (6, 0, None)
    one = ExperimentService.get_experiment(runs[4]["experiment_id"])
    assert one["config"]["split"] == {**FOLDS, "fold": 2}
    assert one["config"]["seed"] == 1
    tests = Counter(
        key
        for run in runs[:3]
        for key, side in ExperimentService.get_experiment(run["experiment_id"])["split"][
            "sides"
        ].items()
        if side == "test"
    )
    assert set(tests.values()) == {1}
    assert len(tests) == 6
    found = RepeatedExperimentService.find_run(runs[4]["experiment_id"])
    assert found == {
        "repeated_id": made["id"],
        "name": "Forests",
        "fold": 2,
        "folds": 3,
        "seed": 1,
    }


@pytest.mark.database
def test_trained_runs_are_pooled_and_spread():
    made = train(repeated())
    assert made["state"] == "finished"
    assert made["states"] == {"finished": 6}
    pooled = made["pooled"]
    assert pooled["recordings"] == 6
    assert pooled["seeds"] == [0, 1]
    right = sum(run["scores"]["accuracy"] * run["recordings"] for run in made["members"])
    assert pooled["scores"]["accuracy"]["value"] == pytest.approx(right / 12)
    assert "no interval can be given" in pooled["no_interval"]
    spread = {one["name"]: one for one in made["spreads"]}["accuracy"]
    assert spread["runs"] == 6
    assert spread["between_folds"] is not None
    assert spread["mean_low"] is None
    with unit_of_work(writing=False) as session:
        kept = session.get_one(RepeatedExperiment, made["id"]).summary
    assert kept["pooled"]["scores"] == pooled["scores"]
    listed = RepeatedExperimentService.list_repeated()
    assert listed[0]["pooled"]["scores"] == pooled["scores"]
    assert RepeatedExperimentService.count_repeated() == 1
    curves = RepeatedExperimentService.list_curves(made["id"])
    assert [(one["fold"], one["seed"]) for one in curves][:2] == [(1, 0), (2, 0)]
    assert all(len(one["epochs"]) == 1 for one in curves)


def test_the_same_seed_gives_the_same_result():
    scores = [train(repeated(seeds=(4,)))["pooled"]["scores"] for _ in range(2)]
    assert scores[0] == scores[1]


def test_seeds_alone_share_one_split():
    split = {"by": "groups", "validation": ["1"], "test": ["2"]}
    made = repeated(seeds=(0, 1, 2), split=split)
    assert {run["fold"] for run in made["members"]} == {0}
    assert made["members"][2]["name"] == "Forests, seed 2"
    done = train(made)
    assert done["pooled"]["recordings"] == 2
    assert done["spreads"][0]["mean_low"] is not None


def test_pooled_counts_whole_seeds_only_and_follows_what_is_deleted():
    made = train(repeated(), count=4)
    assert made["pooled"]["seeds"] == [0]
    assert made["state"] == "waiting"
    first = made["members"][0]["experiment_id"]
    ExperimentCollectionService.delete_experiments([first])
    after = RepeatedExperimentService.get_repeated(made["id"])
    assert after["runs"] == 5
    assert after["pooled"] is None
    assert RepeatedRunService.pool(made["members"][1]["experiment_id"])


def test_one_notice_tells_of_all_runs(admin):
    made = repeated(seeds=(0,))
    for number, run in enumerate(made["members"]):
        with unit_of_work() as session:
            job_id = session.get_one(Experiment, run["experiment_id"]).job_id
        with actor.acting_as(actor.WORKER):
            taken = JobRunService.claim(job_id)
            assert taken is not None
            JobRunService.finish(taken, JobStatus.FAILED if number == 1 else JobStatus.DONE)
    found = sorted(notice["text"] for notice in NoticeService.list_notices())
    assert found[1] == "“Forests”: 2 of 3 runs are done."
    assert len(found) == 2  # and the run that failed


def test_one_that_is_no_run_is_not_pooled(analyst):
    with unit_of_work() as session:
        alone = factories.experiment(session, owner_id=actor.user_id()).id
    assert RepeatedRunService.pool(alone) is False
    assert RepeatedExperimentService.find_run(alone) is None


def test_all_runs_are_paused_resumed_and_cancelled():
    made = repeated()
    set_status(made["members"][0]["experiment_id"], JobStatus.RUNNING)
    assert RepeatedExperimentService.get_repeated(made["id"])["state"] == "training"
    paused = RepeatedExperimentService.pause_repeated(made["id"])
    assert paused["states"] == {"training": 1, "paused": 5}
    resumed = RepeatedExperimentService.resume_repeated(made["id"])
    assert resumed["states"] == {"waiting": 5, "training": 1}
    cancelled = RepeatedExperimentService.cancel_repeated(made["id"])
    assert cancelled["states"] == {"training": 1, "cancelled": 5}
    set_status(made["members"][0]["experiment_id"], JobStatus.DONE)
    with pytest.raises(Conflict, match="no run to cancel"):
        RepeatedExperimentService.cancel_repeated(made["id"])


@pytest.mark.database
def test_a_second_click_makes_no_second_one():
    version_id = tiny_version()
    first, second = (
        RepeatedExperimentService.create_repeated("Forests", version_id, QUICK, [0, 1])
        for _ in range(2)
    )
    assert first["id"] == second["id"]
    other = RepeatedExperimentService.create_repeated("Forests", version_id, QUICK, [0, 2])
    assert other["id"] != first["id"]


@pytest.mark.database
def test_it_is_deleted_with_its_runs():
    made = repeated()
    with pytest.raises(Conflict):
        RepeatedExperimentService.delete_repeated(made["id"])
    RepeatedExperimentService.cancel_repeated(made["id"])
    assert RepeatedExperimentService.delete_repeated(made["id"]) == 6
    with pytest.raises(NotFound):
        RepeatedExperimentService.get_repeated(made["id"])
    with unit_of_work(writing=False) as session:
        assert session.scalars(select(RepeatedRun)).all() == []
        assert session.scalars(select(Experiment)).all() == []


@pytest.mark.database
def test_searches_leave_runs_out_unless_they_ask_for_them():
    made = repeated()
    with unit_of_work() as session:
        alone = factories.experiment(session, owner_id=actor.user_id()).id
    runs = {run["experiment_id"] for run in made["members"]}
    assert SearchService.find_ids("") == [alone]
    assert set(SearchService.find_ids("runs:yes")) == runs
    assert set(SearchService.find_ids("runs:any")) == {alone, *runs}
    assert set(SearchService.find_ids(f"repeated:{made['id']}")) == runs
    assert SearchService.find_ids("repeated:999") == []
    assert set(SearchService.find_ids("id:>0")) == {alone, *runs}
    # A change of the experiment leaves it a run.
    ExperimentService.rename_experiment(min(runs), "renamed")
    assert SearchService.find_ids("") == [alone]
    assert SearchService.find_ids("runs:yes renamed") == [min(runs)]


def test_a_plan_says_what_each_fold_tests():
    version_id = tiny_version()
    plan = RepeatedExperimentService.plan_runs(version_id, QUICK, [3, 4])
    assert plan["runs"] == 6
    assert [fold["fold"] for fold in plan["folds"]] == [1, 2, 3]
    assert plan["folds"][0]["classes"] == {"healthy": 1, "worn": 1}
    assert plan["folds"][0]["windows"] == {"train": 12, "validation": 12, "test": 12}
    split = {"by": "fractions", "test": 0.34, "validation": 0.34}
    alone = RepeatedExperimentService.plan_runs(version_id, {**QUICK, "split": split}, [3, 4])
    assert [fold["fold"] for fold in alone["folds"]] == [0]


@pytest.mark.parametrize(
    ("changes", "seeds", "sentence"),
    [
        ({}, [0, 0], "A seed comes twice"),
        ({}, [-1], "whole numbers"),
        ({"split": {"by": "fractions"}}, [0], "single training"),
        ({"split": {**FOLDS, "folds": 4}}, [0], "4 folds need 4 groups"),
        ({"group_by": "bearing", "split": {**FOLDS, "folds": 7}}, [0], "7 folds need 7 groups"),
        ({}, list(range(40)), "100 trainings at most"),
        ({"classifier": "no"}, [0], "no classifier"),
    ],
)
def test_what_cannot_be_repeated_is_refused(changes, seeds, sentence):
    with pytest.raises(Invalid, match=sentence):
        repeated(seeds, **changes)


def test_names_leave_room_for_fold_and_seed():
    version_id = tiny_version()
    for name in ("", "x" * 86):
        with pytest.raises(Invalid, match="name"):
            RepeatedExperimentService.create_repeated(name, version_id, QUICK, [0])


def test_a_single_experiment_needs_one_of_the_folds():
    with pytest.raises(Invalid, match="choose one of 1 to 3"):
        ExperimentService.create_experiment("one", tiny_version(), QUICK)


def test_others_look_and_change_nothing(analyst, admin):
    made = repeated()
    with actor.acting_as(admin):
        RepeatedExperimentService.cancel_repeated(made["id"])
    with unit_of_work() as session:
        foreign = factories.actor_of(factories.user(session))
    with actor.acting_as(foreign):
        assert RepeatedExperimentService.get_repeated(made["id"])["runs"] == 6
        with pytest.raises(Forbidden):
            RepeatedExperimentService.delete_repeated(made["id"])
