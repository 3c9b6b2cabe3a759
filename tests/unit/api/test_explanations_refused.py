"""Every bad input of an explanation gets a sentence: over HTTP at once, or in its job."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from diagnostics.errors import SignalError
from diagnostics.signals.signal import Unit, single_channel
from models import JobStatus, Recording
from services import actor, runtime
from services.errors import Invalid
from services.job_service import JobService
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tasks.runner import run_job
from tests import factories
from tests.trained import FOREST, RATE_HZ, planned_experiment, trained_experiment

URL = "/api/v1/explanations"


@pytest.fixture
def made(analyst):
    return trained_experiment(epochs=1)


def recording_of(samples):
    """The number of a recording of its own with these samples."""
    with runtime.unit_of_work() as session:
        signal = single_channel(np.asarray(samples), RATE_HZ, Unit.ACCELERATION_G)
        return factories.recording(session, signal, owner_id=actor.user_id()).id


def held_out(experiment):
    return XAIService.list_recordings(experiment)[0]["recording_id"]


def refusal(client, experiment, recording, **changes):
    """Status and sentence of the answer; of the job, where the file must be read for it."""
    body = {
        "experiment_id": experiment,
        "recording_id": recording,
        "target_class": "worn",
        **changes,
    }
    answer = client.post(URL, json=body)
    if answer.status_code != 202:
        return answer.status_code, answer.json["detail"]
    run_job(answer.json["job_id"], explain_recording)
    job = JobService.get_job(answer.json["job_id"])
    assert job["status"] is JobStatus.FAILED
    assert client.get(URL, query_string={k: body[k] for k in list(body)[:3]}).status_code == 404
    return 202, job["error"]


def test_a_recording_that_is_shorter_than_a_window(client, made):
    status, told = refusal(client, made, recording_of(np.ones(500)))
    assert status == 422
    assert "windows of 0.0853 s" in told
    assert "lasts 0.0417 s. Choose a longer recording." in told


def test_a_recording_with_gaps_is_none(analyst):
    gaps = np.ones(6_144)
    gaps[100:200] = np.nan
    with pytest.raises(SignalError, match="100 of 6144 samples of the channel"):
        recording_of(gaps)


def test_a_recording_without_the_channel(client, made):
    recording = held_out(made)
    with runtime.unit_of_work() as session:
        row = session.get_one(Recording, recording)
        row.channels.clear()
    status, told = refusal(client, made, recording)
    assert status == 422
    assert "looks at channel 0" in told


def test_a_class_a_method_or_a_baseline_that_is_not_there(client, made):
    recording = held_out(made)
    for changes, told in (
        ({"target_class": "cracked"}, "one of the classes healthy, worn, got “cracked”"),
        ({"method": "tea"}, "one of the methods"),
        ({"method": "tree_shap"}, "needs a classifier on features"),
        ({"method": "lime", "parameters": {"baseline": "own"}}, "baseline_recording_id"),
        ({"method": "lime", "parameters": {"num_samples": 1}}, "from 10 to 10000"),
    ):
        status, said = refusal(client, made, recording, **changes)
        assert status == 422
        assert told in said
    few = {"method": "kernel_shap", "parameters": {"num_samples": 20, "num_segments": 20}}
    assert "at least 80 samples for 20 parts" in refusal(client, made, recording, **few)[1]
    gone = {"method": "lime", "parameters": {"baseline": "own", "baseline_recording_id": 999}}
    assert "no recording 999" in refusal(client, made, recording, **gone)[1]


def test_an_experiment_without_a_checkpoint_and_one_without_a_layer(client, analyst):
    waits = planned_experiment()
    status, told = refusal(client, waits, held_out(waits))
    assert status == 422
    assert "not trained yet" in told
    assert XAIService.load_model(waits) is None
    forest = trained_experiment(name="Forest", **FOREST)
    status, told = refusal(client, forest, held_out(forest))
    assert status == 422
    assert "needs a network" in told


def test_networks_that_a_method_cannot_explain(client, analyst):
    dense = nn.Sequential(nn.Flatten(), nn.Linear(128, 2))
    with pytest.raises(Invalid, match="convolution"):
        XAIService.generate_gradcam(dense, np.zeros(128))
    elsewhere = nn.Conv1d(1, 1, 3)
    own = nn.Sequential(nn.Conv1d(1, 2, 3), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    with pytest.raises(Invalid, match="does not belong to this network"):
        XAIService.generate_gradcam(own, np.zeros(128), elsewhere)
    small = {"width": 4, "blocks": 1, "hidden": 8}
    memory = trained_experiment(name="Memory", epochs=1, classifier="cnn_lstm", parameters=small)
    status, told = refusal(client, memory, held_out(memory), method="deep_shap")
    assert status == 202
    assert "recurrent memory" in told
    assert "Use integrated gradients" in told


@pytest.mark.parametrize("name", ["generate_gradcam", "generate_lime_explanation"])
def test_signals_in_memory_that_no_network_takes(analyst, name):
    network = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Flatten(), nn.Linear(252, 3))
    ask = getattr(XAIService, name)
    for signal, told in (
        (np.zeros(64), "does not take windows of 1 channels and 64"),
        (np.zeros((2, 128)), "does not take windows of 2 channels"),
        (np.full(128, np.nan), "not finite"),
        (np.zeros((1, 1, 1, 1)), "Expected a signal"),
        (np.zeros((0, 1, 128)), "Expected a signal"),
    ):
        with pytest.raises(Invalid, match=told):
            ask(network, signal)
    with pytest.raises(Invalid, match="class from 0 to 2, got 7"):
        ask(network, np.zeros(128), target_class=7)
    assert not network.training
    assert not any(module._forward_hooks for module in network.modules())
