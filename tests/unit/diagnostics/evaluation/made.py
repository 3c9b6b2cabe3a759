"""Predictions of a classifier that is often right, in groups that differ."""

from __future__ import annotations

import numpy as np

from diagnostics.evaluation.predictions import Predictions

NAMES = ("healthy", "inner", "outer")


def predictions(
    groups_per_class: int = 8, recordings: int = 3, windows: int = 4, seed: int = 0
) -> Predictions:
    """Each group has one class; its level of difficulty is its own."""
    rng = np.random.default_rng(seed)
    shares, targets, ids, groups = [], [], [], {}
    number = 0
    for target in range(len(NAMES)):
        for group in range(groups_per_class):
            skill = rng.normal(1.2, 0.8)
            for _ in range(recordings):
                number += 1
                groups[number] = f"{NAMES[target]} {group}"
                scores = rng.normal(size=(windows, len(NAMES)))
                scores[:, target] += skill
                odds = np.exp(scores)
                shares.append(odds / odds.sum(axis=1, keepdims=True))
                targets += [target] * windows
                ids += [number] * windows
    return Predictions(
        np.concatenate(shares),
        np.array(targets),
        np.array(ids),
        np.tile(np.arange(windows) * 0.1, number),
        0.1,
        groups,
        NAMES,
    )
