"""Which recordings a classifier learns from, and which it is tested on.

Recordings of one bearing resemble each other far more than recordings of two bearings with
the same fault. A split that lets a bearing (or whatever the group is) onto both sides
measures memory, not diagnosis, so groups are split. Windows are only where a person asks for
the comparison by name (:mod:`diagnostics.training.window_split`).
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diagnostics.errors import TrainingError
from diagnostics.training.config import (
    GroupFolds,
    GroupFractions,
    HeldOutGroups,
    RandomWindows,
    SplitChoice,
)
from diagnostics.training.folds import ClassCounts, deal_groups
from diagnostics.training.resampling import ratio, resampled_count
from diagnostics.training.window_sides import count_sides


class Side(enum.StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


SIDE_TITLES = {Side.TRAIN: "training", Side.VALIDATION: "validation", Side.TEST: "test"}


@dataclass(frozen=True)
class Candidate:
    """A recording that may take part, as far as the split has to know it.

    ``bearing`` and ``machine`` are known or empty; they are used for warnings when they are not
    the group. ``count`` says how many it stands for, where recordings that are alike are taken
    together. ``severity`` and ``speed_rpm`` are what heads beside the class learn from;
    ``shaft_hz`` and ``orders`` of the bearing's frequencies are for features of them.
    """

    recording_id: int
    name: str
    target: str
    group: str
    sample_count: int
    sample_rate_hz: float
    bearing: str = ""
    content_hash: str = ""
    count: int = 1
    machine: str = ""
    severity: float | None = None
    speed_rpm: float | None = None
    shaft_hz: float | None = None
    orders: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class PreviewRow:
    """How many recordings and windows of one class and group lie on which side.

    A recording whose windows lie on several sides is counted on each of them.
    """

    target: str
    group: str
    side: Side
    recordings: int
    windows: int


@dataclass(frozen=True)
class Split:
    """The recordings of each side, the classes in a fixed order, and what to know about it.

    ``windows`` says how windows are drawn where recordings lie on all sides alike.
    """

    sides: Mapping[Side, tuple[Candidate, ...]]
    class_names: tuple[str, ...]
    warnings: tuple[str, ...]
    windows: RandomWindows | None = None

    def groups(self, side: Side) -> tuple[str, ...]:
        return tuple(sorted({candidate.group for candidate in self.sides[side]}))


def split_recordings(
    candidates: Sequence[Candidate], choice: SplitChoice, group_title: str = "group"
) -> Split:
    """Put every group on one side; with random windows, every recording on all of them.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least two classes among them.
    choice : HeldOutGroups, GroupFractions, GroupFolds or RandomWindows
        Which groups go where.
    group_title : str
        What a group is, for the sentences: "bearing", "load_hp".

    Returns
    -------
    Split
        With a warning for each class that has only one group or is missing on a side, and
        for bearings on both sides when another group was chosen.

    Raises
    ------
    TrainingError
        If there are fewer than two classes or groups, a named group does not exist, a side
        would stay empty, or the same samples would lie on two sides.

    Examples
    --------
    >>> from diagnostics.training.config import HeldOutGroups
    >>> rows = [Candidate(i, f"r{i}", "AB"[i % 2], str(i // 2), 9999, 1e3) for i in range(8)]
    >>> split = split_recordings(rows, HeldOutGroups(test=("3",), validation=("2",)))
    >>> [c.recording_id for c in split.sides[Side.TRAIN]], split.groups(Side.TEST)
    ([0, 1, 2, 3], ('3',))
    """
    classes = tuple(sorted({candidate.target for candidate in candidates}))
    if len(classes) < 2:
        found = f"only “{classes[0]}”" if classes else "none"
        raise TrainingError(f"A classifier needs at least two classes to tell apart, got {found}.")
    if isinstance(choice, RandomWindows):
        return _on_all_sides(candidates, choice, classes)
    side_of = _sides_of_groups(candidates, choice, group_title)
    sides = {
        side: tuple(c for c in candidates if side_of[c.group] is side)
        for side in (Side.TRAIN, Side.VALIDATION, Side.TEST)
    }
    _refuse_empty_sides(sides, choice)
    _refuse_same_samples(sides)
    return Split(sides, classes, tuple(_warnings(sides, classes, group_title)))


def check_separate(sides: Mapping[Side, Sequence[Candidate]]) -> None:
    """Refuse sides that share a group, wherever they came from.

    Raises
    ------
    TrainingError
        If a group is on two sides.
    """
    seen: dict[str, Side] = {}
    for side, members in sides.items():
        for group in {candidate.group for candidate in members}:
            other = seen.setdefault(group, side)
            if other is not side:
                raise TrainingError(
                    f"Group “{group}” is in {SIDE_TITLES[other]} and in {SIDE_TITLES[side]}."
                    " One group on two sides would make the result look better than it is."
                )


def preview_rows(split: Split, window: int, hop: int, sample_rate_hz: float) -> list[PreviewRow]:
    """Counts by class, group and side, in that order, of windows at the given rate."""
    if split.windows is not None:
        return _drawn_rows(split, split.windows, window, hop, sample_rate_hz)
    recordings: Counter[tuple[str, str, Side]] = Counter()
    windows: Counter[tuple[str, str, Side]] = Counter()
    for side, members in split.sides.items():
        for candidate in members:
            cell = (candidate.target, candidate.group, side)
            recordings[cell] += candidate.count
            step = ratio(candidate.sample_rate_hz, sample_rate_hz)
            samples = resampled_count(candidate.sample_count, step)
            windows[cell] += candidate.count * window_count(samples, window, hop)
    return [PreviewRow(*cell, recordings[cell], windows[cell]) for cell in sorted(recordings)]


def window_count(sample_count: int, window: int, hop: int) -> int:
    """How many whole windows fit into a recording.

    Examples
    --------
    >>> window_count(10_000, 2048, 1024)
    8
    """
    return 0 if sample_count < window else (sample_count - window) // hop + 1


RANDOM_WINDOWS = (
    "Random windows: known leak, for comparison only. Windows of one recording lie on every side,"
    " so the test asks for what was learned."
)


def by_id(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The order in which windows are drawn: the same when the split is made and when it is used."""
    return tuple(sorted(candidates, key=lambda candidate: candidate.recording_id))


def _on_all_sides(
    candidates: Sequence[Candidate], choice: RandomWindows, classes: tuple[str, ...]
) -> Split:
    everyone = by_id(candidates)
    sides = {
        Side.TRAIN: everyone,
        Side.VALIDATION: everyone if choice.validation else (),
        Side.TEST: everyone,
    }
    return Split(sides, classes, (RANDOM_WINDOWS,), choice)


def _drawn_rows(
    split: Split, choice: RandomWindows, window: int, hop: int, sample_rate_hz: float
) -> list[PreviewRow]:
    everyone = split.sides[Side.TRAIN]
    counts = [
        window_count(
            resampled_count(c.sample_count, ratio(c.sample_rate_hz, sample_rate_hz)), window, hop
        )
        for c in everyone
    ]
    classes = [split.class_names.index(c.target) for c in everyone]
    found = count_sides(counts, classes, choice)
    recordings: Counter[tuple[str, str, Side]] = Counter()
    windows: Counter[tuple[str, str, Side]] = Counter()
    for candidate, of_sides in zip(everyone, found.tolist(), strict=True):
        for side, count in zip(Side, of_sides, strict=True):
            if count:
                cell = (candidate.target, candidate.group, side)
                recordings[cell] += 1
                windows[cell] += count
    return [PreviewRow(*cell, recordings[cell], windows[cell]) for cell in sorted(recordings)]


def _sides_of_groups(
    candidates: Sequence[Candidate],
    choice: HeldOutGroups | GroupFractions | GroupFolds,
    group_title: str,
) -> dict[str, Side]:
    groups = {candidate.group for candidate in candidates}
    if isinstance(choice, GroupFractions):
        shares = _shares(choice, len(groups), group_title)
        return _draw(class_counts(candidates), shares, choice.seed)
    if isinstance(choice, GroupFolds):
        return _sides_of_fold(candidates, choice, group_title)
    unknown = sorted({*choice.test, *choice.validation} - groups)
    if unknown:
        raise TrainingError(
            f"There is no {group_title} “{unknown[0]}” in this data. There are"
            f" {_listed(sorted(groups))}."
        )
    held = dict.fromkeys(choice.validation, Side.VALIDATION)
    held |= dict.fromkeys(choice.test, Side.TEST)
    return {group: held.get(group, Side.TRAIN) for group in groups}


def _sides_of_fold(
    candidates: Sequence[Candidate], choice: GroupFolds, group_title: str
) -> dict[str, Side]:
    """The groups of one fold for the test, some of the others for validation."""
    if choice.fold == 0:
        raise TrainingError(
            f"A single training has one fold as its test: choose one of 1 to {choice.folds}."
        )
    counts = class_counts(candidates)
    fold_of = deal_groups(counts, choice.folds, choice.seed, group_title)
    rest = {group: of for group, of in counts.items() if fold_of[group] != choice.fold}
    shares = {Side.TRAIN: 1 - choice.validation, Side.VALIDATION: choice.validation}
    shares = {side: share for side, share in shares.items() if share > 0}
    if len(rest) < len(shares):
        raise TrainingError(
            f"Fold {choice.fold} leaves 1 {group_title}, which cannot be for training and for"
            " validation. Choose more folds, or no validation part."
        )
    side_of = _draw(rest, shares, [choice.seed, choice.fold])
    return side_of | {group: Side.TEST for group in counts if group not in rest}


def class_counts(candidates: Sequence[Candidate]) -> ClassCounts:
    """How many recordings of each class every group has."""
    counts: ClassCounts = {}
    for candidate in candidates:
        counts.setdefault(candidate.group, Counter())[candidate.target] += candidate.count
    return counts


def _draw(
    counts: ClassCounts, shares: Mapping[Side, float], seed: int | Sequence[int]
) -> dict[str, Side]:
    """Give each group to the side that lacks its classes most, in an order drawn by the seed."""
    totals: Counter[str] = Counter()
    for of in counts.values():
        totals += of
    wanted = {side: {c: share * n for c, n in totals.items()} for side, share in shares.items()}
    side_of: dict[str, Side] = {}
    drawn = np.random.default_rng(seed).permutation(sorted(counts)).tolist()
    order = sorted(drawn, key=lambda g: -sum(counts[g].values()))
    for place, group in enumerate(order):
        empty = [side for side in wanted if side not in side_of.values()]
        # The last groups go to sides that have none, whatever their classes lack.
        open_sides = empty if len(order) - place <= len(empty) else list(wanted)
        lacks = {s: _lack(wanted[s], counts[group], totals, shares[s]) for s in open_sides}
        side = max(lacks, key=lambda s: lacks[s])
        side_of[group] = side
        for target, count in counts[group].items():
            wanted[side][target] -= count
    return side_of


def _shares(choice: GroupFractions, groups: int, group_title: str) -> dict[Side, float]:
    """The part of the groups that each side is to get."""
    # Training comes first: where a class has too few groups, it is learned before it is tested.
    shares = {
        Side.TRAIN: 1 - choice.test - choice.validation,
        Side.TEST: choice.test,
        Side.VALIDATION: choice.validation,
    }
    shares = {side: share for side, share in shares.items() if share > 0}
    if groups < len(shares):
        raise TrainingError(
            f"A split needs {len(shares)} groups or more, one for each part; by {group_title}"
            f" there are {groups}."
        )
    return shares


def _lack(
    wanted: Mapping[str, float], group: Mapping[str, int], totals: Mapping[str, int], share: float
) -> float:
    """How far a side is behind its share of the group's classes, as a part of that share."""
    return sum(wanted[target] / totals[target] / share for target in group) / len(group)


def _refuse_empty_sides(sides: Mapping[Side, Sequence[Candidate]], choice: SplitChoice) -> None:
    for side, members in sides.items():
        if not members and (side is not Side.VALIDATION or choice.validation):
            raise TrainingError(
                f"The {SIDE_TITLES[side]} part would be empty. Hold fewer groups out, or change"
                " the shares."
            )


def _refuse_same_samples(sides: Mapping[Side, Sequence[Candidate]]) -> None:
    seen: dict[str, tuple[Side, str]] = {}
    for side, members in sides.items():
        for candidate in members:
            if not candidate.content_hash:
                continue
            other, name = seen.setdefault(candidate.content_hash, (side, candidate.name))
            if other is not side:
                raise TrainingError(
                    f"“{name}” in {SIDE_TITLES[other]} and “{candidate.name}” in"
                    f" {SIDE_TITLES[side]} are the same samples. Take one of them out of the"
                    " data set, or put both into one group."
                )


def _warnings(
    sides: Mapping[Side, Sequence[Candidate]], classes: Sequence[str], group_title: str
) -> list[str]:
    groups: dict[str, set[str]] = {name: set() for name in classes}
    for members in sides.values():
        for candidate in members:
            groups[candidate.target].add(candidate.group)
    found = [
        f"Class “{name}” has one {group_title} only (“{next(iter(of))}”): it can be learned or"
        " tested, not both."
        for name, of in groups.items()
        if len(of) == 1
    ]
    for side, members in sides.items():
        missing = [name for name in classes if name not in {c.target for c in members}]
        if members and missing:
            found.append(f"No recording of {_listed(missing)} is in the {SIDE_TITLES[side]} part.")
    return [*found, *_shared_bearings(sides, group_title)]


def _shared_bearings(sides: Mapping[Side, Sequence[Candidate]], group_title: str) -> list[str]:
    bearings = {side: {c.bearing for c in members} - {""} for side, members in sides.items()}
    shared = sorted(bearings[Side.TRAIN] & bearings[Side.TEST])
    if not shared:
        return []
    of = len(bearings[Side.TEST])
    return [
        f"{len(shared)} of the {of} bearings in the test part are in the training part too: the"
        f" result will say how well known bearings are recognised with another {group_title},"
        " not how well a new bearing is diagnosed. Split by bearing to learn that."
    ]


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
