"""Split the recordings of a version into the parts of a training, and write that down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from diagnostics.errors import TrainingError
from diagnostics.training.config import Draw, TrainingConfig
from diagnostics.training.estimate import Work
from diagnostics.training.resampling import common_rate, rate_warnings
from diagnostics.training.split import Candidate, Side, Split, preview_rows, split_recordings
from services.experiments import feature_sets
from services.experiments.data import (
    Member,
    as_invalid,
    choose,
    find_version,
    group_title,
    members_of,
)
from services.experiments.sides import SHARED


def plan_split(
    session: Session, version_id: int, config: TrainingConfig, members: list[Member] | None = None
) -> tuple[Split, float]:
    """The parts of a training and the rate of its windows in Hz.

    Raises
    ------
    Invalid
        If the config does not fit the data; the sentence says why.
    """
    find_version(session, version_id)
    everybody = members or members_of(session, version_id)
    there, told = feature_sets.with_features(session, version_id, config, everybody)
    chosen = choose(there, config)
    try:
        split = split_recordings(chosen.candidates, config.split, group_title(config.group_by))
        rate = common_rate((c.sample_rate_hz for c in chosen.candidates), config.sample_rate_hz)
        _check_windows(split, config, rate)
    except TrainingError as error:
        raise as_invalid(error) from error
    by_class: dict[str, list[float]] = {name: [] for name in split.class_names}
    for candidate in chosen.candidates:
        by_class[candidate.target].append(candidate.sample_rate_hz)
    warnings = (*told, *chosen.warnings, *split.warnings, *rate_warnings(by_class))
    return replace(split, warnings=warnings), rate


def _check_windows(split: Split, config: TrainingConfig, rate: float) -> None:
    windows = dict.fromkeys(split.sides, 0)
    for row in preview_rows(split, config.window, config.hop, rate):
        windows[row.side] += row.windows
    for side, count in windows.items():
        if count == 0 and split.sides[side]:
            raise TrainingError(
                f"No recording of the {side} part is as long as one window of {config.window}"
                f" samples at {rate:g} Hz. Choose a shorter window."
            )


def work_of(split: Split, config: TrainingConfig, rate: float) -> Work:
    """The windows that a training goes through."""
    windows = dict.fromkeys(split.sides, 0)
    for row in preview_rows(split, config.window, config.hop, rate):
        windows[row.side] += row.windows
    one_each = sum(candidate.count for candidate in split.sides[Side.TRAIN])
    train = windows[Side.TRAIN]
    seen = one_each if config.draw is Draw.ONE_EACH else train
    return Work(seen, train, windows[Side.VALIDATION], windows[Side.TEST])


def stored_split(split: Split, config: TrainingConfig, rate: float) -> dict[str, Any]:
    """The split as it is stored: decided once, whatever becomes known of recordings later."""
    everyone = [(side.value, c) for side in Side for c in split.sides[side]]
    drawn: dict[str, Any] = {}
    if split.windows is not None:
        # Which window lies where follows from the seed and the order of the recordings.
        everyone = [(SHARED, c) for c in split.sides[Side.TRAIN]]
        drawn = {"windows": asdict(split.windows)}
    return {
        **drawn,
        "group_by": config.group_by,
        "target": config.target,
        "sample_rate_hz": rate,
        "sides": {str(c.recording_id): side for side, c in everyone},
        "groups": {str(c.recording_id): c.group for _, c in everyone},
        "targets": {str(c.recording_id): c.target for _, c in everyone},
        **_quantities([c for _, c in everyone], config),
        "warnings": list(split.warnings),
    }


def _quantities(candidates: Sequence[Candidate], config: TrainingConfig) -> dict[str, Any]:
    """What heads beside the class learn and are judged by; nothing for most classifiers."""
    if not config.card.heads:
        return {}
    known = {
        head.name: {
            str(one.recording_id): value
            for one in candidates
            if (value := getattr(one, head.name)) is not None
        }
        for head in config.card.heads
    }
    return {"quantities": known}
