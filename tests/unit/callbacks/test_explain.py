import json

import numpy as np
import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import explain, explain_methods
from diagnostics.progress import silent
from diagnostics.signals.signal import Unit, single_channel
from models import Experiment, JobStatus
from services.actor import WORKER, acting_as
from services.errors import Invalid
from services.jobs.job_runs import JobRunService
from services.runtime import unit_of_work
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tests import factories
from tests.trained import FOREST, trained_experiment

NOTHING = {"experiment": None, "recording": None, "class": None, "window": None, "methods": []}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def made(analyst):
    """An experiment and its held-out worn recording, as the page has them."""
    number = trained_experiment(epochs=1)
    rows = XAIService.list_recordings(number)
    return str(number), str(next(r["recording_id"] for r in rows if r["name"] == "worn 2"))


def shown(made, target="worn", window=None, before=None, methods=("gradcam",)):
    return explain.show({}, None, target, window, list(methods), {}, *made, before)


def test_the_experiment_of_the_address_is_shown_or_said_to_be_missing(made, monkeypatch):
    told = []
    monkeypatch.setattr(explain, "tell", lambda words, level: told.append((words, level)))
    with unit_of_work() as session:
        row = session.get_one(Experiment, int(made[0]))
        about = {"checkpoint_key": row.checkpoint_key, "class_names": row.class_names}
        newer = [factories.experiment(session, **about).id for _ in range(2)]
    monkeypatch.setattr(XAIService.list_experiments, "__defaults__", (1, None))
    options, chosen = explain.list_experiments(NOTHING | {"experiment": int(made[0])})
    assert ([one["value"] for one in options], chosen) == ([str(newer[1]), made[0]], made[0])
    assert told == []
    assert explain.list_experiments(NOTHING | {"experiment": 999})[1] == str(newer[1])
    assert told == [("There is no trained experiment 999. The newest one is shown.", "warning")]


def test_without_a_network_the_page_says_what_to_do(analyst):
    assert explain.list_experiments(NOTHING) == ([], None)
    state, result, disabled, *_ = explain.show({}, None, None, None, None, {}, None, None, None)
    assert "No trained network yet" in text(state)
    assert (result, disabled) == ([], True)


def test_the_newest_network_and_a_held_out_recording_are_offered(made):
    options, experiment = explain.list_experiments(NOTHING)
    assert [option["value"] for option in options] == [made[0]]
    assert experiment == made[0]
    recordings, recording, classes = explain.list_recordings(experiment, NOTHING)
    assert recordings[0]["label"] == "held out · healthy 2 · healthy"
    assert recording == recordings[0]["value"]
    assert [option["value"] for option in classes] == ["*", "healthy", "worn"]
    assert explain.choose_class(recording, experiment, NOTHING) == ("*", None)
    assert explain.list_recordings(None, NOTHING) == ([], None, [])
    assert explain.choose_class(None, None, NOTHING) == (None, None)


def test_a_recording_that_the_experiment_does_not_have_can_be_explained(made):
    with unit_of_work() as session:
        # As long as those that it has, so that it holds windows.
        samples = single_channel(np.sin(np.arange(20_000) / 9), 48_828.0, Unit.ACCELERATION_G)
        other = factories.recording(session, samples, name="monday").id
    view = {**NOTHING, "recording": other}
    options, chosen, _ = explain.list_recordings(made[0], view)
    assert options[0] == {"label": "not of this experiment · monday", "value": str(other)}
    assert chosen == str(other)
    assert len(options) == 1 + len(explain.list_recordings(made[0], NOTHING)[0])
    explain_recording(silent, int(made[0]), other, "worn")
    _, result, *_ = shown((made[0], str(other)))
    assert "monday: “" in text(result)
    assert "By the vote of 4 windows" in text(result)
    assert "held out" not in text(result)
    assert explain.list_recordings(made[0], {**NOTHING, "recording": 10**6})[1] != str(10**6)


def test_the_address_decides_what_is_chosen(made):
    view = {"experiment": int(made[0]), "recording": int(made[1]), "class": "healthy", "window": 3}
    assert explain.list_experiments(view)[1] == made[0]
    assert explain.list_recordings(made[0], view)[1] == made[1]
    assert explain.choose_class(made[1], made[0], view) == ("healthy", 3)


def test_what_is_not_explained_waits_for_the_button(made, viewer):
    state, result, disabled, _, now, _ = shown(made)
    assert "Press Explain" in text(state)
    assert (result, disabled, now) == ([], False, None)
    with acting_as(viewer):
        state, _, disabled, *_ = shown(made)
    assert "Ask an analyst" in text(state)
    assert disabled


def test_asking_starts_a_job_whose_progress_is_shown(made, monkeypatch):
    told = []
    monkeypatch.setattr(explain, "tell", lambda text, level: told.append(text))
    assert explain.ask(1, *made, "worn", ["gradcam"], {}) == 1
    assert explain.ask(None, *made, "worn", ["gradcam"], {}) is no_update
    assert told == ["The explanation is being made."]
    state, _, disabled, *_ = shown(made)
    assert "progressbar" in text(state)
    assert disabled
    job = XAIService.find_job(*map(int, made), "worn")
    with acting_as(WORKER):
        JobRunService.finish(JobRunService.claim(job["id"]), JobStatus.FAILED, error="No memory.")
    state, _, disabled, *_ = shown(made)
    assert "No memory." in text(state)
    assert not disabled
    with pytest.raises(Invalid):
        explain.ask(1, *made, "cracked", ["gradcam"], {})


def test_the_result_is_shown_at_once_on_return_and_left_alone(made):
    explain_recording(silent, *map(int, made), "worn")
    state, result, disabled, label, now, recent = shown(made)
    assert (state, disabled) == ([], True)
    assert "Explained" in text(label)
    drawn = text(result)
    for part in ("worn 2", "held out", "signal [g]", "Time [s]", "/signals?recording="):
        assert part in drawn, part
    assert recent == []
    assert "for “worn”" in text(shown(made, "healthy")[-1])
    assert now["windows"] == 6
    assert set(shown(made, before=now)) == {no_update}
    other = (now["window"] + 1) % 6
    *_, moved, _ = shown(made, window=other, before=now)
    assert moved["window"] == other


def test_windows_are_stepped_through_in_a_ring(monkeypatch):
    class Context:
        def __init__(self, trigger, value):
            self.triggered_id, self.triggered = trigger, [{"value": value}]

    on_screen = {"window": 5, "windows": 6}

    def step(trigger, value, clicked=None, shown=on_screen):
        monkeypatch.setattr(explain, "ctx", Context(trigger, value))
        return explain.step(None, None, clicked, shown)

    assert step(explain.Ids.next, 1) == 0
    assert step(explain.Ids.previous, 1) == 4
    assert step(explain.Ids.next, None) is no_update
    assert step(explain.Ids.next, 1, shown=None) is no_update
    assert step(explain.Ids.overview, {}, {"points": [{"customdata": 2}]}) == 2
    assert step(explain.Ids.overview, {}, {"points": [{"x": 2}]}) is no_update


def test_methods_stand_side_by_side_as_they_come(made):
    options, chosen, recordings = explain_methods.list_methods(made[0], NOTHING)
    assert [option["value"] for option in options][:2] == ["gradcam", "integrated_gradients"]
    assert chosen == ["gradcam"]
    assert recordings[0]["label"] == "healthy 2"
    view = {**NOTHING, "methods": ["occlusion", "tea"]}
    assert explain_methods.list_methods(made[0], view)[1] == ["occlusion"]
    both = ("integrated_gradients", "occlusion")
    estimate = explain_methods.tell_estimate(list(both), {}, *made, "worn")
    assert "nothing like it was measured yet" in estimate
    explain_recording(silent, *map(int, made), "worn", "integrated_gradients")
    state, result, disabled, _, now, _ = shown(made, methods=both)
    assert "Press Explain, and the result of Occlusion" in text(state)
    assert not disabled
    drawn = text(result)
    for part in ("fault frequency?", "Score card", "as CSV", "Deletion and insertion", "Rhythm"):
        assert part in drawn, part
    # While the other is missing the page is told how far it is and keeps its pictures.
    assert shown(made, before=now, methods=both)[1] is no_update
    explain_recording(silent, *map(int, made), "worn", "occlusion")
    state, result, *_ = shown(made, before=now, methods=both)
    assert state == []
    assert "Agreement" in text(result)
    assert explain_methods.tell_estimate(list(both), {}, *made, "worn") == ""


def test_typed_parameters_are_another_question(made):
    typed = explain_methods.own_parameters("own", "7", "", None, None, 8)
    assert typed == {"baseline": "own", "baseline_recording_id": 7, "num_segments": 8}
    assert explain_methods.own_parameters("", "7", "frequency", 20, None, None) == {
        "domain": "frequency",
        "steps": 20,
    }
    explain_recording(silent, *map(int, made), "worn", "occlusion")
    state, *_ = explain.show(
        {}, None, "worn", None, ["occlusion"], {"num_segments": 8}, *made, None
    )
    assert "Press Explain" in text(state)


def test_without_a_class_the_one_that_it_names_is_explained(made):
    named = XAIService.predicted_class(*map(int, made))
    explain_recording(silent, *map(int, made), named)
    _, result, _, _, now, _ = shown(made, "*")
    assert f"for “{named}”" not in text(result)
    assert (now["key"]["class"], now["key"]["asked"]) == (named, "*")
    # Nobody tested it on what it was trained with, so nobody knows yet what it names.
    trained = next(
        row["recording_id"]
        for row in XAIService.list_recordings(int(made[0]))
        if row["side"] == "train"
    )
    state, result, disabled, _, now, _ = shown((made[0], str(trained)), "*")
    assert "for the class that it names is made" in text(state)
    assert (result, disabled, now) == ([], False, None)
    explain_recording(silent, int(made[0]), trained)
    *_, now, _ = shown((made[0], str(trained)), "*")
    assert now["key"]["class"] == XAIService.predicted_class(int(made[0]), trained)


def test_a_forest_is_explained_by_its_features(analyst):
    made = str(trained_experiment(name="Forest", **FOREST))
    rows = XAIService.list_recordings(int(made))
    pair = made, str(rows[0]["recording_id"])
    assert explain_methods.list_methods(made, NOTHING)[1] == ["tree_shap"]
    explain_recording(silent, *map(int, pair), "worn", "tree_shap")
    _, result, *_ = shown(pair, methods=("tree_shap",))
    assert "TreeSHAP" in text(result)
