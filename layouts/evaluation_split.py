"""How training, validation and test differ, in plain words: half of what a score means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# What a group is called, one and several; any other is the name of an attribute.
KNOWN_GROUPS = {
    "bearing": ("bearing", "bearings"),
    "machine": ("machine", "machines"),
    "recording": ("recording", "recordings"),
}
SIDE_NAMES = {"train": "Training", "validation": "Validation", "test": "Test"}
_NAMED = 6


RANDOM_WINDOWS = (
    "Windows were drawn at random from all recordings: known leak, for comparison only. Every "
    "tested recording, and its bearing, was learned from in other windows. The score says how well "
    "windows of known recordings are recognised, and nothing about new ones."
)
Split = Mapping[str, Any]
"""``group_by``, ``sides`` (each with ``side``, ``groups``, ``recordings``, ``classes``),
``test_bearings``, ``shared_bearings``, ``unknown_bearings``, ``unknown_trained``, ``warnings``."""


def split_sentences(split: Split) -> list[str]:
    """What was held out, and what the score can therefore say."""
    if split.get("random_windows"):
        return [RANDOM_WINDOWS]
    groups = {side["side"]: side["groups"] for side in split["sides"]}
    return [_held_out(split["group_by"], groups), _consequence(split)]


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """The names, or the first few and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _held_out(group_by: str, groups: dict[str, list[str]]) -> str:
    test, train = groups.get("test", []), groups.get("train", [])
    validation = groups.get("validation", [])
    if group_by in KNOWN_GROUPS:
        one, many = KNOWN_GROUPS[group_by]
        count = f"1 {one}" if len(test) == 1 else f"{len(test)} {many}"
        tuned = f", {len(validation)} for validation" if validation else ""
        return (
            f"Tested on {count} kept out of training: {listed(test)}. "
            f"{len(train)} were used for training{tuned}."
        )
    tuned = f", validated with {listed(validation)}" if validation else ""
    return (
        f"Tested on recordings with {group_by} {listed(test)}; "
        f"trained with {group_by} {listed(train)}{tuned}."
    )


def _consequence(split: Split) -> str:
    shared, tested = split["shared_bearings"], split["test_bearings"]
    if split["group_by"] == "machine":
        return (
            "No machine is on two sides: the score says how the network does on machines of this "
            "kind that it has never seen."
        )
    if shared is None or tested is None:
        return (
            "It is not known which bearings the recordings are from, so it cannot be said whether "
            "the tested ones were seen in training. If they were, the score is too good."
        )
    rest = _of_unknown_bearings(split["unknown_bearings"])
    if not shared and split["unknown_trained"]:
        return (
            f"The bearing of {split['unknown_trained']} of the training recordings is not known, "
            "so it cannot be said whether the tested bearings were seen in training. If they were, "
            f"the score is too good.{rest}"
        )
    if not shared:
        return (
            "No tested bearing was seen in training: the score says how the network does on "
            f"bearings that are new to it.{rest}"
        )
    if len(shared) == tested:
        met = "Every tested bearing was" if tested > 1 else "The tested bearing was"
    else:
        met = f"{len(shared)} of {tested} tested bearings were"
    return (
        f"{met} also seen in training, in other recordings: the score says how well the network "
        f"knows these very bearings again. On a bearing that is new to it expect far less.{rest}"
    )


def _of_unknown_bearings(recordings: int) -> str:
    if not recordings:
        return ""
    what = "recording is" if recordings == 1 else "recordings is"
    return f" The bearing of {recordings} tested {what} not known."
