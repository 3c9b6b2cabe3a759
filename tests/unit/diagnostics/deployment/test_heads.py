"""What a network estimates beside the class, in the file: in units, and in smaller numbers too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diagnostics.deployment.agreement import compare
from diagnostics.deployment.export import heads_of
from diagnostics.deployment.session import open_model
from diagnostics.deployment.variants import kind_of, make_variant
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


def opened(network, kind="fp32", calibration=None):
    manifest = replace(MANIFEST, window=WINDOW, heads=heads_of(network))
    return open_model(make_variant(network, kind, manifest, 0.3, calibration))


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).normal(0, 2, (10, 1, WINDOW)).astype(np.float32)


@pytest.fixture(scope="module")
def both():
    return fitted(SEVERITY, SPEED)


def test_estimates_are_in_the_file_and_in_their_units(both, windows):
    model = opened(both)
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


def test_a_head_that_was_not_trained_is_not_in_the_file(windows):
    one = fitted(replace(SEVERITY, off="its error has the weight 0 in the loss"), SPEED)
    model = opened(one)
    assert [head.name for head in model.manifest.heads] == ["speed_rpm"]
    np.testing.assert_allclose(
        model.answer(windows)[1][:, 0], one.answer(windows).estimates[:, 1], rtol=1e-4
    )


def test_another_estimate_is_refused(both, windows):
    model = opened(both)
    other = fitted(SEVERITY, SPEED)
    with torch.no_grad():
        other.network.estimates[1][-1].bias += 0.1
    with pytest.raises(DeploymentError, match=r"beside the class differs by up to 0\.1"):
        compare(other, model, windows)


@pytest.mark.parametrize("kind", ["fp16", "int8_static", "l1_unstructured"])
def test_smaller_numbers_keep_both_and_pruned_ones_name_the_class_only(both, windows, kind):
    model = opened(both, kind, windows)
    found = compare(both, model, windows, tolerance=None)
    if kind_of(kind).prunes:
        assert model.manifest.heads == ()
        assert model.answer(windows)[1].shape == (10, 0)
    else:
        assert 0 < found.estimate_difference < 0.5
        assert len(model.session.get_outputs()) == 2
