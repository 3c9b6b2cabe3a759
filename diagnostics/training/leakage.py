"""Whether the test of a classifier asks for what was learned: checks, and one verdict.

A leak makes a result look better than it is, and nothing in the result shows it. Segment-wise
and condition-wise splits, with the same bearings on both sides, are the usual ones for bearings
[1]_.

References
----------
.. [1] Vieira et al., "Towards a more realistic evaluation of machine learning models for bearing
   fault diagnosis", arXiv 2509.22267, 2025.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.training.config import Normalisation
from diagnostics.training.normalisation import Normaliser, fit_normaliser
from diagnostics.training.split import Candidate, Side
from diagnostics.training.windows import WindowSet

MOST_PLACES = 20
# Of mean and deviation; both are computed in the same way from the same windows.
STATISTICS_TOLERANCE = 1e-6
Sides = Mapping[Side, Sequence[Candidate]]


class Finding(enum.StrEnum):
    """What a check came to. ``NOTED`` is worth knowing and no leak; ``OPEN`` is yet to be done."""

    CLEAR = "clear"
    NOTED = "noted"
    UNKNOWN = "unknown"
    OPEN = "open"
    SUSPECT = "suspect"
    LEAK = "leak"


class Verdict(enum.StrEnum):
    NONE = "none"
    OPEN = "open"
    SUSPECTED = "suspected"
    KNOWN = "known"


@dataclass(frozen=True)
class Check:
    """One check.

    Parameters
    ----------
    name : str
        One of ``TITLES``.
    finding : Finding
    sentence : str
        What was found, for people.
    value, threshold : float or None
        What was measured, and above which it counts; None where there is nothing to measure.
    places : tuple of str
        Names of recordings, groups or bearings, the first few.
    """

    name: str
    finding: Finding
    sentence: str
    value: float | None = None
    threshold: float | None = None
    places: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "finding": self.finding.value, "places": list(self.places)}


TITLES = {
    "groups": "Groups on both sides",
    "windows": "Windows that share samples",
    "copies": "Same samples twice",
    "near_copies": "Nearly the same signal",
    "identity": "Same bearing, machine or channel",
    "selection": "Selection of the columns",
    "statistics": "Statistics of the test part",
}


@dataclass(frozen=True)
class LeakReport:
    """All checks of one split."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        found = {check.finding for check in self.checks}
        if Finding.LEAK in found:
            return Verdict.KNOWN
        if Finding.SUSPECT in found:
            return Verdict.SUSPECTED
        return Verdict.OPEN if Finding.OPEN in found or not found else Verdict.NONE

    @property
    def sentence(self) -> str:
        """The verdict in words, with what decided it."""
        of = self._sentences
        if self.verdict is Verdict.KNOWN:
            return f"Known leak: the result is too good. {of(Finding.LEAK)}"
        if self.verdict is Verdict.SUSPECTED:
            return f"The result may be too good. {of(Finding.SUSPECT)}"
        if self.verdict is Verdict.OPEN:
            return "Not all checks are done yet; those that are found no leak."
        unknown = of(Finding.UNKNOWN)
        return f"No leak was found.{' Not known: ' + unknown if unknown else ''}"

    def with_check(self, check: Check) -> LeakReport:
        """The report with one check done, or done anew."""
        done = {one.name: one for one in self.checks} | {check.name: check}
        return LeakReport(tuple(done[name] for name in TITLES if name in done))

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON, verdict and sentence beside the checks."""
        return {
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "checks": [check.to_dict() for check in self.checks],
        }

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> LeakReport:
        return LeakReport(
            tuple(
                Check(
                    **{
                        **check,
                        "finding": Finding(check["finding"]),
                        "places": tuple(check["places"]),
                    }
                )
                for check in stored["checks"]
            )
        )

    def _sentences(self, finding: Finding) -> str:
        return " ".join(check.sentence for check in self.checks if check.finding is finding)


def check_sides(
    sides: Sides, group_title: str, channels: Mapping[int, str] | None = None
) -> LeakReport:
    """What can be told of a split without a look at samples.

    Parameters
    ----------
    sides : mapping of Side to sequence of Candidate
    group_title : str
        What a group is, for the sentences.
    channels : mapping of int to str, optional
        The measuring channel of each recording, as far as it is known.

    Returns
    -------
    LeakReport
        The checks that need samples or a trained classifier stand open.

    Examples
    --------
    >>> rows = [Candidate(n, f"r{n}", "AB"[n % 2], f"g{n}", 9999, 1e3, f"b{n}") for n in range(4)]
    >>> clean = check_sides({Side.TRAIN: rows[:2], Side.TEST: rows[2:]}, "bearing")
    >>> clean.verdict, check_sides({Side.TRAIN: rows, Side.TEST: rows[2:]}, "bearing").verdict
    (<Verdict.OPEN: 'open'>, <Verdict.KNOWN: 'known'>)
    """
    return LeakReport(
        (
            _groups(sides, group_title),
            _recordings(sides),
            _copies(sides),
            Check("near_copies", Finding.OPEN, "Signals are compared when the training runs."),
            _identity(sides, group_title, channels or {}),
            Check("statistics", Finding.OPEN, "Nothing is fitted before the training runs."),
        )
    )


def check_windows(seen: Sequence[WindowSet], test: WindowSet) -> Check:
    """Test windows that share samples with windows that were learned from or stopped on.

    Parameters
    ----------
    seen : sequence of WindowSet
        Training, and validation if there is one.
    test : WindowSet

    Returns
    -------
    Check
        Its value is the number of such test windows.
    """
    ids = np.array([one.recording_id for one in test.recordings])[test.owner]
    shared = np.zeros(len(test), dtype=bool)
    met = np.zeros(len(test), dtype=bool)
    for windows in seen:
        others = np.array([one.recording_id for one in windows.recordings])[windows.owner]
        met |= np.isin(ids, others)
        shared |= _overlapping(ids, test.start, others, windows.start, test.window)
    names = {one.recording_id: one.name for one in test.recordings}
    places = _first(names[int(number)] for number in np.unique(ids[met]))
    if not met.any():
        told = f"All {len(test):,} test windows are of recordings that only the test has."
        return Check("windows", Finding.CLEAR, told, 0.0, 0.0)
    recordings = np.unique(ids[met]).size
    of = np.unique(ids).size
    told = (
        f"{recordings:,} of {of:,} tested recordings were learned from in other windows, and"
        f" {int(shared.sum()):,} of {len(test):,} test windows share samples with learned ones."
    )
    return Check("windows", Finding.LEAK, told, float(shared.sum()), 0.0, places)


def check_statistics(normaliser: Normaliser, training: WindowSet) -> Check:
    """Whether windows are scaled by what the training part alone looks like.

    Mean and deviation are computed again from the training windows and compared with those
    that are kept with the classifier.

    Parameters
    ----------
    normaliser : Normaliser
        As it is kept with the trained classifier.
    training : WindowSet
        Of the training side only.
    """
    if normaliser.kind is Normalisation.WINDOW:
        return Check(
            "statistics",
            Finding.CLEAR,
            "Each window is scaled by itself: no statistics of other windows are used.",
        )
    again = fit_normaliser(normaliser.kind, training)
    kept = np.array([*normaliser.mean, *normaliser.deviation])
    wanted = np.array([*again.mean, *again.deviation])
    # A mean near 0 is judged by the deviation that it is divided by.
    scale = np.maximum(np.abs(wanted), np.array([*again.deviation, *again.deviation]))
    off = float((np.abs(kept - wanted) / scale).max())
    if off <= STATISTICS_TOLERANCE:
        told = "Mean and deviation of the scaling are those of the training windows alone."
        return Check("statistics", Finding.CLEAR, told, off, STATISTICS_TOLERANCE)
    told = (
        "Mean and deviation of the scaling are not those of the training windows: they were"
        f" fitted on other data as well (relative difference {off:.2g})."
    )
    return Check("statistics", Finding.LEAK, told, off, STATISTICS_TOLERANCE)


def _overlapping(
    ids: NDArray[np.int64],
    starts: NDArray[np.int64],
    other_ids: NDArray[np.int64],
    other_starts: NDArray[np.int64],
    window: int,
) -> NDArray[np.bool_]:
    """Whether a window begins less than its length before or after another one's begin."""
    if not other_ids.size:
        return np.zeros(ids.size, dtype=bool)
    # Recordings one behind the other on one axis, far enough apart to share nothing.
    span = int(max(starts.max(), other_starts.max())) + 2 * window
    places = ids.astype(np.int64) * span + starts
    others = np.sort(other_ids.astype(np.int64) * span + other_starts)
    after = np.searchsorted(others, places)
    before = others[np.maximum(after - 1, 0)]
    behind = others[np.minimum(after, others.size - 1)]
    near = np.minimum(np.abs(places - before), np.abs(behind - places))
    return np.asarray(near < window)


def _seen(sides: Sides) -> list[Candidate]:
    """What training or early stopping looks at."""
    return [*sides.get(Side.TRAIN, ()), *sides.get(Side.VALIDATION, ())]


def _groups(sides: Sides, group_title: str) -> Check:
    tested = {candidate.group for candidate in sides.get(Side.TEST, ())}
    shared = sorted(tested & {candidate.group for candidate in _seen(sides)})
    if not shared:
        told = f"No {group_title} of the test is in training or validation."
        return Check("groups", Finding.CLEAR, told, 0.0, 0.0)
    told = (
        f"{len(shared):,} of {len(tested):,} tested groups ({group_title}) are in training or"
        " validation too."
    )
    return Check("groups", Finding.LEAK, told, float(len(shared)), 0.0, _first(shared))


def _recordings(sides: Sides) -> Check:
    """What can be told of windows while there are none: recordings on both sides."""
    seen = {candidate.recording_id for candidate in _seen(sides)} - {0}
    tested = sides.get(Side.TEST, ())
    met = [candidate for candidate in tested if candidate.recording_id in seen]
    if not met:
        told = "No recording is in the test and in training or validation, so no window is either."
        return Check("windows", Finding.CLEAR, told, 0.0, 0.0)
    told = f"Windows of {len(met):,} of {len(tested):,} tested recordings are learned from as well."
    names = _first(candidate.name for candidate in met)
    return Check("windows", Finding.LEAK, told, float(len(met)), 0.0, names)


def _copies(sides: Sides) -> Check:
    learned = {c.content_hash: c for c in _seen(sides) if c.content_hash}
    pairs = []
    for candidate in sides.get(Side.TEST, ()):
        other = learned.get(candidate.content_hash)
        if other is not None and other.recording_id != candidate.recording_id:
            pairs.append(f"{other.name} = {candidate.name}")
    if not pairs:
        told = "No recording of the test has the same samples as another one that was learned from."
        return Check("copies", Finding.CLEAR, told, 0.0, 0.0)
    one = len(pairs) == 1
    told = (
        f"{len(pairs):,} tested {'recording has' if one else 'recordings have'} the same samples"
        " as one that was learned from."
    )
    return Check("copies", Finding.LEAK, told, float(len(pairs)), 0.0, _first(pairs))


def _identity(sides: Sides, group_title: str, channels: Mapping[int, str]) -> Check:
    """Bearings decide; machines and channels are told, since few data sets have several."""
    tested, seen = sides.get(Side.TEST, ()), _seen(sides)
    shared, of = _shared({c.bearing for c in tested}, {c.bearing for c in seen}) or ([], 0)
    unknown = sum(c.count for c in (*tested, *seen) if not c.bearing)
    told = [
        *_told("machine", _shared({c.machine for c in tested}, {c.machine for c in seen})),
        *_told(
            "channel",
            _shared(
                {channels.get(c.recording_id, "") for c in tested},
                {channels.get(c.recording_id, "") for c in seen},
            ),
        ),
    ]
    if not shared and unknown:
        sentence = f"The bearing of {unknown:,} recordings is not known."
        return Check("identity", Finding.UNKNOWN, " ".join([sentence, *told]))
    if not shared:
        sentence = "No tested bearing was learned from."
        finding = Finding.NOTED if told else Finding.CLEAR
        return Check("identity", finding, " ".join([sentence, *told]), 0.0, 0.0)
    sentence = (
        f"{len(shared):,} of {of:,} tested bearings were learned from, so the score says how well"
        f" known bearings are recognised with another {group_title}, not a new bearing."
        if group_title != "bearing"
        else f"{len(shared):,} of {of:,} tested bearings were learned from."
    )
    places = _first(shared)
    sentences = " ".join([sentence, *told])
    return Check("identity", Finding.SUSPECT, sentences, float(len(shared)), 0.0, places)


def _shared(tested: set[str], seen: set[str]) -> tuple[list[str], int] | None:
    """What both have, of how many; None where nothing is known."""
    tested, seen = tested - {""}, seen - {""}
    return (sorted(tested & seen), len(tested)) if tested and seen else None


def _told(title: str, shared: tuple[list[str], int] | None) -> list[str]:
    if shared is None or not shared[0]:
        return []
    names, of = shared
    if of == 1:
        return [f"The tested {title} was learned from as well."]
    return [f"{len(names):,} of {of:,} tested {title}s were learned from."]


def _first(names: Iterable[str]) -> tuple[str, ...]:
    """The first few names, each once."""
    return tuple(list(Counter(names))[:MOST_PLACES])
