"""Small networks whose explanations are known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch import nn

from diagnostics.explain.attribution import Question

SAMPLES = 64


class Linear(nn.Module):
    """Two scores that are sums of weighted samples: every method's answer is weight × sample."""

    def __init__(self, channels=2, samples=SAMPLES):
        super().__init__()
        torch.manual_seed(1)
        self.flat = nn.Flatten()
        self.sum = nn.Linear(channels * samples, 2)

    def forward(self, x):
        return self.sum(self.flat(x))

    def exact(self, windows, baseline, target):
        weights = self.sum.weight[target].detach().numpy().reshape(windows.shape[1:])
        return (windows - baseline) * weights


class Curved(nn.Module):
    """Samples act together, so that Shapley values are no slopes."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first = nn.Conv1d(1, 6, 9, stride=4)
        self.act = nn.Softplus()
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        seen = self.act(self.first(x))
        return self.head(seen.mean(dim=-1) + seen.max(dim=-1).values)


def windows(count=2, channels=1, samples=SAMPLES):
    return np.random.default_rng(3).normal(size=(count, channels, samples)).astype(np.float32)


def question(like, target=1, baselines=None, **changes):
    zeros = np.zeros((1, *like.shape[1:]), dtype=np.float32)
    return Question(target, zeros if baselines is None else baselines, **changes)


def shapley(score, count):
    """Of the definition: every order, by every set."""
    found = np.zeros(count)
    for size in range(count):
        weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
        for chosen in itertools.combinations(range(count), size):
            mask = np.zeros((1, count), dtype=np.float32)
            mask[0, list(chosen)] = 1
            without = score(mask)[0]
            for part in set(range(count)) - set(chosen):
                with_it = mask.copy()
                with_it[0, part] = 1
                found[part] += weight * (score(with_it)[0] - without)
    return found
