from __future__ import annotations

import json
from datetime import timedelta

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import home
from models import CampaignRun, JobKind
from services.actor import acting_as
from services.errors import Conflict
from services.job_service import JobService
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture
def toasts(monkeypatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(home, "tell", lambda text, level: told.append(text))
    return told


def shown() -> list[str]:
    """Figures, first steps, latest experiments and running jobs as text."""
    parts = home.show_overview({})
    return [json.dumps(part, cls=PlotlyJSONEncoder, ensure_ascii=False) for part in parts]


def test_new_installation_shows_zeros_and_the_first_steps(analyst):
    figures, begin, latest, running = shown()
    assert figures.count('"children": "0"') == 5
    assert "Generate a demo data set" in begin
    assert "No experiments yet" in latest
    assert "Nothing runs" in running


def test_admin_is_asked_to_invite_somebody(admin, analyst):
    with acting_as(admin):
        assert "Invite a colleague" in shown()[1]
    assert "Invite a colleague" not in shown()[1]


def test_viewer_is_not_asked_to_do_what_a_viewer_may_not(analyst, viewer):
    with acting_as(viewer):
        assert shown()[1] == "[]"
        assert "New experiment" not in shown()[2]


def test_figures_are_those_of_the_data(analyst):
    with unit_of_work() as session:
        kept = factories.dataset(session)
        archived = factories.dataset(session, archived_at=kept.created_at + timedelta(days=1))
        for dataset in (kept, archived):
            signal = factories.sine(count=7_200)  # 3.6 s at 2 kHz
            factories.recording(session, signal, dataset_id=dataset.id)
    overview = home.HomeService.get_overview()
    assert (overview["dataset_count"], overview["recording_count"]) == (1, 1)
    assert overview["signal_s"] == pytest.approx(3.6)
    assert '"0.001"' in shown()[0]
    assert 0 < overview["disk_free_bytes"] < overview["disk_total_bytes"]


def test_experiment_shows_its_score_with_interval_or_says_that_there_is_none(analyst):
    def summary(low, high):
        accuracy = {"value": 0.81, "low": low, "high": high}
        return {"n": {"recordings": 12}, "recordings": {"balanced_accuracy": accuracy}}

    with unit_of_work() as session:
        factories.experiment(session, name="Sure", summary=summary(0.7, 0.9))
        factories.experiment(session, name="Small", summary=summary(None, None))
    latest = shown()[2]
    assert "0.81 (0.70 to 0.90)" in latest
    assert "0.81 (no interval can be given)" in latest


def test_trials_of_a_campaign_push_nothing_off_the_page(analyst):
    with unit_of_work() as session:
        campaign = factories.campaign(session, owner_id=analyst.user_id)
        trial = factories.trial(session, campaign)
        made = factories.experiment(session, name="trial 1", version_id=campaign.version_id)
        session.add(CampaignRun(trial_id=trial.id, experiment_id=made.id, fold=0))
        session.flush()
    assert "Campaigns and repetitions made all" in shown()[2]
    with unit_of_work() as session:
        mine = factories.experiment(session, name="by hand", owner_id=analyst.user_id)
        mine.summary = {}
    overview = home.HomeService.get_overview()
    assert [row["name"] for row in overview["latest"]] == ["by hand"]
    assert overview["experiment_count"] == 2
    assert overview["steps"]["experiment"]


def test_demo_is_asked_for_once(analyst, sent, toasts):
    home.generate_demo(None)
    assert toasts == []
    home.generate_demo(1)
    assert [kind for kind, _ in sent] == [JobKind.GENERATE_DEMO]
    assert len(toasts) == 1
    with pytest.raises(Conflict):
        home.generate_demo(1)
    begin, running = shown()[1], shown()[3]
    assert "Generating…" in begin
    assert "Generate a demo data set" in running


def test_running_jobs_are_counted(analyst):
    JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")
    assert "1 more waiting" in shown()[0]
    assert "Clean up" in shown()[3]
