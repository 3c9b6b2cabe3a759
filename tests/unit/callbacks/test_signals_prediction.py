from __future__ import annotations

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.exceptions import PreventUpdate

from callbacks import signals_prediction as panel
from models import DatasetMember, JobKind
from services.actor import acting_as
from services.job_service import JobService
from services.runtime import unit_of_work
from tasks.predictions import predict_recording
from tasks.runner import run_job
from tests import trained


@pytest.fixture(autouse=True)
def in_a_callback():
    """Toasts need the context of a callback."""
    token = context_value.set(AttributeDict(updated_props={}))
    yield
    context_value.reset(token)


@pytest.fixture
def experiment_id(analyst):
    return trained.trained_experiment(**trained.FOREST)


@pytest.fixture
def target(experiment_id):
    with unit_of_work(writing=False) as session:
        recording_id = session.query(DatasetMember.recording_id).first()[0]
    return {"recording": recording_id, "channel": 0}


def test_without_a_trained_experiment_the_button_rests(analyst):
    assert panel.offer_classifiers(None, None) == ([], None, True)
    assert "No experiment is trained" in str(panel.show_answer({}, None, {"recording": 1}))


def test_the_newest_experiment_is_offered_and_a_choice_is_kept(experiment_id, target):
    options, chosen, resting = panel.offer_classifiers(target, None)
    assert (chosen, resting) == (str(experiment_id), False)
    assert options[0]["label"] == "Tiny (random_forest)"
    assert panel.offer_classifiers(target, str(experiment_id))[1] == str(experiment_id)


def test_from_the_button_to_the_answer(experiment_id, target, sent):
    chosen = str(experiment_id)
    assert "Nobody asked" in str(panel.show_answer({}, chosen, target))
    panel.ask(1, chosen, target)
    assert sent[-1][0] is JobKind.PREDICT_RECORDING
    assert "waiting" in str(panel.show_answer({}, chosen, target))
    run_job(sent[-1][1], predict_recording)
    assert JobService.get_job(sent[-1][1])["error"] is None
    assert "Named: " in str(panel.show_answer({}, chosen, target))


def test_a_viewer_sees_answers_but_may_not_ask(experiment_id, target, viewer):
    with acting_as(viewer):
        assert panel.offer_classifiers(target, None)[2]
        assert "Your role" in str(panel.show_answer({}, str(experiment_id), target))


@pytest.mark.parametrize("given", [(None, "1", {"recording": 1}), (1, None, {}), (1, "1", None)])
def test_nothing_is_asked_by_itself(given):
    with pytest.raises(PreventUpdate):
        panel.ask(*given)
