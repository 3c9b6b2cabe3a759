"""What is particular to networks: first weights, the explained layer, their place in the file."""

from __future__ import annotations

import pytest
import torch

from diagnostics.errors import TrainingError
from diagnostics.networks.fitted import load_network
from diagnostics.networks.network import build_network, parameter_count
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.checkpoint import save_checkpoint

EVERY = pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)


@EVERY
@pytest.mark.parametrize("bound", ["minimum", "maximum"])
def test_it_can_be_built_at_every_bound(card, bound):
    for parameter in card.parameters:
        network = build_network(card, {parameter.name: getattr(parameter, bound)}, 2, 3, seed=0)
        assert network.eval()(torch.zeros(2, 2, 1024)).shape == (2, 3)


@EVERY
def test_the_seed_decides_the_first_weights_and_nothing_else_changes(card):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, second, other = (
        torch.cat([p.flatten() for p in build_network(card, {}, 1, 2, seed).parameters()])
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@EVERY
def test_the_explained_layer_has_a_time_axis_and_gradients(card):
    network = build_network(card, {}, 1, 2, seed=0).eval()
    outputs = []
    network.explained_layer.register_forward_hook(lambda _m, _i, output: outputs.append(output))
    network(torch.randn(3, 1, 2048)).sum().backward()
    assert outputs[0].shape[0] == 3
    assert outputs[0].shape[2] >= 8
    assert outputs[0].requires_grad


def test_parameters_are_counted():
    assert parameter_count(torch.nn.Linear(3, 2)) == 8


def test_a_training_state_is_not_taken_for_a_network(tmp_path):
    save_checkpoint({"kind": "training"}, tmp_path / "c.pt")
    with pytest.raises(TrainingError, match="does not hold a trained network"):
        load_network(tmp_path / "c.pt")
