"""What only a worker computes, since it loads the trained classifier."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from diagnostics.evaluation.calibration import fit_temperature
from diagnostics.evaluation.metrics import SCORES, confusion_matrix
from diagnostics.progress import Progress, Report
from diagnostics.training.config import Normalisation
from diagnostics.training.split import Side
from services.errors import Invalid
from services.evaluation.sources import SideSource, find_side

if TYPE_CHECKING:
    from diagnostics.training.fitted import FittedClassifier
    from diagnostics.training.windows import WindowSet

MOST_LEVELS = 20
HIGHEST_LEVEL = 100.0


def checked_levels(noise_levels: Sequence[float]) -> list[float]:
    """The levels as they were given, once each.

    Raises
    ------
    Invalid
        If there are none, too many, or one is no number of 0 to 100.
    """
    try:
        levels = list(dict.fromkeys(float(level) for level in noise_levels))
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid("Noise levels are numbers, such as 0.05.") from error
    if not 1 <= len(levels) <= MOST_LEVELS:
        raise Invalid(f"Expected 1 to {MOST_LEVELS} noise levels, got {len(levels)}.")
    for level in levels:
        if not (math.isfinite(level) and 0 <= level <= HIGHEST_LEVEL):
            raise Invalid(
                f"A noise level is the noise's standard deviation as a fraction of the signal's, "
                f"0 to {HIGHEST_LEVEL:g}; got {level:g}."
            )
    return levels


def robustness_of(
    experiment_id: int, levels: Sequence[float], report: Report
) -> tuple[dict[str, Any], str]:
    """Scores under every disturbance as plain values, and what they belong to."""
    from diagnostics.evaluation.robustness import try_conditions

    source = find_side(experiment_id, "test")
    with _opened(source, Side.TEST, report) as (fitted, windows):
        found = try_conditions(fitted, windows, levels, report)
    notes = list(found.notes)
    if source.normalisation == Normalisation.WINDOW:
        notes.append(
            "This classifier sees each window at mean 0 and deviation 1, so gain and offset "
            "cannot change what it says."
        )
    result = {
        "clean": found.clean.to_dict(),
        "conditions": [one.to_dict() for one in found.conditions],
        "available": found.available,
        "no_interval": found.no_interval,
        "notes": notes,
    }
    return result, source.fingerprint


def temperature_of(experiment_id: int, report: Report) -> tuple[dict[str, Any], str]:
    """The temperature that fits the validation part, and what it belongs to.

    Raises
    ------
    Invalid
        If there is no validation part.
    """
    from diagnostics.training.fitted import predict

    source = find_side(experiment_id, "validation")
    if not source.recordings:
        raise Invalid(
            "This experiment has no validation part, and a temperature must not be fitted on the "
            "test part. Train with a validation part."
        )
    with _opened(source, Side.VALIDATION, report) as (fitted, windows):
        probabilities = predict(fitted, windows, report, stage="predict validation")
        ids = np.array([one.recording_id for one in windows.recordings])[windows.owner]
        found = fit_temperature(probabilities, windows.targets, ids)
    return found.to_dict(), source.fingerprint


def validation_score_of(experiment_id: int, report: Report) -> dict[str, float]:
    """Balanced accuracy over the recordings of the validation part, and their number.

    Raises
    ------
    Invalid
        If there is no validation part.
    """
    from diagnostics.evaluation.answers import predictions_of

    source = find_side(experiment_id, "validation")
    if not source.recordings:
        raise Invalid("This experiment has no validation part.")
    with _opened(source, Side.VALIDATION, report) as (fitted, windows):
        vote = predictions_of(fitted, windows, report, stage="predict validation").vote()
    named = vote.probabilities.argmax(axis=1).astype(np.int64)
    counted = confusion_matrix(vote.targets, named, len(fitted.about.class_names))
    score = float(SCORES["balanced_accuracy"](counted))
    return {"balanced_accuracy": score, "recordings": float(vote.targets.size)}


def by_level(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored result as it is promised: by the name of the disturbance, then by the number."""
    kinds: dict[str, dict[float, dict[str, Any]]] = {}
    for one in stored["conditions"]:
        kinds.setdefault(one["kind"], {})[float(one["level"])] = _scores(one)
    rest = {name: stored[name] for name in ("available", "no_interval", "notes")}
    return {"clean": _scores(stored["clean"]), **kinds, **rest}


def _scores(one: Mapping[str, Any]) -> dict[str, Any]:
    """Recordings first, windows beside."""

    def of(level: str) -> dict[str, Any]:
        accuracy = one[level]["accuracy"]
        return {
            "accuracy": accuracy["value"],
            "low": accuracy["low"],
            "high": accuracy["high"],
            "balanced_accuracy": one[level]["balanced_accuracy"]["value"],
            "n": one["counts"][level],
        }

    found = {**of("recordings"), "windows": of("windows"), "groups": one["counts"]["groups"]}
    return {**found, "snr_db": one["snr_db"]} if one["kind"] == "noise" else found


@contextmanager
def _opened(
    source: SideSource, side: Side, report: Report
) -> Iterator[tuple[FittedClassifier, WindowSet]]:
    from diagnostics.training.fitted import load_classifier
    from diagnostics.training.windows import reading, windows_of

    report(Progress("load the classifier", 0, 1))
    fitted = load_classifier(source.checkpoint)
    with reading(source.files) as reader:
        windows = windows_of(
            source.recordings,
            fitted.about.class_names,
            reader,
            channels=fitted.about.channels,
            window=fitted.about.window,
            hop=source.hop,
            sample_rate_hz=fitted.about.sample_rate_hz,
        )
        yield fitted, windows if source.windows is None else windows.part(source.windows, side)
