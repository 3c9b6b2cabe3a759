"""Train on one side of a split of recordings in memory, and say what the test side is named."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnostics.evaluation.answers import predictions_of
from diagnostics.evaluation.predictions import Predictions
from diagnostics.training.config import TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.fitted import FittedClassifier
from diagnostics.training.split import Candidate, Side, split_recordings
from diagnostics.training.windows import Reader, WindowSet, windows_of


@dataclass(frozen=True)
class Learned:
    """What was trained, and the windows of both sides of its split."""

    fitted: FittedClassifier
    training: WindowSet
    test: WindowSet


def train_and_test(
    candidates: Sequence[Candidate], read: Reader, config: TrainingConfig, rate_hz: float
) -> Predictions:
    """Without a validation part: nothing is stopped early, the last epoch is taken."""
    learned = learn(candidates, read, config, rate_hz)
    return predictions_of(learned.fitted, learned.test)


def learn(
    candidates: Sequence[Candidate], read: Reader, config: TrainingConfig, rate_hz: float
) -> Learned:
    """As :func:`train_and_test`, for who wants the classifier itself."""
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

    training = windows(Side.TRAIN)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "state.pt"
        trained = fit_classifier(config, split.class_names, training, None, checkpoint=checkpoint)
    return Learned(trained.fitted, training, windows(Side.TEST))
