"""Train on one side of a split of recordings in memory, and say what the test side is named."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from diagnostics.evaluation.answers import predictions_of
from diagnostics.evaluation.predictions import Predictions
from diagnostics.training.config import TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.split import Candidate, Side, split_recordings
from diagnostics.training.windows import Reader, WindowSet, windows_of


def train_and_test(
    candidates: Sequence[Candidate], read: Reader, config: TrainingConfig, rate_hz: float
) -> Predictions:
    """Without a validation part: nothing is stopped early, the last epoch is taken."""
    split = split_recordings(candidates, config.split, config.group_by)

    def windows(side: Side) -> WindowSet:
        found = windows_of(
            split.sides[side],
            split.class_names,
            read,
            channels=config.channels,
            window=config.window,
            hop=config.hop,
            sample_rate_hz=rate_hz,
        )
        return found if split.windows is None else found.part(split.windows, side)

    with tempfile.TemporaryDirectory() as folder:
        trained = fit_classifier(
            config,
            split.class_names,
            windows(Side.TRAIN),
            None,
            checkpoint=Path(folder) / "state.pt",
        )
    return predictions_of(trained.fitted, windows(Side.TEST))
