import inspect

import numpy as np
import pytest
import torch
from torch import nn

from models import JobKind, Recording
from services import runtime
from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound
from services.explanation_cache import ExplanationCache
from services.xai_service import XAIService
from tests.trained import FOREST, planned_experiment, trained_experiment


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv1d(1, 4, 5, padding=2), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 3)),
    )


def recordings(experiment_id):
    return {row["name"]: row["recording_id"] for row in XAIService.list_recordings(experiment_id)}


def test_a_prediction_has_class_confidence_and_probabilities(analyst, network):
    window = np.random.default_rng(0).normal(size=128)
    found = XAIService.get_model_prediction(network, window)
    network.eval()
    expected = network(torch.tensor(window, dtype=torch.float32).reshape(1, 1, -1)).softmax(1)
    assert found["probabilities"] == pytest.approx(expected[0].tolist(), abs=1e-6)
    assert found["predicted_class"] == int(expected.argmax())
    assert found["confidence"] == max(found["probabilities"])
    tensor = torch.tensor(window).reshape(1, 1, -1)
    assert XAIService.get_model_prediction(network, tensor) == found
    with pytest.raises(Invalid, match="Expected a signal"):
        XAIService.get_model_prediction(network, np.zeros((1, 1, 1, 1)))


def test_gradcam_explains_the_named_class_unless_told_otherwise(analyst, network):
    window = np.random.default_rng(0).normal(size=128)
    found = XAIService.generate_gradcam(network, window)
    assert found["target_class"] == found["predicted_class"]
    assert found["attribution"].shape == (128,)
    assert found["layer"] == "2"
    other = (found["predicted_class"] + 1) % 3
    assert XAIService.generate_gradcam(network, window, None, other)["target_class"] == other
    chosen = XAIService.generate_gradcam(network, window[None, None], network[0])
    assert (chosen["layer"], chosen["attribution"].shape) == ("0", (1, 128))


@pytest.mark.parametrize("shape", [(128,), (1, 128), (2, 1, 128)])
def test_every_method_of_the_service_answers_in_the_shape_of_the_signal(analyst, network, shape):
    signal = torch.tensor(np.random.default_rng(0).normal(size=shape), dtype=torch.float32)
    before = signal.clone()
    given = {"num_samples": 90, "target_class": 1}
    background = np.zeros((2, 1, 128))
    found = [
        XAIService.generate_shap_explanation(network, signal, background, **given),
        XAIService.generate_shap_explanation(network, signal, None, "kernel", **given),
        XAIService.generate_shap_explanation(network, signal, None, "deep"),
        XAIService.generate_lime_explanation(network, signal, 8, 40),
        XAIService.generate_integrated_gradients(network, signal, steps=8),
    ]
    for one in found:
        assert one["attribution"].shape == shape
        assert one["spectrum"].shape == (*shape[:-1], 65)
        assert {"predicted_class", "confidence", "probabilities"} <= one.keys()
    assert [one["target_class"] for one in found[:2]] == [1, 1]
    assert found[2]["target_class"] == found[2]["predicted_class"]
    assert found[3]["completeness_error"] is None
    assert torch.equal(signal, before)
    assert not signal.requires_grad


def test_wrong_signals_and_methods_get_a_sentence(analyst, network):
    with pytest.raises(Invalid, match="gradient, deep, kernel"):
        XAIService.generate_shap_explanation(network, np.zeros(128), None, "tree")
    with pytest.raises(Invalid, match="does not take windows of 3 channels"):
        XAIService.generate_lime_explanation(network, np.zeros((3, 128)))
    with pytest.raises(Invalid, match="not finite"):
        XAIService.generate_integrated_gradients(network, np.full(128, np.nan))
    with pytest.raises(Invalid, match="at least 80 samples for 20 parts, got 20"):
        XAIService.generate_shap_explanation(network, np.zeros(128), None, "kernel", 20)
    with pytest.raises(Invalid, match="class from 0 to 2"):
        XAIService.generate_integrated_gradients(network, np.zeros(128), target_class=3)
    with pytest.raises(Invalid, match="number of steps must be 2"):
        XAIService.generate_integrated_gradients(network, np.zeros(128), steps=0)
    with pytest.raises(Invalid, match="number of samples to draw must be 2"):
        XAIService.generate_lime_explanation(network, np.zeros(128), 8, 0)
    with pytest.raises(Invalid, match="number of samples to draw must be 2"):
        XAIService.generate_shap_explanation(network, np.zeros(128), None, num_samples=0)


def test_defaults_are_those_of_the_reference():
    def defaults(method):
        return {
            name: one.default
            for name, one in inspect.signature(method).parameters.items()
            if one.default is not inspect.Parameter.empty
        }

    shap = defaults(XAIService.generate_shap_explanation)
    assert shap == {"method": "gradient", "num_samples": 100, "target_class": None}
    lime = defaults(XAIService.generate_lime_explanation)
    assert (lime["num_segments"], lime["num_samples"], lime["target_class"]) == (20, 1000, None)
    integrated = defaults(XAIService.generate_integrated_gradients)
    assert (integrated["baseline"], integrated["steps"]) == (None, 50)
    assert defaults(ExplanationCache.clear_old_explanations) == {"days": 30}


def test_the_device_is_one_that_is_there(analyst):
    assert XAIService.get_device().type in ("cpu", "cuda")


def test_a_trained_network_is_loaded_and_what_is_none_is_not(analyst):
    made = trained_experiment(epochs=1)
    loaded = XAIService.load_model(made)
    assert isinstance(loaded, nn.Module)
    assert not loaded.training
    said = XAIService.get_model_prediction(loaded, np.zeros(1024))
    assert sum(said["probabilities"]) == pytest.approx(1)
    assert XAIService.load_model(999) is None
    assert XAIService.load_model(planned_experiment(name="Waits")) is None
    assert [row["experiment_id"] for row in XAIService.list_networks()] == [made]


def test_held_out_recordings_come_first(analyst):
    rows = XAIService.list_recordings(planned_experiment())
    assert [row["side"] for row in rows] == [*["test"] * 2, *["validation"] * 2, *["train"] * 2]
    assert [row["name"] for row in rows[:2]] == ["healthy 2", "worn 2"]
    assert rows[1]["true_class"] == "worn"
    with pytest.raises(NotFound):
        XAIService.list_recordings(999)


def test_an_explanation_is_asked_for_once(analyst, sent):
    made = trained_experiment(epochs=1)
    recording = recordings(made)["worn 2"]
    first = XAIService.request_explanation(made, recording, "worn")
    assert XAIService.request_explanation(made, recording, "worn") == first
    assert XAIService.request_explanation(made, recording, "healthy") != first
    assert XAIService.find_job(made, recording, "worn")["id"] == first
    assert (JobKind.EXPLAIN_RECORDING, first) in sent
    source = XAIService.get_source(made, recording)
    assert source.side == "test"
    ExplanationCache.cache_explanation(
        made,
        recording,
        "gradcam",
        {
            "target_class": "worn",
            "checkpoint_hash": source.checkpoint_hash,
            "arrays": {"attribution": np.ones((1, 4))},
        },
    )
    assert XAIService.request_explanation(made, recording, "worn") is None


def test_what_cannot_be_explained_is_refused(analyst, viewer):
    waits = planned_experiment()
    recording = recordings(waits)["worn 2"]
    with pytest.raises(Invalid, match="not trained yet"):
        XAIService.request_explanation(waits, recording, "worn")
    with pytest.raises(NotFound, match="no recording 999"):
        XAIService.get_source(waits, 999)
    with pytest.raises(NotFound, match="no experiment 999"):
        XAIService.get_source(999, recording)
    forest = trained_experiment(name="Forest", **FOREST)
    recording = recordings(forest)["worn 2"]
    with pytest.raises(Invalid, match="needs a network"):
        XAIService.request_explanation(forest, recording, "worn")
    with pytest.raises(Invalid, match="one of the classes"):
        XAIService.request_explanation(forest, recording, "cracked")
    with pytest.raises(Invalid, match="one of the methods"):
        XAIService.request_explanation(forest, recording, "worn", "tea leaves")
    with acting_as(viewer), pytest.raises(Forbidden):
        XAIService.request_explanation(forest, recording, "worn")


def test_a_recording_without_the_channel_is_refused(analyst):
    made = trained_experiment(epochs=1)
    recording = recordings(made)["worn 2"]
    with runtime.unit_of_work() as session:
        row = session.get_one(Recording, recording)
        row.channels.clear()
    with pytest.raises(Invalid, match="channel 0"):
        XAIService.get_source(made, recording)
