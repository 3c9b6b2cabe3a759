"""What a network estimates beside the class, in the file: in units, and in smaller numbers too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diagnostics.deployment.agreement import compare
from diagnostics.deployment.export import Estimating, heads_of
from diagnostics.deployment.quantise import to_fp16, to_static_int8
from diagnostics.deployment.session import in_units, open_model
from diagnostics.deployment.variants import make_variant
from diagnostics.errors import DeploymentError
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.head_scale import HeadScale
from diagnostics.training.normalisation import Normaliser
from tests.exported import MANIFEST

WINDOW = 1024
SMALL = {"width": 8, "blocks": 2, "kernel": 16}
SEVERITY, SPEED = HeadScale("severity", 0.4, 0.2, 12), HeadScale("speed_rpm", 1800.0, 50.0, 12)


def fitted(*scales):
    network = build_network(classifier("multitask"), SMALL, 1, 2, seed=1).eval()
    normaliser = Normaliser(Normalisation.WINDOW)
    about = About(
        "multitask", dict(SMALL), ("a", "b"), (0,), WINDOW, 12_000.0, normaliser, tuple(scales)
    )
    return FittedNetwork(network, about)


def file_of(network, kind="fp32"):
    manifest = replace(MANIFEST, window=WINDOW, heads=heads_of(network))
    return make_variant(network, kind, manifest, 0.3)


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).normal(0, 2, (10, 1, WINDOW)).astype(np.float32)


@pytest.fixture(scope="module")
def both():
    return fitted(SEVERITY, SPEED)


@pytest.fixture(scope="module")
def content(both):
    return file_of(both)


def test_estimates_are_in_the_file_and_in_their_units(both, content, windows):
    model = open_model(content)
    assert [(one.name, one.unit) for one in model.manifest.heads] == [
        ("severity", ""),
        ("speed_rpm", "rpm"),
    ]
    found = compare(both, model, windows)
    assert found.max_difference < 1e-5
    assert found.estimate_difference < 1e-4
    probabilities, estimates = model.answer(windows)
    expected = both.answer(windows)
    np.testing.assert_allclose(probabilities, expected.probabilities, atol=1e-5)
    np.testing.assert_allclose(estimates, expected.estimates, rtol=1e-4)
    assert np.ptp(estimates[:, 1]) > 0


def test_a_head_that_was_not_trained_is_left_out(windows):
    one = fitted(replace(SEVERITY, off="its error has the weight 0 in the loss"), SPEED)
    (head,) = heads_of(one)
    assert (head.name, head.low, head.high) == ("speed_rpm", 0.0, None)
    with torch.inference_mode():
        raw = Estimating(one.network, one.about.normaliser, [1]).eval()(torch.from_numpy(windows))
    np.testing.assert_allclose(
        in_units([head], raw[1].numpy())[:, 0], one.answer(windows).estimates[:, 1], rtol=1e-4
    )


def test_another_estimate_is_refused(content, windows):
    other = fitted(SEVERITY, SPEED)
    with torch.no_grad():
        other.network.estimates[1][-1].bias += 0.1
    with pytest.raises(DeploymentError, match=r"beside the class differs by up to 0\.1"):
        compare(other, open_model(content), windows)


def test_smaller_numbers_keep_both(both, content, windows):
    for made in (to_fp16(content), to_static_int8(content, windows)):
        model = open_model(made)
        found = compare(both, model, windows, tolerance=None)
        assert 0 < found.estimate_difference < 0.05
        assert len(model.session.get_outputs()) == 2


def test_a_pruned_network_names_the_class_only(both, windows):
    model = open_model(file_of(both, "l1_unstructured"))
    assert model.manifest.heads == ()
    assert model.answer(windows)[1].shape == (10, 0)
