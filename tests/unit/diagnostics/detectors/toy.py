"""A small table with five rows that stand out, and settings that make every algorithm quick."""

from __future__ import annotations

import numpy as np

from diagnostics.detectors.table import ArrayTable

QUICK = {
    "isolation_forest": {"n_estimators": 30},
    "deep_svdd": {"epochs": 5},
    "autoencoder": {"epochs": 10, "encoding_dim": 8, "batch_size": 64},
}
ODD = (3, 50, 120, 200, 299)


def values(rows=300, seed=0):
    """Four columns, the last two follow the first; each odd row goes its own way."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(rows, 4))
    found[:, 2] = found[:, 0] + 0.2 * found[:, 2]
    for number, row in enumerate(ODD):
        found[row] = [(-1) ** (number >> bit) * 9.0 for bit in range(4)]
    return found


def table(rows=300, seed=0):
    return ArrayTable.of_values(values(rows, seed), ["load", "speed", "torque", "heat"])
