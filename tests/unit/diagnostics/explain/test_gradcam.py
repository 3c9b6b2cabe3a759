import numpy as np
import pytest
import torch
from torch import nn

from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.gradcam import grad_cam, last_feature_maps


class Branching(nn.Module):
    """The shortcut is defined last and runs first, as in some residual networks."""

    def __init__(self):
        super().__init__()
        self.early = nn.Conv1d(1, 4, 5, stride=2, padding=2)
        self.late = nn.Conv1d(4, 4, 3, padding=1)
        self.shortcut = nn.Conv1d(1, 4, 1, stride=2)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        beside = self.shortcut(x)
        x = torch.relu(self.late(torch.relu(self.early(x))) + beside)
        return self.head(x.mean(dim=-1))


class Block(nn.Module):
    """Uses one rectifier twice, as residual blocks often do."""

    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv1d(channels, channels, 3, padding=1)
        self.second = nn.Conv1d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.second(self.relu(self.first(x))) + x)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Branching()


@pytest.fixture
def windows():
    return np.random.default_rng(0).normal(size=(5, 1, 128)).astype(np.float32)


def test_the_convolution_that_runs_last_is_taken(network):
    name, layer = last_feature_maps(network, torch.zeros(1, 1, 64))
    assert name == "late"
    assert layer is network.late


def test_the_maps_are_taken_behind_normalisation_and_rectifier():
    network = nn.Sequential(
        *(nn.Conv1d(1, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.MaxPool1d(2), nn.Flatten(), nn.Linear(4 * 15, 2)),
    )
    assert last_feature_maps(network.eval(), torch.zeros(1, 1, 32))[0] == "3"


def test_of_a_residual_network_the_last_block_is_taken():
    network = nn.Sequential(
        *(nn.Conv1d(1, 4, 3, padding=1), Block(4), Block(4)),
        *(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 2)),
    )
    assert last_feature_maps(network, torch.zeros(1, 1, 32))[0] == "2"


def test_the_map_is_that_of_the_paper_worked_out_by_hand(network, windows):
    found = grad_cam(network, windows, target_class=1)
    kept = []
    hook = network.late.register_forward_hook(lambda _m, _i, out: kept.append(out))
    scores = network(torch.as_tensor(windows))
    hook.remove()
    (gradient,) = torch.autograd.grad(scores[:, 1].sum(), kept[0])
    weights = gradient.mean(dim=-1, keepdim=True)
    coarse = torch.relu((weights * kept[0]).sum(dim=1, keepdim=True))
    fine = nn.functional.interpolate(coarse, 128, mode="linear")[:, 0].detach().numpy()
    assert found.attribution == pytest.approx(fine, abs=1e-6)
    assert found.probabilities == pytest.approx(scores.softmax(dim=1).detach().numpy(), abs=1e-6)
    assert (found.layer, found.positions, found.target_class) == ("late", 64, 1)
    assert found.attribution.min() >= 0
    assert found.attribution.dtype == np.float32


def test_a_burst_is_where_a_network_that_looks_for_bursts_looks():
    network = nn.Sequential(
        nn.Conv1d(1, 1, 9, padding=4, bias=False),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(1, 2),
    )
    with torch.no_grad():
        network[0].weight.copy_(torch.cos(torch.arange(-4, 5) * np.pi / 2).reshape(1, 1, 9))
        network[4].weight.copy_(torch.tensor([[-1.0], [1.0]]))
    window = np.zeros((1, 1, 400), dtype=np.float32)
    window[0, 0, 300:320] = np.cos(np.arange(20) * np.pi / 2)
    found = grad_cam(network, window, target_class=1).attribution[0]
    assert 300 <= found.argmax() < 320
    assert found[:290].max() == 0
    # Nothing speaks for the other class: its score falls with the burst.
    assert grad_cam(network, window, target_class=0).attribution.max() == 0


def test_many_windows_are_worked_off_in_batches_and_reported(network):
    windows = np.random.default_rng(1).normal(size=(70, 1, 64)).astype(np.float32)
    said = []
    found = grad_cam(network, windows, 0, report=said.append)
    assert found.attribution.shape == (70, 64)
    assert [progress.done for progress in said] == [32, 64, 70]
    alone = grad_cam(network, windows[40:41], 0)
    assert found.attribution[40] == pytest.approx(alone.attribution[0], abs=1e-6)


def test_frozen_weights_can_be_explained_and_the_network_is_left_in_evaluation_mode(
    network, windows
):
    expected = grad_cam(network, windows, 0).attribution
    network.requires_grad_(False)
    network.train()
    assert grad_cam(network, windows, 0).attribution == pytest.approx(expected, abs=1e-6)
    assert not network.training
    assert not any(module._forward_hooks for module in network.modules())


def test_another_layer_can_be_chosen(network, windows):
    assert grad_cam(network, windows, 0, layer=network.early).layer == "early"
    with pytest.raises(ExplanationError, match="does not belong"):
        grad_cam(network, windows, 0, layer=nn.Conv1d(1, 1, 3))


def test_a_network_without_convolution_is_refused(windows):
    network = nn.Sequential(nn.Flatten(), nn.Linear(128, 2))
    with pytest.raises(ExplanationError, match="needs a network with a convolution"):
        grad_cam(network, windows, 0)


@pytest.mark.parametrize("target", [-1, 3])
def test_a_class_that_does_not_exist_is_refused(network, windows, target):
    with pytest.raises(ExplanationError, match="from 0 to 2"):
        grad_cam(network, windows, target)


@pytest.mark.parametrize("shape", [(0, 1, 64), (1, 64)])
def test_what_is_no_window_is_refused(network, shape):
    with pytest.raises(ExplanationError, match="Expected windows"):
        grad_cam(network, np.zeros(shape, dtype=np.float32), 0)
