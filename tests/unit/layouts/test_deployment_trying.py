"""The part of the page of deployments where a model is tried on a recording."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
from dash import no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks import deployment_trying
from diagnostics.signals.signal import Unit, single_channel
from layouts.deployment_trying import Ids, said
from services.deployment.serving_service import ModelServingService
from services.errors import Invalid
from services.runtime import unit_of_work
from tests import exported, factories

ANSWER = {
    "model": "pump",
    "version": 1,
    "variant": "fp32",
    "predicted": "above",
    "classes": [{"name": "above", "probability": 0.9}, {"name": "below", "probability": 0.1}],
    "windows": 32,
    "agreement": 1.0,
    "calibrated": False,
    "estimates": [],
}

FOUND = {
    "answer": ANSWER,
    "recording_id": 7,
    "recording": "pump <3>",
    "seconds": 2.5,
    "whole": False,
    "side": "train",
}


def text(parts) -> str:
    """What stands in the parts, without what draws them."""
    if isinstance(parts, (list, tuple)):
        return "".join(text(one) for one in parts)
    if isinstance(parts, Component):
        return text(getattr(parts, "children", None))
    return "" if parts is None else str(parts)


@pytest.fixture
def data(analyst):
    with unit_of_work() as session:
        experiment = factories.experiment(session, owner_id=analyst.user_id)
        variant = exported.variant(session, experiment.id, analyst.user_id)
        factories.dataset(session, name="empty", owner_id=analyst.user_id)
        filled = factories.dataset(session, name="filled", owner_id=analyst.user_id)
        given = {"dataset_id": filled.id, "owner_id": analyst.user_id}
        tone = single_channel(np.full(20, 2.0), 100.0, Unit.ACCELERATION_G, "drive end")
        low = factories.recording(session, name="low", **given).id
        high = factories.recording(session, tone, name="high", **given).id
        factories.version(session, {low: "slow", high: None}, filled.id)
        found = str(filled.id), str(low), str(high)
    ModelServingService.publish("pump", variant)
    return found


@contextmanager
def triggered(monkeypatch, by):
    class Context:
        triggered_id = by

    with monkeypatch.context() as changed:
        changed.setattr(deployment_trying, "ctx", Context)
        yield


def test_filled_data_sets_are_offered_to_a_model(data):
    options, chosen, hidden = deployment_trying.offer_datasets("pump", None)
    assert "empty" not in [one["label"] for one in options]
    assert (chosen, hidden) == (data[0], False)
    other = next(one["value"] for one in options if one["value"] != data[0])
    assert deployment_trying.offer_datasets("pump", other)[1] == other
    assert deployment_trying.offer_datasets(None, data[0]) == ([], None, True)


def test_recordings_are_found_by_their_names(data, monkeypatch):
    dataset, low, high = data
    with triggered(monkeypatch, Ids.dataset):
        options, chosen = deployment_trying.offer_recordings("of before", dataset, None)
    assert [one["label"] for one in options] == ["high", "low · slow"]
    assert chosen == high
    with triggered(monkeypatch, Ids.dataset):
        assert deployment_trying.offer_recordings(None, dataset, low)[1] == low
    with triggered(monkeypatch, Ids.recording):
        options, chosen = deployment_trying.offer_recordings("low", dataset, low)
    assert [one["value"] for one in options] == [low]
    assert chosen is no_update
    with pytest.raises(PreventUpdate):
        deployment_trying.offer_recordings(None, None, None)


def test_a_question_needs_a_recording_that_fits(data):
    assert deployment_trying.ask(None, "pump", "1", data[1]) is no_update
    with pytest.raises(Invalid, match="Choose a model, its version, and a recording"):
        deployment_trying.ask(1, "pump", "1", None)
    with pytest.raises(Invalid, match="Channel 0 is in m/s²; the model takes g"):
        deployment_trying.ask(1, "pump", "1", data[1])
    assert "above" in text(deployment_trying.ask(1, "pump", "1", data[2]))


def test_an_answer_says_of_what_it_is():
    drawn = text(said(FOUND))
    assert "Asked about the first 32 windows (2.5 s) of pump <3>" in drawn
    assert "The model was trained on it" in drawn
    assert "A batch below asks about all of it." in drawn
    whole = text(said({**FOUND, "whole": True, "side": None, "answer": {**ANSWER, "windows": 1}}))
    assert "Asked about 1 window (2.5 s)" in whole
    assert "trained" not in whole
    assert "batch" not in whole
