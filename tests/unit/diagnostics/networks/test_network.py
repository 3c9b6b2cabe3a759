"""What every network must do before it has learned anything."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from diagnostics.errors import TrainingError
from diagnostics.explain.gradcam import grad_cam
from diagnostics.networks.fitted import load_network
from diagnostics.networks.network import build_network, parameter_count
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.checkpoint import load_checkpoint, save_checkpoint

EVERY = pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
# As narrow as they can be: what is tested here does not depend on it.
SMALL = {
    card.name: {
        p.name: p.minimum
        for p in card.parameters
        if p.name in {"width", "filters", "hidden", "head_width", "depth"}
    }
    for card in NETWORKS
}


def small(card, channels=1, classes=2, seed=0):
    return build_network(card, SMALL[card.name], channels, classes, seed)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@EVERY
@pytest.mark.parametrize("bound", ["minimum", "maximum"])
def test_it_can_be_built_at_every_bound(card, bound):
    for parameter in card.parameters:
        given = {**SMALL[card.name], parameter.name: getattr(parameter, bound)}
        network = build_network(card, given, 2, 3, seed=0).eval()
        with torch.inference_mode():
            assert network(torch.zeros(2, 2, 1024)).shape == (2, 3)


@EVERY
@pytest.mark.parametrize("channels", [1, 3])
def test_windows_of_any_length_give_a_score_for_each_class(card, channels):
    network = small(card, channels, classes=4).eval()
    with torch.inference_mode():
        for samples in (1024, 2048, 5000, 20_480):
            windows = noise(2, channels, samples)
            scores, estimates = network.answer(windows)
            assert torch.equal(scores, network(windows))
            assert scores.shape == (2, 4)
            assert estimates.shape == (2, len(card.heads))
            assert scores.isfinite().all()
            assert estimates.isfinite().all()


@EVERY
def test_every_learned_number_gets_a_gradient(card):
    network = small(card, channels=2)
    scores, estimates = network.answer(noise(8, 2, 2048))
    (cross_entropy(scores, torch.arange(8) % 2) + estimates.square().sum()).backward()
    without = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or parameter.grad.abs().max() < 1e-7
    ]
    assert without == []


@EVERY
def test_the_seed_decides_the_first_weights_and_nothing_else_changes(card):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, second, other = (
        torch.cat([p.flatten() for p in small(card, seed=seed).parameters()]) for seed in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@EVERY
def test_kept_weights_give_the_same_scores(card, tmp_path):
    network, other = small(card, seed=0), small(card, seed=1)
    network(noise(4, 1, 1024))  # so that running means are not those of the start
    save_checkpoint({"weights": network.state_dict()}, tmp_path / "c.pt")
    other.load_state_dict(load_checkpoint(tmp_path / "c.pt")["weights"])
    windows = noise(3, 1, 1500)
    assert torch.equal(network.eval()(windows), other.eval()(windows))


@EVERY
def test_a_window_is_scored_alike_whatever_else_is_in_the_batch(card):
    network = small(card, channels=2).eval()
    windows = noise(5, 2, 2048)
    with torch.inference_mode():
        together, alone = network(windows), network(windows[3:4])
        beside_another = network(torch.cat([windows[3:4], 100 * windows[:1]]))
    torch.testing.assert_close(alone[0], together[3], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(alone[0], beside_another[0], rtol=1e-4, atol=1e-5)


@EVERY
def test_a_few_steps_teach_it_to_tell_a_low_tone_from_a_high_one(card):
    network = small(card)
    time = torch.arange(1024)
    tones = torch.stack([torch.sin(time / 3), torch.sin(time / 11)]).repeat(8, 1).unsqueeze(1)
    windows = tones + 0.3 * noise(16, 1, 1024)
    targets = torch.arange(16) % 2
    optimiser = torch.optim.AdamW(network.parameters(), 1e-2)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for _ in range(25):
            optimiser.zero_grad()
            cross_entropy(network(windows), targets).backward()
            optimiser.step()
    others = tones + 0.3 * torch.randn(16, 1, 1024, generator=torch.Generator().manual_seed(1))
    assert (network.eval()(others).argmax(dim=1) == targets).float().mean() > 0.9


@EVERY
def test_the_explained_layer_has_a_time_axis_and_gradients(card):
    network = build_network(card, {}, 2, 2, seed=0).eval()
    outputs = []
    hook = network.explained_layer.register_forward_hook(
        lambda _m, _i, output: outputs.append(output)
    )
    network(noise(3, 2, 2048)).sum().backward()
    hook.remove()
    assert outputs[0].shape[0] == 3
    assert outputs[0].ndim == 3
    assert outputs[0].shape[2] >= 8
    assert outputs[0].requires_grad
    assert card.explained.endswith(".")


@EVERY
def test_grad_cam_takes_the_layer_that_the_network_names(card):
    network = small(card, channels=2)
    windows = noise(3, 2, 1024).numpy()
    found = grad_cam(network, windows, target_class=1)
    assert network.get_submodule(found.layer) is network.explained_layer
    assert found.attribution.shape == (3, 1024)
    assert np.isfinite(found.attribution).all()
    assert (found.attribution >= 0).all()


@EVERY
def test_parameters_out_of_range_are_refused_with_a_sentence(card):
    for parameter in card.parameters:
        for value in (parameter.minimum - 1, parameter.maximum + 1, "many"):
            with pytest.raises(TrainingError, match=rf"“{parameter.title}” must be .*, got "):
                build_network(card, {parameter.name: value}, 1, 2, seed=0)


@EVERY
def test_the_card_names_where_the_network_was_published(card):
    assert any(year in card.source for year in map(str, range(2010, 2027)))


def test_parameters_are_counted():
    assert parameter_count(torch.nn.Linear(3, 2)) == 8


def test_a_training_state_is_not_taken_for_a_network(tmp_path):
    save_checkpoint({"kind": "training"}, tmp_path / "c.pt")
    with pytest.raises(TrainingError, match="does not hold a trained network"):
        load_network(tmp_path / "c.pt")
