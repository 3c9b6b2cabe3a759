from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from plotly.utils import PlotlyJSONEncoder

from callbacks import evaluation_panels, experiment
from diagnostics.training.history import EpochRecord
from models import Job, JobStatus
from services.actor import acting_as
from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.experiments.runs import ExperimentRunService
from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING

SUMMARY = {
    "recordings": {"balanced_accuracy": {"value": 0.75, "low": 0.5, "high": 0.9}},
    "n": {"recordings": 12},
}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@contextmanager
def pressed(**component_id):
    prop = json.dumps(component_id, separators=(",", ":"), sort_keys=True) + ".n_clicks"
    token = context_value.set(AttributeDict(triggered_inputs=[{"prop_id": prop, "value": 1}]))
    try:
        yield
    finally:
        context_value.reset(token)


@pytest.fixture
def told(monkeypatch):
    said = []
    monkeypatch.setattr(experiment, "tell", lambda words, level="success": said.append(words))
    return said


@pytest.fixture
def made(analyst):
    with unit_of_work() as session:
        version_id = factories.trainable_version(session, analyst.user_id).id
    config = {**SMALL_TRAINING, "epochs": 10, "patience": 3}
    return ExperimentService.create_experiment("<b>bold</b>", version_id, config)


def run(made, status=JobStatus.RUNNING, **values):
    with unit_of_work() as session:
        job = session.get(Job, made["job"]["id"])
        job.status = status
        for name, value in values.items():
            setattr(job, name, value)


def add_epochs(made, count):
    for number in range(1, count + 1):
        record = EpochRecord(number, 1 / number, 0.5, 2 / number, 0.6, 1e-3, 1234.0, 2.0)
        ExperimentRunService.save_epoch(made["id"], record)


def show(made, shown=None):
    return experiment.show_experiment({}, made["id"], shown)


def test_a_waiting_experiment_can_be_cancelled_and_shows_its_settings(made):
    head, progress, log, settings, no_rename, _ = show(made)
    assert '"verb": "cancel"' in text(head)
    assert '"verb": "pause"' in text(head)
    assert "waiting for a worker" in text(head)
    assert "0 of 10" in text(progress)
    assert "Nothing has been told yet" in text(log)
    for words in ("at most 10", "after 3 epochs", "0.512 s", "cnn1d"):
        assert words in text(settings)
    assert not no_rename


def test_a_running_one_shows_how_far_it_is(made):
    run(made, fraction=0.4, stage="train", message="epoch 4 of 10")
    add_epochs(made, 4)
    head, progress, *_ = show(made)
    assert '"verb": "pause"' in text(head)
    for words in ("4 of 10", "12 s", "1,234 windows/s", "0.5 in epoch 4", "40 %"):
        assert words in text(progress)


def test_what_has_not_changed_is_not_drawn_again(made):
    *_, shown = show(made)
    head, _progress, log, settings, _, again = show(made, shown)
    assert (head, log, settings) == (no_update, no_update, no_update)
    assert again == shown
    run(made)
    head, _progress, log, settings, _, _ = show(made, shown)
    assert head is not no_update
    assert (log, settings) == (no_update, no_update)


def test_a_viewer_is_offered_nothing_to_change(made, viewer):
    with acting_as(viewer):
        head, *_, no_rename, _shown = show(made)
    assert "verb" not in text(head)
    assert no_rename


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus.FAILED, "The training failed. The disk is full."),
        (JobStatus.CANCELLED, "was cancelled; it was not tested"),
        (JobStatus.PAUSED, "The training rests."),
    ],
)
def test_what_became_of_it_is_told(made, status, words):
    run(made, status, error="The disk is full.")
    head, progress, *_ = show(made)
    assert words in text(progress).replace('", "', "")
    assert '"verb": "resume"' in text(head)


def test_a_finished_one_has_no_progress(made):
    run(made, JobStatus.DONE)
    head, progress, *_ = show(made)
    assert progress is None
    for way in ("explain", "deployments"):
        assert f"/{way}?experiment={made['id']}" in text(head)


@pytest.mark.parametrize(
    ("chosen", "words"), [(None, "has to end with the number"), (99, "There is no experiment 99.")]
)
def test_an_unknown_experiment_is_told_once(analyst, chosen, words):
    told, *others, _ = experiment.show_experiment({}, chosen, None)
    assert words in text(told)
    assert '"type": "H1"' in text(told)
    assert others == [None, None, None, True]
    assert experiment.show_curves({}, chosen, 0) == (no_update,) * 7
    nothing = (no_update, no_update) if chosen is None else ([], None)
    assert evaluation_panels.show_result({}, chosen, None) == nothing


def test_curves_are_drawn_when_an_epoch_is_added(made):
    assert experiment.show_curves({}, made["id"], 0) == (no_update,) * 7
    add_epochs(made, 3)
    drawn, hidden, loss, accuracy, rate, heads, note = experiment.show_curves({}, made["id"], 0)
    assert (drawn, hidden) == (3, False)
    assert list(loss.data[1].y) == [2.0, 1.0, 2 / 3]
    assert "Accuracy" in accuracy.layout.yaxis.title.text
    assert list(rate.data[0].y) == [1e-3] * 3
    assert (heads, loss.layout.yaxis.title.text) == ([], "Cross entropy")
    assert "epoch 3" in note
    assert experiment.show_curves({}, made["id"], 3) == (no_update,) * 7


def test_errors_of_heads_are_drawn_where_there_are_some(made):
    for number in (1, 2):
        errors = {"severity": {"train": 0.2}, "speed_rpm": {"train": 90.0, "validation": 80.0}}
        record = EpochRecord(number, 1.0, 0.5, 1.0, 0.5, 1e-3, 10.0, 1.0, errors)
        ExperimentRunService.save_epoch(made["id"], record)
    *_, loss, _accuracy, _rate, heads, _note = experiment.show_curves({}, made["id"], 0)
    assert "weighted errors" in loss.layout.yaxis.title.text
    severity, speed = (head.children.figure for head in heads)
    assert [list(line.y) for line in severity.data] == [[0.2, 0.2]]
    assert [line.name for line in speed.data] == ["training", "validation"]
    assert "rpm" in speed.layout.yaxis.title.text


def test_buttons_change_the_training(made, told):
    with pressed(type="experiment-act", verb="cancel"):
        experiment.act([1], made["id"])
    assert ExperimentService.get_experiment(made["id"])["state"] == "cancelled"
    with pressed(type="experiment-act", verb="resume"):
        experiment.act([1], made["id"])
        experiment.act([None], made["id"])  # drawn, not pressed
    assert ExperimentService.get_experiment(made["id"])["state"] == "waiting"
    assert told == ["“<b>bold</b>” is asked to stop.", "“<b>bold</b>” waits for a worker."]


def test_renaming(made, told):
    assert "better" in text(experiment.rename(1, made["id"], " better "))
    with pytest.raises(Invalid):
        experiment.rename(1, made["id"], None)


def test_the_priority_of_a_training_that_waits_is_changed(made, told):
    experiment.prioritise(["normal"], made["id"])
    assert told == []
    experiment.prioritise(["low"], made["id"])
    assert told == ["“<b>bold</b>” has low priority now."]
    head, *_ = show(made)
    assert '"value": "low"' in text(head)
    run(made)
    assert "priority" not in text(show(made)[0])


def test_a_plateau_is_told_while_it_trains(made):
    run(made)
    for number in range(1, 12):
        loss = 1.0 if number > 1 else 2.0
        record = EpochRecord(number, loss, 0.5, loss, 0.6, 1e-3, 1234.0, 2.0)
        ExperimentRunService.save_epoch(made["id"], record)
    assert "No progress" not in text(show(made)[1])
    record = EpochRecord(12, 1.0, 0.5, 0.999, 0.6, 1e-3, 1234.0, 2.0)
    ExperimentRunService.save_epoch(made["id"], record)
    assert "No progress for 10 epochs: the validation loss" in text(show(made)[1])
