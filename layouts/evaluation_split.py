"""How training, validation and test differ, in plain words: half of what a score means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

# What a group is called, one and several; any other is the name of an attribute.
KNOWN_GROUPS = {
    "bearing": ("bearing", "bearings"),
    "machine": ("machine", "machines"),
    "recording": ("recording", "recordings"),
}
SIDE_NAMES = {"train": "Training", "validation": "Validation", "test": "Test"}
_NAMED = 6


class SideView(TypedDict):
    """One side of the split. ``classes`` counts its recordings by class."""

    side: str
    groups: list[str]
    recordings: int
    classes: dict[str, int]


class SplitView(TypedDict):
    """``shared_bearings`` lie in training and test; None when bearings are not known."""

    group_by: str
    sides: list[SideView]
    test_bearings: int | None
    shared_bearings: list[str] | None
    warnings: list[str]


def split_sentences(split: SplitView) -> list[str]:
    """What was held out, and what the score can therefore say."""
    groups = {side["side"]: side["groups"] for side in split["sides"]}
    return [_held_out(split["group_by"], groups), _consequence(split)]


def held_out(split: SplitView) -> str:
    """The test side in a few words, for a table of experiments."""
    group = split["group_by"]
    test = next((side["groups"] for side in split["sides"] if side["side"] == "test"), [])
    return f"{group}: {listed(test)}"


def listed(names: Sequence[str]) -> str:
    """The names, or the first few and how many more there are."""
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


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


def _consequence(split: SplitView) -> str:
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
    if not shared:
        return (
            "No tested bearing was seen in training: the score says how the network does on "
            "bearings that are new to it."
        )
    if len(shared) == tested:
        met = "Every tested bearing was" if tested > 1 else "The tested bearing was"
    else:
        met = f"{len(shared)} of {tested} tested bearings were"
    return (
        f"{met} also seen in training, in other recordings: the score says how well the network "
        "knows these very bearings again. On a bearing that is new to it expect far less."
    )
