"""One export of a small network, turned into all that it can become."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from diagnostics.deployment.agreement import compare
from diagnostics.deployment.contents import contents_of
from diagnostics.deployment.export import Measured, export_network, frozen_axes, to_onnx
from diagnostics.deployment.judging import Option, judge, recommend
from diagnostics.deployment.manifest import INPUT
from diagnostics.deployment.modules import benchmark, dynamic_int8, half, static_int8
from diagnostics.deployment.pruning import prune_network, sparsity
from diagnostics.deployment.quantise import to_dynamic_int8, to_fp16, to_static_int8
from diagnostics.deployment.session import open_model
from diagnostics.errors import DeploymentError
from diagnostics.evaluation.predictions import Predictions
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network, parameter_count
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser
from tests.exported import MANIFEST

WINDOW = 2048
SMALL = {"width": 8, "blocks": 2, "kernel": 16}
NORMALISED = {
    Normalisation.WINDOW: Normaliser(Normalisation.WINDOW),
    Normalisation.TRAINING: Normaliser(Normalisation.TRAINING, (50.0,), (2.0,)),
}


def fitted(kind=Normalisation.WINDOW, name="cnn1d", parameters=SMALL):
    network = build_network(classifier(name), parameters, 1, 2, seed=1).eval()
    about = About(name, dict(parameters), ("a", "b"), (0,), WINDOW, 12_000.0, NORMALISED[kind])
    return FittedNetwork(network, about)


@pytest.fixture(scope="module")
def windows():
    """On a large offset, as accelerometers with a bias have it; one is constant."""
    made = np.random.default_rng(0).normal(50, 2, (12, 1, WINDOW)).astype(np.float32)
    made[3] = 50.0
    return made


@pytest.fixture(scope="module")
def exported():
    return export_network(fitted(), replace(MANIFEST, window=WINDOW))


def test_export_says_what_the_network_says_at_any_length(exported, windows):
    found = compare(fitted(), open_model(exported), windows, frozen_axes(exported))
    assert found.frozen == ()
    assert found.max_difference < 1e-5
    assert {one.samples for one in found.trials} == {1025, 2048, 4096}
    assert {one.batch for one in found.trials} == {1, 3, 8}


@pytest.mark.parametrize("kind", Normalisation)
def test_normalising_in_the_graph_is_that_of_the_training(kind, windows):
    made = fitted(kind)
    with torch.inference_mode():
        found = Measured(made.network, made.about.normaliser).prepare(torch.from_numpy(windows))
    expected = made.about.normaliser.apply(windows)
    assert np.abs(found.numpy() - expected).max() < 1e-5


def test_nothing_of_this_machine_is_in_the_file(exported):
    assert str(Path(__file__).parents[4]).encode() not in exported
    assert b"site-packages" not in exported


def test_another_network_is_refused(exported, windows):
    other = fitted()
    with torch.no_grad():
        other.network.head[1].bias += torch.tensor([1.0, 0.0])
    with pytest.raises(DeploymentError, match="The export is refused"):
        compare(other, open_model(exported), windows)


def kinds_of_weights(content):
    """The types of the larger arrays in a file."""
    arrays = onnx.load_from_string(content).graph.initializer
    return {onnx.TensorProto.DataType.Name(one.data_type) for one in arrays if prod(one.dims) > 8}


def test_smaller_numbers_are_in_the_file_and_agree(exported, windows):
    model = fitted()
    for made, kind, near in (
        (to_fp16(exported), "FLOAT16", 0.01),
        (to_dynamic_int8(exported), "INT8", 0.05),
        (to_static_int8(exported, windows), "INT8", 0.2),
    ):
        opened = open_model(made)
        assert opened.manifest.window == WINDOW
        assert kind in kinds_of_weights(made)
        assert kind not in kinds_of_weights(exported)
        found = compare(model, opened, windows, frozen_axes(made), tolerance=None)
        assert found.max_difference < near
    with pytest.raises(DeploymentError, match="needs windows"):
        to_static_int8(exported, windows[:0])


def test_pruning_leaves_the_original_and_removes_what_it_says(windows):
    network = fitted().network
    before = {name: value.clone() for name, value in network.state_dict().items()}
    sizes = {}
    for method in ("l1_unstructured", "random_unstructured", "structured"):
        pruned = prune_network(network, 0.5, method)
        sizes[method] = sum(one.numel() for one in pruned.parameters())
        with torch.inference_mode():
            assert pruned(torch.from_numpy(windows)).shape == (12, 2)
        if method != "structured":
            assert sparsity(pruned) == pytest.approx(0.5, abs=0.01)
    assert sizes["structured"] < sizes["l1_unstructured"]
    after = network.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_removed_channels_that_do_nothing_change_nothing(windows):
    made = fitted()
    first, norm = made.network.first[0], made.network.first[1]
    with torch.no_grad():  # the channel is 0 behind its normalisation
        first.weight[2] = 0
        norm.bias[2] = norm.running_mean[2] = 0
    given = torch.from_numpy(made.about.normaliser.apply(windows))
    one_less = 1 / 8
    pruned = prune_network(made.network, one_less, "structured")
    assert pruned.first[0].out_channels == 7
    with torch.inference_mode():
        maps = pruned.first(given)
        expected = made.network.first(given)[:, [0, 1, 3, 4, 5, 6, 7]]
    assert torch.allclose(maps, expected, atol=1e-5)


@pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
def test_every_network_loses_channels_and_stays_whole(card):
    parameters = {one.name: one.default for one in card.parameters}
    network = build_network(card, parameters, 2, 3, seed=1).eval()
    pruned = prune_network(network, 0.5, "structured", example=torch.zeros(2, 2, 1024))
    kept = parameter_count(pruned) / parameter_count(network)
    # Attention and recurrent layers stay; elsewhere half of the channels is a quarter of the work.
    assert kept < (0.8 if card.name in ("patchtst", "signal_transformer", "cnn_lstm") else 0.45)
    with torch.inference_mode():
        scores, estimates = pruned.answer(torch.zeros(3, 2, 1500))
    assert (scores.shape, estimates.shape) == ((3, 3), (3, len(card.heads)))


def test_the_layer_decides_what_is_followed_through_a_strange_module():
    strange = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 4),
    )
    pruned = prune_network(strange, 0.5, "structured")
    assert (pruned[0].out_channels, pruned[4].in_features, pruned[4].out_features) == (4, 4, 4)


def test_what_cannot_be_pruned_is_said():
    network = fitted().network
    for amount, method in ((1.0, "structured"), (-0.1, "structured"), (0.3, "l2")):
        with pytest.raises(DeploymentError):
            prune_network(network, amount, method)
    with pytest.raises(DeploymentError, match="no channels between"):
        prune_network(torch.nn.Linear(2, 2), 0.3, "structured")


def test_modules_stay_modules(windows):
    model = fitted()
    given = model.prepare(windows)
    with torch.inference_mode():
        expected = model.network(given)
        assert torch.allclose(dynamic_int8(model.network)(given), expected, atol=0.05)
        assert torch.allclose(half(model.network)(given.half()).float(), expected, atol=0.05)
    static = static_int8(model.network, [given])
    assert torch.allclose(static(given), expected, atol=0.3)
    assert any("quantize" in str(node.target) for node in static.graph.nodes)
    found = benchmark(model.network, (2, 1, 1024), 5)
    assert (found.runs, found.batch) == (5, 2)
    assert found.min_ms <= found.p50_ms <= found.p99_ms <= found.max_ms
    for shape, runs in (((2, 1, 1024), 0), ((2, 3, 1024), 5), ((0, 1, 1024), 5), ((), 5)):
        with pytest.raises(DeploymentError):
            benchmark(model.network, shape, runs)


@pytest.mark.parametrize("opset", [16, 18])
def test_the_version_of_operators_is_the_one_that_was_asked_for(opset):
    layers = (torch.nn.Conv1d(1, 2, 3), torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten())
    module, given = torch.nn.Sequential(*layers).eval(), torch.randn(2, 1, 32)
    made = to_onnx(module, tuple(given.shape), opset=opset, dynamic=False)
    assert [one.version for one in onnx.load_from_string(made).opset_import] == [opset]
    (said,) = ort.InferenceSession(made).run(None, {INPUT: given.numpy()})
    with torch.inference_mode():
        assert np.allclose(said, module(given), atol=1e-5)


@pytest.mark.parametrize("opset", [3, 99])
def test_another_version_of_operators_is_not_given_instead(opset):
    with pytest.raises(DeploymentError):
        to_onnx(torch.nn.Sequential(torch.nn.ReLU()), (1, 1, 32), opset=opset)


def test_zeros_and_numbers_are_counted(exported):
    found = contents_of(exported)
    assert found.numbers > sum(p.numel() for p in fitted().network.head.parameters())
    assert found.sparsity == 0.0


def test_a_variant_that_is_wrong_everywhere_is_worse():
    ids = np.arange(40)
    targets = ids % 2
    right = np.eye(2)[targets]
    full = Predictions(
        right, targets, ids, np.zeros(40), 0.1, {n: f"g{n}" for n in range(40)}, ("a", "b")
    )
    contents = {n: str(n) for n in range(40)}
    found = judge(full, right, contents)
    assert found.verdict == "undecided"  # of 40 groups 7 % could come out otherwise, unseen
    assert (found.low, found.high) == pytest.approx((-0.0721575, 0.0721575))
    fast = Option(2, 50, 1.0, found.verdict)
    assert recommend(Option(1, 100, 2.0, ""), [fast]) is None
    found = judge(full, right[::-1].copy() if targets[0] != targets[-1] else 1 - right, contents)
    assert (found.verdict, found.difference) == ("worse", -1.0)
