"""The exported file, run where there is nothing of this project."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from diagnostics.architectures.architecture import read_architecture
from diagnostics.architectures.drawing import sample
from diagnostics.architectures.export import Use, python_source
from diagnostics.architectures.space import SearchSpace
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser

ASK = """
import sys
import numpy as np, torch, network
assert not [name for name in sys.modules if name.partition(".")[0] == "diagnostics"]
assert network.CLASS_NAMES == ["fine", 'of "two"\\n\\\\'], network.CLASS_NAMES
windows = torch.from_numpy(np.load("windows.npy"))
np.save("answer.npy", network.load("model.pt").predict(windows).numpy())
"""


def fitted(architecture, normaliser):
    """As after a training: weights and running means are not those of the start."""
    parameters = {"architecture": architecture.text, "dropout": 0.3}
    network = build_network(classifier("searched"), parameters, 2, 2, seed=5)
    network(torch.randn(8, 2, 1024, generator=torch.Generator().manual_seed(1)))
    names = ("fine", 'of "two"\n\\')
    about = About("searched", parameters, names, (0, 1), 1024, 1000.0, normaliser)
    return FittedNetwork(network.eval(), about)


@pytest.mark.parametrize("kind", Normalisation)
def test_the_file_builds_the_network_and_answers_as_the_checkpoint_does(kind, tmp_path):
    by_training = kind is Normalisation.TRAINING
    normaliser = Normaliser(kind, (3.0, 2.0), (1.5, 0.5)) if by_training else Normaliser(kind)
    architecture = read_architecture(
        "stem k31 s4 w8 > conv3+dilated5x2 w16 max > separable7+skip w16 se mean > conv15+skip w8"
    )
    trained = fitted(architecture, normaliser)
    trained.save(tmp_path / "model.pt")
    windows = np.random.default_rng(0).normal(2, 3, size=(4, 2, 1500)).astype(np.float32)
    windows[3] = 1.0  # nothing moves
    np.save(tmp_path / "windows.npy", windows)
    use = Use(2, trained.about.class_names, 1024, 1000.0, dropout=0.3)
    (tmp_path / "network.py").write_text(python_source(architecture, use))
    (tmp_path / "ask.py").write_text(ASK)
    subprocess.run([sys.executable, "ask.py"], cwd=tmp_path, check=True, env={})
    np.testing.assert_allclose(
        np.load(tmp_path / "answer.npy"), trained.probabilities(windows), atol=1e-6
    )


def test_every_network_has_a_file_that_compiles():
    for seed in range(10):
        architecture = sample(SearchSpace(depth=(3, 10)), seed)
        source = python_source(architecture, Use(1, ("a", "b"), 2048, 12_000.0, 0.2))
        compile(source, "network.py", "exec")
        assert architecture.hash in source
        assert "diagnostics" not in source
