"""Experiments that were tested on made-up recordings, for what compares them."""

import numpy as np

from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.shared_test import HeldOutTest

CLASSES = ("ball", "inner", "outer")


def held_out(targets, named, groups=None, *, ids=None, classes=CLASSES, windows=2, contents=None):
    """Each recording has ``windows`` windows that all name it alike, nine times in ten."""
    count = len(targets)
    ids = np.arange(1, count + 1) if ids is None else np.array(ids)
    groups = [f"bearing {n}" for n in ids] if groups is None else groups
    sure = np.full((count, len(classes)), 0.1 / (len(classes) - 1))
    sure[np.arange(count), named] = 0.9
    given = Predictions(
        probabilities=np.repeat(sure, windows, axis=0),
        targets=np.repeat(np.array(targets), windows),
        recording_ids=np.repeat(ids, windows),
        starts_s=np.tile(np.arange(windows) * 0.1, count),
        window_s=0.1,
        groups=dict(zip(ids.tolist(), groups, strict=True)),
        class_names=classes,
    )
    return HeldOutTest(given, contents or {int(n): f"samples {n}" for n in ids})


def wrong(targets, places):
    """The same classes but for those places, where the next one is named."""
    named = np.array(targets).copy()
    named[list(places)] = (named[list(places)] + 1) % 3
    return named.tolist()
