"""Results by group, and whether the groups are enough for an interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.evaluation.bootstrap import MIN_GROUPS
from diagnostics.evaluation.predictions import Predictions, Vote

# Ends a refusal; a page that lists no groups leaves it out.
LISTED_INSTEAD = " The results of each group are listed instead."
SEEN = (
    "Windows of the tested recordings were learned from, so no interval can be given: an interval"
    " says how the score varies with new groups, and here none is new."
)


@dataclass(frozen=True)
class GroupResult:
    """What one group of the test side came to: right answers of windows and recordings."""

    name: str
    classes: tuple[str, ...]
    windows: int
    windows_right: int
    recordings: int
    recordings_right: int

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> GroupResult:
        return GroupResult(**{**stored, "classes": tuple(stored["classes"])})


def group_results(given: Predictions, vote: Vote) -> tuple[GroupResult, ...]:
    """One result for each group, the worst first."""
    of_windows = np.array([given.groups[int(number)] for number in given.recording_ids])
    of_recordings = np.array([given.groups[int(number)] for number in vote.recording_ids])
    window_right = given.predicted == given.targets
    recording_right = vote.probabilities.argmax(axis=1) == vote.targets
    results = []
    for name in np.unique(of_recordings):
        windows, recordings = of_windows == name, of_recordings == name
        classes = np.unique(vote.targets[recordings])
        results.append(
            GroupResult(
                name=str(name),
                classes=tuple(given.class_names[number] for number in classes),
                windows=int(windows.sum()),
                windows_right=int(window_right[windows].sum()),
                recordings=int(recordings.sum()),
                recordings_right=int(recording_right[recordings].sum()),
            )
        )
    return tuple(sorted(results, key=lambda result: result.windows_right / result.windows))


def interval_refusal(given: Predictions) -> str | None:
    """Why no interval can be given, or None when there are enough groups of each class.

    Examples
    --------
    >>> one_each = Predictions(np.eye(2), np.array([0, 1]), np.array([1, 2]),
    ...     np.zeros(2), 0.1, {1: "A", 2: "B"}, ("healthy", "worn"))
    >>> interval_refusal(one_each)[:67]
    'With so few groups no interval can be given: “healthy” has 1 group,'
    """
    if given.seen:
        return SEEN
    names = np.array([given.groups[int(number)] for number in given.recording_ids])
    short = []
    for number in np.unique(given.targets):
        count = np.unique(names[given.targets == number]).size
        if count < MIN_GROUPS:
            short.append(f"“{given.class_names[number]}” has {count}")
    if not short:
        return None
    first, *others = short
    unit = "group" if first.endswith(" 1") else "groups"
    listed = ", ".join([f"{first} {unit}", *others])
    return (
        f"With so few groups no interval can be given: {listed} on the test side, and at least "
        f"{MIN_GROUPS} groups of each class are needed to say how much groups differ."
        f"{LISTED_INSTEAD}"
    )
