"""Whole recordings before an exported model: what its windows vote for, and how right that was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.deployment.manifest import Manifest
from diagnostics.deployment.session import AT_ONCE, DeployedModel
from diagnostics.errors import DeploymentError, TrainingError
from diagnostics.evaluation.bootstrap import cluster_intervals
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import accuracy
from diagnostics.training.resampling import common_rate
from diagnostics.training.split import Candidate
from diagnostics.training.windows import Reader, windows_of

LEARNED_FROM = ("train", "validation", "windows")
"""Sides whose recordings say nothing about new ones."""
_DRAWS, _SEED = 2000, 0


@dataclass(frozen=True)
class Said:
    """What the windows of a recording vote for.

    ``shares`` is the mean of their probabilities, ``agreement`` the share of those that name the
    same class as their vote; ``estimates`` is the mean of what each head of the manifest says.
    """

    shares: tuple[float, ...]
    windows: int
    agreement: float
    estimates: tuple[float, ...] = ()

    @property
    def winner(self) -> int:
        return int(np.argmax(self.shares))


@dataclass(frozen=True)
class Judged:
    """A recording with its class, if it is known, and what was named.

    ``side`` is where the experiment used the same samples; None if it never saw them.
    """

    label: str | None
    group: str
    side: str | None
    predicted: str | None


def ask(
    model: DeployedModel,
    recording: Candidate,
    units: Sequence[str],
    channels: Sequence[int],
    reader: Reader,
) -> Said:
    """Ask a model about all windows of a recording, side by side.

    Parameters
    ----------
    model : DeployedModel
    recording : Candidate
        With its own rate, which may be higher than the model's.
    units : sequence of str
        Of all of its channels.
    channels : sequence of int
        Which of them the model looks at.
    reader : Reader

    Raises
    ------
    DeploymentError
        If the recording lacks a channel, has another unit, is slower or shorter than a window,
        or has samples that are not finite.
    """
    _check_units(model.manifest, units, channels)
    about = model.manifest
    try:
        common_rate([recording.sample_rate_hz], about.sample_rate_hz)
        windows = windows_of(
            [recording],
            about.class_names,
            reader,
            channels=channels,
            window=about.window,
            hop=about.window,
            sample_rate_hz=about.sample_rate_hz,
        )
    except TrainingError as error:
        raise DeploymentError(str(error)) from error
    total = np.zeros(len(about.class_names))
    beside = np.zeros(len(about.heads))
    named: list[int] = []
    for first in range(0, len(windows), AT_ONCE):
        given = windows.read(np.arange(first, min(first + AT_ONCE, len(windows))))
        if not np.isfinite(given).all():
            raise DeploymentError("Some of its samples are not finite numbers.")
        probabilities, estimates = model.answer(given.astype(np.float32))
        total += probabilities.sum(axis=0)
        beside += estimates.sum(axis=0)
        named.extend(probabilities.argmax(axis=1).tolist())
    shares = total / len(windows)
    return Said(
        tuple(float(share) for share in shares),
        len(windows),
        float(np.mean(np.array(named) == int(shares.argmax()))),
        tuple(float(value) for value in beside / len(windows)),
    )


def summarise(found: Sequence[Judged], class_names: Sequence[str]) -> dict[str, Any]:
    """Counts by class, and the accuracy over recordings that nothing was learned from.

    Parameters
    ----------
    found : sequence of Judged
        All recordings, those that were refused too.
    class_names : sequence of str

    Returns
    -------
    dict
        ``predicted`` (count by class), ``refused``, and ``scored``: ``recordings`` that have a
        class of the model and were not learned from, how many are ``right``, ``accuracy``, its
        95 % interval over groups in ``low`` and ``high``, or ``no_interval`` with the reason.

    Examples
    --------
    >>> rows = [Judged("a", "g1", None, "a"), Judged("b", "g2", "train", "b")]
    >>> summarise(rows, ("a", "b"))["scored"]["recordings"]
    1
    """
    counted = Counter(one.predicted for one in found if one.predicted is not None)
    scored = [
        one
        for one in found
        if one.predicted is not None and one.label in class_names and one.side not in LEARNED_FROM
    ]
    return {
        "recordings": len(found),
        "refused": sum(one.predicted is None for one in found),
        "predicted": {name: counted.get(name, 0) for name in class_names},
        "learned_from": sum(one.side in LEARNED_FROM for one in found),
        "scored": _scored(scored, class_names),
    }


def _scored(scored: Sequence[Judged], class_names: Sequence[str]) -> dict[str, Any]:
    if not scored:
        return {"recordings": 0, "right": 0, "accuracy": None, "low": None, "high": None}
    place = {name: number for number, name in enumerate(class_names)}
    groups = sorted({one.group for one in scored})
    confusions = np.zeros((len(groups), len(place), len(place)), dtype=np.int64)
    for one in scored:
        at = groups.index(one.group), place[str(one.label)], place[str(one.predicted)]
        confusions[at] += 1
    right = sum(one.label == one.predicted for one in scored)
    told = {"recordings": len(scored), "right": right, "accuracy": right / len(scored)}
    present = confusions.sum(axis=2) > 0
    generator = np.random.default_rng(_SEED)
    try:
        interval = cluster_intervals(
            confusions, present, {"accuracy": accuracy}, _DRAWS, generator
        )["accuracy"]
    except EvaluationError as error:
        return {**told, "low": None, "high": None, "no_interval": str(error)}
    return {**told, "low": interval.low, "high": interval.high}


def _check_units(about: Manifest, units: Sequence[str], channels: Sequence[int]) -> None:
    if len(units) <= max(channels):
        raise DeploymentError(
            f"The model looks at channel {max(channels)} (counted from 0), and it has {len(units)}."
        )
    for channel, expected in zip(channels, about.units, strict=False):
        if units[channel] != expected:
            raise DeploymentError(
                f"Channel {channel} is in {units[channel]}; the model takes {expected}."
            )
