"""What augmentation does to one training window of an experiment that is being planned."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.training.config import TrainingConfig
from diagnostics.training.examples import augmentation_examples
from diagnostics.training.split import Side, Split
from diagnostics.training.windows import reading, windows_of
from models import Recording, RecordingChannel
from services.runtime import artefacts

Row = NDArray[np.float32]


class AugmentationView(TypedDict):
    """A window as it is and as it is seen in training; ``times_s`` within the recording."""

    recording: str
    target: str
    unit: str
    times_s: NDArray[np.float64]
    original: Row
    changed: list[Row]
    told: list[str]


def augmentation_view(
    session: Session, split: Split, config: TrainingConfig, rate_hz: float, seed: int
) -> AugmentationView:
    """One window of the training part, drawn by the seed, and three changes of it."""
    members = split.sides[Side.TRAIN]
    ids = [one.recording_id for one in members]
    keys = select(Recording.id, Recording.artefact_key).where(Recording.id.in_(ids))
    paths = {row.id: artefacts().local_path(row.artefact_key) for row in session.execute(keys)}
    with reading(paths) as reader:
        windows = windows_of(
            members,
            split.class_names,
            reader,
            channels=config.channels[:1],
            window=config.window,
            hop=config.hop,
            sample_rate_hz=rate_hz,
        )
        if split.windows is not None:
            windows = windows.part(split.windows, Side.TRAIN)
        found = augmentation_examples(windows, config.augmentation, seed)
    unit = session.scalars(
        select(RecordingChannel.unit).where(
            RecordingChannel.recording_id == found.recording.recording_id,
            RecordingChannel.position == config.channels[0],
        )
    ).one()
    other = f"{found.other.name} ({found.other.target})"
    return {
        "recording": found.recording.name,
        "target": found.recording.target,
        "unit": unit.value,
        "times_s": found.start_s + np.arange(config.window) / rate_hz,
        "original": found.original,
        "changed": list(found.changed),
        "told": [
            "" if share == 1 else f"{100 * share:.0f} % of it, the rest of {other}"
            for share in found.kept
        ],
    }
