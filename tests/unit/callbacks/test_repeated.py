from __future__ import annotations

import json

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import all_repeated, experiment, repeated
from diagnostics.training.history import EpochRecord
from layouts.repeated import Ids
from models import Experiment, Job, JobStatus
from services.actor import acting_as
from services.errors import NotFound
from services.experiments.runs import ExperimentRunService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked

SCORES = {name: {"value": 0.75, "low": None, "high": None} for name in ("accuracy", "macro_f1")}
SCORES["balanced_accuracy"] = {"value": 0.5, "low": None, "high": None}
SUMMARY = {"recordings": SCORES, "windows": SCORES, "n": {"recordings": 4, "windows": 9}}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def told(monkeypatch):
    said = []
    monkeypatch.setattr(repeated, "tell", lambda words, level="success": said.append(words))
    return said


@pytest.fixture
def made(analyst):
    with unit_of_work() as session:
        number = factories.repeated(session, owner_id=analyst.user_id).id
    return RepeatedExperimentService.get_repeated(number)


def finish(run, status=JobStatus.DONE, summary=None, **values):
    with unit_of_work() as session:
        row = session.get_one(Experiment, run["experiment_id"])
        row.summary = summary
        job = session.get_one(Job, row.job_id)
        job.status = status
        for name, value in values.items():
            setattr(job, name, value)


def add_epochs(run, count):
    for number in range(1, count + 1):
        record = EpochRecord(number, 1 / number, 0.5, 2 / number, 0.6, 1e-3, 1234.0, 2.0)
        ExperimentRunService.save_epoch(run["experiment_id"], record)


def test_runs_that_wait_are_counted_and_can_be_stopped(made):
    head, progress, results, settings, now = repeated.show_repeated({}, made["id"], None)
    assert "3 folds × 1 seed" in text(head)
    assert '"verb": "pause"' in text(head)
    assert '"verb": "delete"' not in text(head)
    assert "0 of 3 runs are finished" in text(progress)
    assert "Pooled result" not in text(results)
    assert "Fold 3" in text(results)
    assert f"repeated:{made['id']}" in text(settings).replace("%3A", ":")
    again = repeated.show_repeated({}, made["id"], now)
    assert (again[0], again[2], again[3]) == (no_update,) * 3


def test_scores_and_failures_of_runs_are_shown(made):
    runs = made["members"]
    finish(runs[0], summary=SUMMARY)
    finish(runs[1], summary=SUMMARY)
    finish(runs[2], JobStatus.FAILED, error="The disk was full.")
    head, progress, results, _, _ = repeated.show_repeated({}, made["id"], None)
    assert "The disk was full." in text(progress)
    assert '"verb": "delete"' in text(head)
    assert "0.750" in text(results)
    assert "How 2 runs differ" in text(results)
    assert "no interval of their mean" in text(results)


def test_a_run_says_of_what_it_is_a_part(made):
    run = made["members"][1]
    head, *_ = experiment.show_experiment({}, run["experiment_id"], None)
    assert "Fold 2 of 3, seed 0 of the repeated experiment" in text(head)
    assert f"/repeated/{made['id']}" in text(head)


def test_curves_are_means_with_the_lowest_and_the_highest(made):
    assert repeated.show_curves({}, made["id"], 0) == (no_update,) * 5
    add_epochs(made["members"][0], 3)
    add_epochs(made["members"][1], 2)
    drawn, hidden, loss, accuracy, note = repeated.show_curves({}, made["id"], 0)
    assert (drawn, hidden) == (5, False)
    assert [trace.name for trace in loss.data] == [
        *("training", "training, mean", "validation", "validation, mean"),
    ]
    assert list(loss.data[1].y) == [1.0, 0.5, pytest.approx(1 / 3)]
    assert "Until epoch 2 all 2 runs" in note
    assert "over %{customdata[2]} runs" in accuracy.data[1].hovertemplate


def test_all_runs_are_stopped_and_taken_up_again(made, told):
    with clicked({"type": Ids.act, "verb": "cancel"}):
        repeated.act([1], made["id"])
    assert RepeatedExperimentService.get_repeated(made["id"])["state"] == "cancelled"
    with clicked({"type": Ids.act, "verb": "resume"}):
        repeated.act([1], made["id"])
    assert RepeatedExperimentService.get_repeated(made["id"])["state"] == "waiting"
    assert len(told) == 2


def test_deleting_is_asked_first(made, told):
    RepeatedExperimentService.cancel_repeated(made["id"])
    with clicked({"type": Ids.ask, "verb": "delete"}):
        assert repeated.ask([1], None)
    with clicked(Ids.put_off):
        assert not repeated.ask([1], 1)
    assert repeated.delete(None, made["id"]) is no_update
    assert repeated.delete(1, made["id"]).endswith("/repeated")
    with pytest.raises(NotFound):
        RepeatedExperimentService.get_repeated(made["id"])


def test_what_is_not_there_is_told(analyst):
    assert "no repeated experiment 99" in text(repeated.show_repeated({}, 99, None)[0])
    assert "number of a repeated" in text(repeated.show_repeated({}, None, None)[0])


def test_the_list_has_one_row_for_all_runs(made, viewer):
    shown, pages, single = all_repeated.show_list({}, 1)
    assert made["name"] in text(shown)
    assert "0 of 3: 3 folds × 1 seed" in text(shown)
    assert (pages, single) == (1, True)
    with acting_as(viewer):
        head, *_ = repeated.show_repeated({}, made["id"], None)
    assert "verb" not in text(head)


def test_an_empty_list_says_what_belongs_there(analyst):
    assert "No repeated experiments yet" in text(all_repeated.show_list({}, 1)[0])


def test_the_priority_of_what_waits_is_changed_once(made, told):
    repeated.prioritise(["normal"], made["id"])  # as the page itself sets the field
    assert told == []
    repeated.prioritise(["high"], made["id"])
    assert told == [f"What waits of “{made['name']}” has high priority now."]
    runs = RepeatedExperimentService.get_repeated(made["id"])["members"]
    assert {run["priority"] for run in runs} == {"high"}
    head, *_ = repeated.show_repeated({}, made["id"], None)
    assert '"value": "high"' in text(head)
