"""Each network of the registry is exported, run, and says what it says in torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.deployment.agreement import compare
from diagnostics.deployment.export import export_network, frozen_axes
from diagnostics.deployment.session import open_model
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser
from tests.exported import MANIFEST

WINDOW = 2048
# As small as each may be: what is tried is the shape of the graph.
SMALLEST = ("width", "heads", "head_width", "depth", "hidden")


@pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
def test_export_agrees_and_its_axes_are_open(card):
    parameters = {
        one.name: one.minimum if one.name in SMALLEST else one.default for one in card.parameters
    }
    network = build_network(card, parameters, 1, 3, seed=1).eval()
    normaliser = Normaliser(Normalisation.WINDOW)
    about = About(card.name, parameters, ("a", "b", "c"), (0,), WINDOW, 12_000.0, normaliser)
    fitted = FittedNetwork(network, about)
    made = export_network(fitted, replace(MANIFEST, window=WINDOW))
    windows = np.random.default_rng(0).normal(0, 2, (8, 1, WINDOW)).astype(np.float32)
    found = compare(fitted, open_model(made), windows, frozen_axes(made))
    assert found.agreement == 1.0
    assert found.max_difference < 1e-4
    assert found.frozen == ()
