from __future__ import annotations

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.exceptions import PreventUpdate

from callbacks import new_experiment_classifier as panel
from diagnostics.training.classifiers import CLASSIFIERS
from models import JobKind
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from tasks.costs import measure_classifier
from tasks.runner import run_job
from tests import factories
from tests.factories import SMALL_TRAINING


@pytest.fixture(autouse=True)
def in_a_callback():
    """Toasts need the context of a callback."""
    token = context_value.set(AttributeDict(updated_props={}))
    yield
    context_value.reset(token)


@pytest.fixture
def version(analyst):
    with unit_of_work() as session:
        version_id = factories.trainable_version(session, analyst.user_id).id
    return ExperimentService.describe_version(version_id)


@pytest.fixture
def document(analyst):
    return ExperimentService.complete_config({**SMALL_TRAINING, "parameters": {"width": 4}})


@pytest.mark.parametrize("card", CLASSIFIERS, ids=lambda card: card.name)
def test_the_card_says_what_it_is_and_where_it_comes_from(card):
    text = str(panel.show_card(card.name))
    assert card.description in text
    assert card.source in text
    assert (card.explained or "features of it") in text


def test_without_data_nothing_can_be_measured(document):
    for given in ((None, None), (document, None)):
        shown, resting = panel.show_cost({}, *given)
        assert "Choose a data set first" in str(shown)
        assert resting
    with pytest.raises(PreventUpdate):
        panel.ask(1, document, None)


def test_from_the_button_to_the_numbers(version, document, sent):
    shown, resting = panel.show_cost({}, document, version)
    assert r"Not measured yet for one window of 1,024 samples, 1 channel, 2 classes" in str(shown)
    assert not resting
    panel.ask(1, document, version)
    assert sent[-1][0] is JobKind.MEASURE_CLASSIFIER
    shown, resting = panel.show_cost({}, document, version)
    assert "waiting" in str(shown)
    assert resting
    run_job(sent[-1][1], measure_classifier)
    shown, resting = panel.show_cost({}, document, version)
    text = str(shown)
    assert not resting
    assert "Learned numbers" in text
    assert "FLOP" in text
    assert "median of 50 runs on one thread of" in text
    assert "accura" not in text.lower()


def test_the_question_counts_channels_and_classes(version, document):
    question = panel.question_of({**document, "channels": [0, 1], "classes": []}, version)
    labels = next(field for field in version["fields"] if field["name"] == "label")
    assert (question["channels"], question["classes"]) == (2, labels["different"])
    few = panel.question_of({**document, "classes": ["inner", "outer"]}, version)
    assert few["classes"] == 2


def test_what_cannot_be_measured_is_told_in_its_place(version, document):
    shown, resting = panel.show_cost({}, {**document, "window": 10}, version)
    assert "The window must be a whole number from 1024" in str(shown)
    assert resting


def test_nothing_is_measured_by_itself(version, document):
    with pytest.raises(PreventUpdate):
        panel.ask(None, document, version)
