"""The recordings that several experiments were tested on, and what each named them.

Scores of different recordings cannot be compared: one test may simply have been easier.
So recordings are found again by what is in them, and only the common ones are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.predictions import Floats, Ints, Predictions

Bools = NDArray[np.bool_]
_SHOWN_NAMES = 3


@dataclass(frozen=True)
class HeldOutTest:
    """The test of one experiment.

    Parameters
    ----------
    predictions : Predictions
    contents : mapping of recording id to the hash of its samples
    """

    predictions: Predictions
    contents: Mapping[int, str]


@dataclass(frozen=True)
class Overlap:
    """How the tests meet. ``sizes`` counts the recordings of each test.

    ``relabelled`` have the same samples in all tests and not the same class; ``copies`` are
    further recordings of the same samples in one test: they are counted once.
    """

    sizes: tuple[int, ...]
    common: int
    relabelled: int
    copies: int

    @property
    def is_identical(self) -> bool:
        return all(size == self.common for size in self.sizes)


@dataclass(frozen=True)
class WindowLevel:
    """Windows of the common recordings in one experiment; confusion with true classes as rows."""

    items: int
    confusion: Ints


@dataclass(frozen=True)
class SharedTest:
    """Common recordings in the same order for all experiments.

    Parameters
    ----------
    class_names : tuple of str
        In the order of the first experiment.
    targets : array of shape (recordings,)
    predicted : array of shape (experiments, recordings)
        What the vote of the windows named each recording.
    of_true : array of shape (experiments, recordings)
        Probability that each experiment gave to the true class.
    recording_ids : array of shape (experiments, recordings)
        They differ where data sets hold the same measurement.
    groups : array of str of shape (recordings,)
        What any of the splits kept together.
    joined : bool
        Whether the splits kept different things together, so that groups had to be joined.
    windows : tuple of WindowLevel
    overlap : Overlap
    seen : bool
        Whether one of the experiments learned from windows of the tested recordings.
    """

    class_names: tuple[str, ...]
    targets: Ints
    predicted: Ints
    of_true: Floats
    recording_ids: Ints
    groups: NDArray[np.str_]
    joined: bool
    windows: tuple[WindowLevel, ...]
    overlap: Overlap
    seen: bool = False

    @property
    def right(self) -> Bools:
        """Whether each experiment named each recording rightly; (experiments, recordings)."""
        return np.asarray(self.predicted == self.targets)

    @property
    def group_numbers(self) -> Ints:
        """A number from 0 for the group of each recording."""
        return np.unique(self.groups, return_inverse=True)[1].astype(np.int64)


def share_test(tests: Sequence[HeldOutTest]) -> SharedTest:
    """Restrict experiments to the recordings that all of them were tested on.

    A recording is the same when its samples and its class are. Groups that share a
    recording in any two splits become one group: what one split took for dependent is not
    independent because another split did not look at it.

    Raises
    ------
    EvaluationError
        If the classes differ or no recording is common.

    Examples
    --------
    >>> def test(ids):
    ...     n = len(ids)
    ...     given = Predictions(np.eye(2)[:n], np.arange(n), np.array(ids), np.zeros(n), 0.1,
    ...         {number: f"bearing {number}" for number in ids}, ("good", "worn"))
    ...     return HeldOutTest(given, {number: f"samples {number}" for number in ids})
    >>> shared = share_test([test([1, 2]), test([1])])
    >>> shared.overlap.common, shared.overlap.sizes, shared.overlap.is_identical
    (1, (2, 1), False)
    """
    names = _agreed_classes([test.predictions.class_names for test in tests])
    rows = [_Rows.of(test, names) for test in tests]
    keys = [key for key in rows[0].by_key if all(key in other.by_key for other in rows[1:])]
    overlap = _overlap(rows, len(keys))
    if not keys:
        raise EvaluationError(_nothing_common(overlap))
    chosen = [one.take(keys) for one in rows]
    groups, joined = _join_groups([one.groups for one in chosen])
    return SharedTest(
        class_names=names,
        targets=chosen[0].targets,
        predicted=np.stack([one.probabilities.argmax(axis=1) for one in chosen]).astype(np.int64),
        of_true=np.stack([one.probabilities[np.arange(len(keys)), one.targets] for one in chosen]),
        recording_ids=np.stack([one.recording_ids for one in chosen]),
        groups=groups,
        joined=joined,
        windows=tuple(_windows(test, one, names) for test, one in zip(tests, chosen, strict=True)),
        overlap=overlap,
        seen=any(test.predictions.seen for test in tests),
    )


def pair_windows(tests: Sequence[HeldOutTest], shared: SharedTest) -> Bools:
    """Whether each experiment was right about each window of the common recordings.

    Returns
    -------
    array of shape (experiments, windows)

    Raises
    ------
    EvaluationError
        If the experiments cut their windows differently: those cannot be paired.
    """
    rights = []
    cuts: list[NDArray[np.int64]] = []
    for test, ids in zip(tests, shared.recording_ids, strict=True):
        given = test.predictions
        order = np.argsort(ids)
        place = np.searchsorted(ids, given.recording_ids, sorter=order).clip(max=ids.size - 1)
        member = order[place]
        inside = ids[member] == given.recording_ids
        # A microsecond is far below a sample of any vibration sensor.
        cut = np.stack([member, np.rint(given.starts_s * 1e6).astype(np.int64)])[:, inside]
        sorting = np.lexsort((cut[1], cut[0]))
        cuts.append(cut[:, sorting])
        rights.append((given.predicted == given.targets)[inside][sorting])
    lengths = {round(test.predictions.window_s * 1e6) for test in tests}
    if len(lengths) > 1 or any(not np.array_equal(cuts[0], other) for other in cuts[1:]):
        raise EvaluationError(
            "The experiments cut their recordings into different windows, so windows cannot be "
            "compared one by one. Recordings can."
        )
    return np.stack(rights)


@dataclass(frozen=True)
class _Rows:
    """The recordings of one test, each samples and class once; ``by_key`` gives the row."""

    recording_ids: Ints
    probabilities: Floats
    targets: Ints
    groups: list[str]
    by_key: Mapping[tuple[str, int], int]
    size: int

    @staticmethod
    def of(test: HeldOutTest, names: tuple[str, ...]) -> _Rows:
        given = test.predictions
        vote = given.vote()
        columns = [given.class_names.index(name) for name in names]
        new_number = np.argsort(columns)
        targets = new_number[vote.targets].astype(np.int64)
        by_key: dict[tuple[str, int], int] = {}
        for row, number in enumerate(vote.recording_ids.tolist()):
            # Without a known content a recording is only the same as itself.
            content = test.contents.get(number) or f"recording {number}"
            by_key.setdefault((content, int(targets[row])), row)
        groups = [given.groups[number] for number in vote.recording_ids.tolist()]
        ids = vote.recording_ids
        return _Rows(ids, vote.probabilities[:, columns], targets, groups, by_key, ids.size)

    def take(self, keys: Sequence[tuple[str, int]]) -> _Rows:
        rows = np.array([self.by_key[key] for key in keys])
        return _Rows(
            self.recording_ids[rows],
            self.probabilities[rows],
            self.targets[rows],
            [self.groups[row] for row in rows],
            {},
            len(keys),
        )


def _agreed_classes(given: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    first = given[0]
    for other in given[1:]:
        if set(other) != set(first):
            only_first, only_other = set(first) - set(other), set(other) - set(first)
            differing = [*sorted(only_first), *sorted(only_other)][:_SHOWN_NAMES]
            raise EvaluationError(
                "The experiments tell different classes apart: "
                f"{', '.join(f'“{name}”' for name in differing)} "
                f"{'is' if len(differing) == 1 else 'are'} not in all of them. Choose experiments "
                "with the same classes."
            )
    return first


def _overlap(rows: Sequence[_Rows], common: int) -> Overlap:
    contents = [{content for content, _ in one.by_key} for one in rows]
    everywhere = set.intersection(*contents)
    agreed = set.intersection(*[set(one.by_key) for one in rows])
    relabelled = len(everywhere - {content for content, _ in agreed})
    copies = sum(one.size - len(one.by_key) for one in rows)
    return Overlap(tuple(len(one.by_key) for one in rows), common, relabelled, copies)


def _nothing_common(overlap: Overlap) -> str:
    sizes = " and ".join(str(size) for size in overlap.sizes)
    if overlap.relabelled:
        return (
            f"The tests share the samples of {overlap.relabelled} recordings, but under different "
            "labels: nothing can be compared. Train them on the same labels."
        )
    return (
        f"The experiments were tested on different recordings ({sizes}) and have none in common, "
        "so their scores cannot be compared. Choose experiments whose test sides overlap."
    )


def _join_groups(given: Sequence[Sequence[str]]) -> tuple[NDArray[np.str_], bool]:
    """One partition that no split would part further; whether the splits differed."""
    names = np.array(given[0], dtype=np.str_)
    numbers = [np.unique(np.array(one), return_inverse=True)[1] for one in given]
    if all(_same_partition(numbers[0], other) for other in numbers[1:]):
        return names, False
    joined = np.arange(names.size)
    changed = True
    while changed:
        before = joined.copy()
        for one in numbers:
            least = np.full(int(one.max()) + 1, names.size)
            np.minimum.at(least, one, joined)
            joined = least[one]
        changed = not np.array_equal(before, joined)
    titles = {number: _joined_name(given, joined == number) for number in np.unique(joined)}
    return np.array([titles[number] for number in joined], dtype=np.str_), True


def _same_partition(one: NDArray[np.intp], other: NDArray[np.intp]) -> bool:
    pairs = len(np.unique(np.stack([one, other]), axis=1).T)
    return bool(pairs == one.max() + 1 == other.max() + 1)


def _joined_name(given: Sequence[Sequence[str]], members: Bools) -> str:
    """The names of a group in each split, without repetition; the number keeps it unique."""
    rows = np.flatnonzero(members)
    names = list(_once(groups[row] for groups in given for row in rows.tolist()))
    shown = " + ".join(names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f"{shown}{more} ({rows[0] + 1})"


def _once(names: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name


def _windows(test: HeldOutTest, chosen: _Rows, names: tuple[str, ...]) -> WindowLevel:
    from diagnostics.evaluation.metrics import confusion_matrix

    given = test.predictions
    inside = np.isin(given.recording_ids, chosen.recording_ids)
    new_number = np.argsort([given.class_names.index(name) for name in names])
    targets = new_number[given.targets[inside]].astype(np.int64)
    predicted = new_number[given.predicted[inside]].astype(np.int64)
    return WindowLevel(int(inside.sum()), confusion_matrix(targets, predicted, len(names)))
