"""The loss against that of torch, and against the formula of its paper."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from diagnostics.training.losses import cross_entropy, shares

SCORES = torch.tensor(np.random.default_rng(0).normal(size=(20, 3)), dtype=torch.float32)
CLASSES = torch.tensor(np.random.default_rng(1).integers(0, 3, 20))
WEIGHTS = torch.tensor([0.5, 1.0, 2.0])


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_it_is_that_of_torch(weights):
    found = cross_entropy(SCORES, shares(CLASSES, 3), weights)
    assert float(found) == pytest.approx(
        float(functional.cross_entropy(SCORES, CLASSES, weights)), rel=1e-6
    )


def test_smoothing_is_that_of_torch():
    found = cross_entropy(SCORES, shares(CLASSES, 3), smoothing=0.2)
    expected = functional.cross_entropy(SCORES, CLASSES, label_smoothing=0.2)
    assert float(found) == pytest.approx(float(expected), rel=1e-6)


def test_shares_of_classes_are_those_of_torch():
    mixed = 0.7 * shares(CLASSES, 3) + 0.3 * shares(CLASSES.flip(0), 3)
    expected = functional.cross_entropy(SCORES, mixed)
    assert float(cross_entropy(SCORES, mixed)) == pytest.approx(float(expected), rel=1e-6)


def test_the_focus_follows_its_formula():
    likely = torch.softmax(SCORES, dim=1)[torch.arange(20), CLASSES].numpy()
    expected = np.mean(-((1 - likely) ** 2.0) * np.log(likely))
    found = cross_entropy(SCORES, shares(CLASSES, 3), gamma=2.0)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_scores_that_are_sure_give_finite_gradients():
    scores = torch.tensor([[80.0, -80.0, 0.0]], requires_grad=True)
    cross_entropy(scores, shares(torch.tensor([0]), 3), gamma=0.5, smoothing=0.1).backward()
    assert torch.isfinite(scores.grad).all()
