"""Campaigns that are run: what they train, when they end, what a lost worker leaves."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from diagnostics.errors import TrainingError
from models import CampaignTrial, Experiment, ExperimentEntry, Job, JobStatus, TrialState
from models.base import now
from services import runtime
from services.actor import WORKER, acting_as
from services.campaigns import running as running_of_campaigns
from services.campaigns import studies
from services.campaigns.campaign_service import CampaignService
from services.campaigns.running import CampaignRunService
from services.campaigns.states import CampaignState
from services.errors import Conflict, Invalid
from services.evaluation_service import EvaluationService
from services.experiment_service import ExperimentService
from services.hpo_service import HPOService
from services.job_service import JobService
from services.jobs.job_runs import JobRunService
from services.notice_service import NoticeService
from services.notification_preference_service import NotificationPreferenceService
from tests.searched import begun, begun_forest, run_sent

pytestmark = pytest.mark.database


def trials_of(campaign):
    return CampaignService.list_trials(campaign["id"])


def shown(campaign):
    return CampaignService.get_campaign(campaign["id"])


def study_of(campaign):
    from models import Campaign

    with runtime.unit_of_work(writing=False) as session:
        row = session.get_one(Campaign, campaign["id"])
        return studies.open_study(row).trials()


def test_trials_train_without_the_test_part_until_one_final_look(analyst, sent, monkeypatch):
    campaign = begun(trials=2)
    assert campaign["state"] is CampaignState.WAITING
    assert campaign["plan"]["groups"] == {"all": 3, "validation": 1, "test": 1}
    from tasks import campaigns

    sides = []
    original = campaigns.window_sets
    monkeypatch.setattr(
        campaigns, "window_sets", lambda plan, reader: sides.append(plan) or original(plan, reader)
    )
    assert run_sent(sent) == 2
    assert all(not plan.sides["test"] for plan in sides)
    ended = shown(campaign)
    assert ended["state"] is CampaignState.FINISHED
    assert ended["reason"] == "All 2 trials have begun."
    assert ended["trials"]["complete"] == 2

    best = ended["best"]
    experiment = ExperimentService.get_experiment(best["experiment_ids"][0])
    assert experiment["summary"] is None
    assert best["value"] == max(trial["value"] for trial in trials_of(campaign))
    epochs = ExperimentService.list_epochs(experiment["id"])
    kept = min(epochs, key=lambda one: one["validation_loss"])
    assert best["value"] == kept["validation_accuracy"]
    with pytest.raises(Invalid, match="Nobody looks at the test part"):
        EvaluationService.request_evaluation(experiment["id"], "robustness")

    CampaignService.evaluate_best(campaign["id"])
    assert run_sent(sent) == 1
    final = shown(campaign)["final"]
    assert final["trial"] == best["number"]
    assert final["trials"] == 2
    assert final["test"]["n"]["recordings"] == 2
    assert "recordings" in final["validation"]
    assert ExperimentService.get_experiment(experiment["id"])["summary"] == final["test"]
    with pytest.raises(Conflict, match="begin another campaign"):
        CampaignService.change_limits(campaign["id"], 10)
    with pytest.raises(Conflict, match="already"):
        CampaignService.evaluate_best(campaign["id"])


def test_trials_are_left_out_of_the_table_of_experiments(analyst, sent):
    campaign = begun_forest(trials=1)
    run_sent(sent)
    (trial,) = trials_of(campaign)
    with runtime.unit_of_work(writing=False) as session:
        entry = session.get_one(ExperimentEntry, trial["experiment_ids"][0])
        assert entry.is_run
    found = CampaignService.find_trial_of(trial["experiment_ids"][0])
    assert found is not None
    assert found[0]["number"] == 1
    assert found[1]["name"] == "Small"


def test_its_owner_is_told_of_a_search_and_if_wanted_of_each_trial(analyst, sent):
    NotificationPreferenceService.set_preference("hpo.trial_complete", "in_app", True)
    campaign = begun_forest(trials=1)
    run_sent(sent)
    (trial,) = trials_of(campaign)
    told = NoticeService.list_notices()
    assert {notice["link"] for notice in told} == {f"/campaigns/{campaign['id']}"}
    assert {notice["text"] for notice in told} == {
        f"“Small”: trial 1 is done. Its validation accuracy is {trial['value']:.4g}.",
        "“Small” is done: 1 of 1 trials have a score. All 1 trials have begun.",
    }


def test_same_seed_same_trials(analyst, sent):
    from tests.trained import tiny_version

    version = tiny_version()
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        begun(name, "bayesian", 3, version_id=version, seed=seed)
        run_sent(sent)
    first, second, third = (
        [trial["params"] for trial in trials_of(one)]
        for one in reversed(HPOService.get_all_campaigns())
    )
    assert first == second
    assert first != third


def test_hyperband_ends_trials_early(analyst, sent):
    campaign = begun(method="hyperband", trials=8, config={"epochs": 9, "patience": 0})
    run_sent(sent)
    pruned = CampaignService.list_trials(campaign["id"], states=("pruned",))
    assert pruned
    assert all(trial["epochs"] < 9 and trial["value"] is not None for trial in pruned)
    assert all("Ended early" in trial["reason"] for trial in pruned)
    told = [trial.state.name for trial in study_of(campaign)]
    assert told.count("PRUNED") == len(pruned)
    assert shown(campaign)["best"]["state"] is TrialState.COMPLETE
    curves = CampaignService.list_curves(campaign["id"])
    assert len(curves) == sum(trial["epochs"] for trial in trials_of(campaign))


def test_cross_validation_trains_one_experiment_for_each_part(analyst, sent):
    from tests.trained import tiny_version

    folds = {"by": "folds", "folds": 4}
    campaign = begun_forest(
        trials=1,
        version_id=tiny_version(4),
        config={"parameters": {}, "epochs": 1, "split": folds, "group_by": "load_hp"},
    )
    assert len(campaign["folds"]) == 3
    run_sent(sent)
    (trial,) = trials_of(campaign)
    assert len(trial["experiment_ids"]) == 3
    parts = trial["measured"]["folds"]
    mean = sum(part["val_accuracy"] for part in parts) / 3
    assert trial["value"] == pytest.approx(mean)
    assert trial["value"] == trial["measured"]["val_accuracy"]


def test_a_failed_trial_has_a_reason_and_no_score(analyst, sent, monkeypatch):
    from diagnostics.training import fit

    def broken(*given, **more):
        raise TrainingError("The loss is not a number any more.")

    monkeypatch.setattr(fit, "fit_classifier", broken)
    campaign = begun(trials=2)
    run_sent(sent)
    ended = shown(campaign)
    assert ended["state"] is CampaignState.FAILED
    for trial in trials_of(campaign):
        assert trial["state"] is TrialState.FAILED
        assert trial["value"] is None
        assert trial["reason"] == "The loss is not a number any more."
    assert [trial.state.name for trial in study_of(campaign)] == ["FAIL", "FAIL"]


def test_what_is_no_training_fails_without_one(analyst, sent):
    # Alone, both bounds are fine; together the warm-up leaves nothing.
    space = {
        "epochs": {"type": "int", "low": 2, "high": 3},
        "warmup_epochs": {"type": "categorical", "choices": [0, 2]},
    }
    campaign = begun(method="grid", trials=4, space=space, config={"epochs": 3, "patience": 0})
    run_sent(sent)
    failed = CampaignService.list_trials(campaign["id"], states=("failed",))
    assert [trial["params"] for trial in failed] == [{"epochs": 2, "warmup_epochs": 2}]
    assert "A warm-up of 2 epochs leaves nothing of 2" in failed[0]["reason"]
    assert failed[0]["experiment_ids"] == []
    assert shown(campaign)["trials"]["complete"] == 3


def test_pause_go_on_and_stop(analyst, sent):
    campaign = begun_forest(trials=3, method="random")
    run_sent(sent, most=1)
    assert CampaignService.pause_campaign(campaign["id"])["state"] is CampaignState.PAUSED
    run_sent(sent)
    assert len(trials_of(campaign)) == 1
    assert CampaignService.resume_campaign(campaign["id"])["state"] is CampaignState.WAITING
    run_sent(sent, most=1)
    stopped = CampaignService.stop_campaign(campaign["id"])
    assert stopped["state"] is CampaignState.STOPPED
    assert stopped["ended_at"] is not None
    run_sent(sent)
    assert [trial["number"] for trial in trials_of(campaign)] == [1, 2]
    with pytest.raises(Conflict, match="has ended already"):
        CampaignService.stop_campaign(campaign["id"])
    CampaignService.resume_campaign(campaign["id"])
    run_sent(sent)
    assert [trial["number"] for trial in trials_of(campaign)] == [1, 2, 3]


def test_more_trials_go_on_with_the_next_number(database, analyst, sent):
    campaign = begun_forest(trials=1)
    run_sent(sent)
    with pytest.raises(Conflict, match="Give it more trials"):
        CampaignService.resume_campaign(campaign["id"])
    CampaignService.change_limits(campaign["id"], 3)
    studies.close()  # as after a restart of everything
    CampaignService.resume_campaign(campaign["id"])
    run_sent(sent)
    assert [trial["number"] for trial in trials_of(campaign)] == [1, 2, 3]
    assert [trial.number for trial in study_of(campaign)] == [0, 1, 2]


def test_several_jobs_work_at_once_and_never_more_than_wanted(analyst, sent):
    campaign = begun_forest(trials=4, parallel=3)
    assert len(sent) == 3
    run_sent(sent, most=1)
    assert len(sent) == 3
    run_sent(sent, most=1)
    assert len(sent) == 2
    run_sent(sent)
    assert shown(campaign)["trials"]["complete"] == 4


def test_a_cost_beside_the_score_is_measured_and_told_to_the_sampler(analyst, sent):
    campaign = begun(method="bayesian", trials=2, also=["latency_ms"], config={"epochs": 1})
    run_sent(sent)
    for trial, told in zip(trials_of(campaign), study_of(campaign), strict=True):
        assert trial["measured"]["latency_ms"] > 0
        assert told.values == [trial["value"], trial["measured"]["latency_ms"]]
    points = CampaignService.list_points(campaign["id"])
    assert [point["cost"] for point in points] == [
        trial["measured"]["latency_ms"] for trial in trials_of(campaign)
    ]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_died_while_a_trial_trained_is_made_anew(
    database, analyst, sent, monkeypatch
):
    campaign = begun_forest(trials=2)
    run_sent(sent, most=1)
    monkeypatch.setattr(studies, "RESTED_S", 0.0)
    with runtime.engine().connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    run_sent(sent)
    assert shown(campaign)["trials"]["complete"] == 2


def test_a_memory_that_was_lost_is_made_anew_from_the_rows(analyst, sent):
    campaign = begun_forest(trials=2)
    run_sent(sent)
    for study in studies.storage().get_all_studies():
        studies.storage().delete_study(study._study_id)
    CampaignService.change_limits(campaign["id"], 3)
    CampaignService.resume_campaign(campaign["id"])
    run_sent(sent)
    values = [trial["value"] for trial in trials_of(campaign)]
    assert [trial.value for trial in study_of(campaign)] == values
    assert studies.delete_forgotten() == 0
    CampaignService.delete_campaign(campaign["id"])
    assert studies.delete_forgotten() == 1


def test_it_ends_when_nothing_gets_better(analyst, sent):
    campaign = begun_forest(trials=20, patience=2)
    run_sent(sent)
    ended = shown(campaign)
    assert ended["state"] is CampaignState.FINISHED
    assert ended["trials"]["complete"] < 20
    assert "was better" in ended["reason"]


def test_it_ends_when_its_time_is_over(analyst, sent):
    campaign = begun_forest(trials=20, hours=1.0)
    run_sent(sent, most=1)
    with runtime.unit_of_work() as session:
        from models import Campaign

        session.get_one(Campaign, campaign["id"]).worked_s = 3600.0
    run_sent(sent)
    assert shown(campaign)["reason"] == "Its time of 1 h is over."
    assert len(trials_of(campaign)) == 1


def begin_and_lose(campaign, sent):
    """A worker begins a trial, and is gone; what its job was."""
    _, job_id = sent.pop(0)
    with acting_as(WORKER):
        run = JobRunService.claim(job_id)
    from services.jobs.job_runs import running

    with running(run):
        CampaignRunService.begin(campaign["id"])
    return job_id


def test_a_lost_worker_s_trial_goes_on_with_another(analyst, sent):
    campaign = begun_forest(trials=2)
    job_id = begin_and_lose(campaign, sent)
    (trial,) = trials_of(campaign)
    assert trial["state"] is TrialState.RUNNING
    with acting_as(WORKER):
        JobRunService.requeue_all()
    assert sent[0][1] == job_id
    run_sent(sent)
    first, second = trials_of(campaign)
    assert first["id"] == trial["id"]
    assert first["params"] == trial["params"]
    assert [one["state"] for one in (first, second)] == [TrialState.COMPLETE] * 2
    assert [one.state.name for one in study_of(campaign)] == ["COMPLETE", "COMPLETE"]


class Killed(BaseException):
    """As SIGKILL: nothing that is written for errors is done."""


@pytest.mark.parametrize("cut", ["keep_experiment", "_plan"])
def test_a_worker_may_be_lost_while_a_trial_is_chosen(analyst, sent, monkeypatch, cut):
    campaign = begun_forest(trials=2)
    with monkeypatch.context() as patched:

        def die(*given, **more):
            raise Killed

        patched.setattr(running_of_campaigns, cut, die)
        with pytest.raises(Killed):
            begin_and_lose(campaign, list(sent))
    (trial,) = trials_of(campaign)
    # Chosen with its trainings, or not at all.
    assert (trial["params"] is None) == (trial["experiment_ids"] == [])
    with acting_as(WORKER):
        JobRunService.requeue_all()
    del sent[0]
    run_sent(sent)
    assert [one["reason"] for one in trials_of(campaign)] == ["", ""]
    assert shown(campaign)["trials"]["complete"] == 2
    assert [one.state.name for one in study_of(campaign)].count("COMPLETE") == 2


def test_a_trial_whose_job_was_given_up_ends_and_the_campaign_goes_on(analyst, sent):
    campaign = begun_forest(trials=2)
    job_id = begin_and_lose(campaign, sent)
    with runtime.unit_of_work() as session:
        lost = update(Job).where(Job.id == job_id)
        session.execute(
            lost.values(status=JobStatus.FAILED, error="The worker was lost.", finished_at=now())
        )
    with acting_as(WORKER):
        assert CampaignRunService.tend() == 1
        assert CampaignRunService.tend() == 0
    run_sent(sent)
    first, second = trials_of(campaign)
    assert first["state"] is TrialState.FAILED
    assert first["reason"] == "The worker was lost."
    assert second["state"] is TrialState.COMPLETE
    # The sampler has no trial that runs for ever.
    assert [one.state.name for one in study_of(campaign)] == ["FAIL", "COMPLETE"]


def test_stopping_at_once_cancels_what_trains(analyst, sent):
    campaign = begun_forest(trials=3)
    job_id = begin_and_lose(campaign, sent)
    assert shown(campaign)["state"] is CampaignState.RUNNING
    stopping = CampaignService.stop_campaign(campaign["id"], at_once=True)
    assert stopping["state"] is CampaignState.STOPPING
    assert JobService.get_job(job_id)["cancel_requested"]
    with acting_as(WORKER):
        JobRunService.requeue_all()
        CampaignRunService.tend()
    (trial,) = trials_of(campaign)
    assert trial["state"] is TrialState.CANCELLED
    assert shown(campaign)["state"] is CampaignState.STOPPED
    assert shown(campaign)["ended_at"] is not None
    # It does not count: another one takes its place.
    CampaignService.resume_campaign(campaign["id"])
    run_sent(sent)
    assert shown(campaign)["trials"]["complete"] == 3


def test_progress_and_status_by_their_names(analyst, sent):
    campaign = begun_forest(trials=1)
    run_sent(sent)
    best = shown(campaign)["best"]
    told = (campaign["id"], 1, best["experiment_ids"][0], best["value"])
    assert HPOService.update_campaign_progress(*told)
    assert not HPOService.update_campaign_progress(campaign["id"], 2, None, 0.99)
    assert shown(campaign)["best"]["value"] == best["value"]
    assert not HPOService.update_campaign_progress(999, 0, None, None)
    assert not HPOService.update_campaign_status(campaign["id"], "paused")
    assert not HPOService.resume_campaign(campaign["id"])
    (one,) = HPOService.get_campaign_experiments(campaign["id"])
    assert one["trial"] == 1
    assert one["value"] == best["value"]


def test_deleting_takes_trials_experiments_and_checkpoints(analyst, sent):
    campaign = begun_forest(trials=2)
    with pytest.raises(Conflict, match="at work"):
        CampaignService.delete_campaign(campaign["id"])
    run_sent(sent)
    assert CampaignService.delete_campaign(campaign["id"]) == 2
    assert HPOService.get_campaign(campaign["id"]) is None
    with runtime.unit_of_work(writing=False) as session:
        assert session.scalars(select(CampaignTrial)).all() == []
        assert session.scalars(select(Experiment)).all() == []
