"""How far a trained classifier holds when its recordings get worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError
from diagnostics.evaluation.disturbances import (
    DISTURBANCES,
    Kind,
    disturbed,
    snr_db,
    with_wrong_rate,
)
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.predictions import Floats, Predictions
from diagnostics.evaluation.report import evaluate_predictions
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.fitted import FittedClassifier, predict
from diagnostics.training.windows import WindowSet

# Every condition asks the classifier again: so many windows are enough for its accuracy.
MOST_WINDOWS = 2000
SEED = 20_240_501
_BATCH = 128


@dataclass(frozen=True)
class Condition:
    """Scores under one level of one kind; ``kind`` and ``level`` are None for the data as is.

    ``recordings`` and ``windows`` hold value, low and high by the name of the score.
    """

    kind: str | None
    level: float | None
    snr_db: float | None
    recordings: Mapping[str, Mapping[str, float | None]]
    windows: Mapping[str, Mapping[str, float | None]]
    counts: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Robustness:
    """``available`` windows the test side has; ``notes`` say what was left out."""

    clean: Condition
    conditions: tuple[Condition, ...]
    available: int
    no_interval: str | None
    notes: tuple[str, ...]


def evenly_chosen(windows: WindowSet, most: int = MOST_WINDOWS) -> WindowSet:
    """At most about ``most`` windows, spread evenly over each recording; one of each at least.

    Parameters
    ----------
    windows : WindowSet
    most : int

    Returns
    -------
    WindowSet
    """
    if len(windows) <= most:
        return windows
    occurring = np.unique(windows.owner)
    each = max(1, most // len(occurring))
    kept: list[NDArray[np.intp]] = []
    for place in occurring:
        own = np.flatnonzero(windows.owner == place)
        count = min(each, len(own))
        kept.append(own[np.linspace(0, len(own) - 1, count).round().astype(np.intp)])
    rows = np.concatenate(kept)
    return _rows(windows, rows)


def try_conditions(
    classifier: FittedClassifier,
    windows: WindowSet,
    noise_levels: Sequence[float],
    report: Report = silent,
    seed: int = SEED,
) -> Robustness:
    """Accuracy under white noise, gain, offset, dropouts and a wrong sampling rate.

    Parameters
    ----------
    classifier : FittedClassifier
    windows : WindowSet
        Of the test side, in the order and rate of the classifier.
    noise_levels : sequence of float
        Standard deviations of the noise as fractions of the signal's.
    report : function
    seed : int
        Of the noise and the gaps: they are the same for every classifier on the same windows,
        and for every set of levels.

    Returns
    -------
    Robustness
        Intervals as in :func:`diagnostics.evaluation.report.evaluate`, or none for the reason
        given.

    Raises
    ------
    EvaluationError
        If a level is out of its range.

    Notes
    -----
    A disturbance here comes alone and is the same in all windows; what a machine does is
    worse. A classifier that holds is not proven sound, one that breaks at 20 dB is not to be
    used with another sensor.
    """
    chosen = evenly_chosen(windows, MOST_WINDOWS)
    notes = []
    if len(chosen) < len(windows):
        notes.append(
            f"{len(chosen)} of {len(windows)} windows of the test side were asked, evenly spread "
            "over each recording."
        )
    wanted = [(Kind.NOISE, float(level)) for level in noise_levels]
    wanted += [(d.kind, v) for d in DISTURBANCES if d.kind is not Kind.NOISE for v in d.levels]
    rates = [(kind, level) for kind, level in wanted if kind is Kind.RATE]
    others = [(kind, level) for kind, level in wanted if kind is not Kind.RATE]
    clean, answers = _asked(classifier, chosen, others, seed, report, len(rates))
    asked = len(others) + 1
    found = [
        _condition(kind, level, _judged(classifier, chosen, shares, seed))
        for (kind, level), shares in zip(others, answers, strict=True)
    ]
    for place, (kind, factor) in enumerate(rates):
        report(Progress("wrong rates", asked + place, asked + len(rates), f"× {factor:g}"))
        try:
            wrong = with_wrong_rate(chosen, factor)
            judged = _judged(classifier, wrong, predict(classifier, wrong), seed)
        except (EvaluationError, TrainingError) as error:
            notes.append(f"Wrong sampling rate × {factor:g} was left out. {error}")
            continue
        found.append(_condition(kind, factor, judged))
    judged = _judged(classifier, chosen, clean, seed)
    refusal = judged["no_interval"]
    return Robustness(
        _condition(None, None, judged), tuple(found), len(windows), refusal, tuple(notes)
    )


def _asked(
    classifier: FittedClassifier,
    windows: WindowSet,
    conditions: Sequence[tuple[Kind, float]],
    seed: int,
    report: Report,
    more: int,
) -> tuple[Floats, list[Floats]]:
    """Probabilities of the windows as they are, and under each condition; read once."""
    clean: list[Floats] = []
    parts: list[list[Floats]] = [[] for _ in conditions]
    total = len(windows) * (len(conditions) + 1 + more)
    for first in range(0, len(windows), _BATCH):
        indices = np.arange(first, min(first + _BATCH, len(windows)))
        batch, recordings = windows.read(indices), windows.recordings_of(indices)
        clean.append(classifier.probabilities(batch, recordings))
        for place, (kind, level) in enumerate(conditions):
            done = first * (len(conditions) + 1) + place * len(batch)
            report(Progress("disturb and ask", done, total, f"{kind} {level:g}"))
            number = list(Kind).index(kind)
            generator = np.random.default_rng([seed, number, first])
            wrong = disturbed(batch, kind, level, generator)
            parts[place].append(classifier.probabilities(wrong, recordings))
    return np.concatenate(clean), [np.concatenate(part) for part in parts]


def _judged(
    classifier: FittedClassifier, windows: WindowSet, probabilities: Floats, seed: int
) -> dict[str, Any]:
    ids = np.array([recording.recording_id for recording in windows.recordings])
    given = Predictions(
        probabilities=probabilities,
        targets=windows.targets,
        recording_ids=ids[windows.owner],
        starts_s=windows.start / windows.sample_rate_hz,
        window_s=windows.window / windows.sample_rate_hz,
        groups={one.recording_id: one.group for one in windows.recordings},
        class_names=classifier.about.class_names,
        seen=windows.is_part,
    )
    return evaluate_predictions(given, seed).headline()


def _condition(kind: Kind | None, level: float | None, judged: Mapping[str, Any]) -> Condition:
    ratio = snr_db(level) if kind is Kind.NOISE and level is not None else None
    return Condition(
        None if kind is None else kind.value,
        level,
        ratio,
        judged["recordings"],
        judged["windows"],
        judged["n"],
    )


def _rows(windows: WindowSet, rows: NDArray[np.intp]) -> WindowSet:
    return replace(
        windows,
        owner=windows.owner[rows],
        start=windows.start[rows],
        targets=windows.targets[rows],
    )
