from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diagnostics.deployment.export import export_network
from diagnostics.deployment.fine_tuning import FineTuning, fine_tune
from diagnostics.deployment.memory import peak_memory
from diagnostics.deployment.pruning import prune_network, sparsity
from diagnostics.errors import DeploymentError
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser
from diagnostics.training.split import Candidate
from diagnostics.training.windows import windows_of
from tests.exported import MANIFEST

WINDOW, RATE_HZ = 1024, 1024.0
SMALL = {"width": 4, "blocks": 2, "kernel": 16}


@pytest.fixture
def fitted():
    network = build_network(classifier("cnn1d"), SMALL, 1, 2, seed=1).eval()
    normaliser = Normaliser(Normalisation.WINDOW)
    about = About("cnn1d", dict(SMALL), ("low", "high"), (0,), WINDOW, RATE_HZ, normaliser)
    return FittedNetwork(network, about)


@pytest.fixture
def windows():
    """Two tones that a network learns to tell apart."""
    count = WINDOW * 12
    times = np.arange(count) / RATE_HZ
    noise = np.random.default_rng(0).normal(0, 0.1, count)
    tones = [np.sin(2 * np.pi * f * times) + noise for f in (20, 180)]
    candidates = [
        Candidate(number, name, name, name, count, RATE_HZ, bearing=name)
        for number, name in enumerate(("low", "high"))
    ]
    return windows_of(
        candidates,
        ("low", "high"),
        lambda number, _channel, start, stop: tones[number][start:stop].astype(np.float32),
        channels=(0,),
        window=WINDOW,
        hop=WINDOW,
        sample_rate_hz=RATE_HZ,
    )


def right(fitted, windows) -> float:
    found = fitted.probabilities(windows.read_all())
    return float(found[np.arange(len(windows)), windows.targets].mean())


@pytest.mark.parametrize("method", ["l1_unstructured", "structured"])
def test_a_pruned_network_learns_on_and_the_given_one_stays(fitted, windows, method):
    pruned = FittedNetwork(prune_network(fitted.network, 0.5, method), fitted.about)
    before = {name: one.clone() for name, one in pruned.network.state_dict().items()}
    state = torch.random.get_rng_state()
    tuned = fine_tune(pruned, windows, FineTuning(epochs=8, learning_rate=1e-2, batch_size=5))
    assert torch.equal(state, torch.random.get_rng_state())
    after = pruned.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert sparsity(tuned.network) == pytest.approx(sparsity(pruned.network), abs=1e-3)
    assert right(tuned, windows) > max(0.8, right(pruned, windows))
    assert not tuned.network.training


def test_a_sentence_about_what_cannot_be_tuned(fitted, windows):
    for epochs in (0, 101):
        with pytest.raises(DeploymentError, match="1 to 100 epochs"):
            fine_tune(fitted, windows, FineTuning(epochs))
    nothing = replace(
        windows, owner=windows.owner[:0], start=windows.start[:0], targets=windows.targets[:0]
    )
    with pytest.raises(DeploymentError, match="needs windows"):
        fine_tune(fitted, nothing, FineTuning(1))
    with torch.no_grad():
        next(fitted.network.parameters()).fill_(float("nan"))
    with pytest.raises(DeploymentError, match="not finite"):
        fine_tune(fitted, windows, FineTuning(1))


def test_peak_memory_grows_with_the_batch(fitted):
    found = peak_memory(
        export_network(fitted, replace(MANIFEST, window=WINDOW)), (1, WINDOW), (1, 512)
    )
    assert 0 < found["1"] < found["512"]
    assert found["512"] - found["1"] > 1 << 20
    with pytest.raises(DeploymentError, match="could not be measured"):
        peak_memory(b"no model", (1, WINDOW))
