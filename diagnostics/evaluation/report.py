"""The honest report on a test: scores with what they rest on, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from diagnostics.evaluation.bootstrap import CONFIDENCE
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.estimates import EstimateScore, HeadReport, estimated, score_estimates
from diagnostics.evaluation.grouping import SEEN, GroupResult, group_results, interval_refusal
from diagnostics.evaluation.levels import Counts, LevelReport, judge_level
from diagnostics.evaluation.predictions import Floats, Ints, Predictions, Vote

FORMAT = 1
WORST_RECORDINGS = 50


@dataclass(frozen=True)
class WorstRecording:
    """A recording whose true class got little probability, and its least likely window."""

    recording_id: int
    group: str
    true_class: str
    predicted_class: str
    probability_of_true: float
    windows: int
    worst_window_start_s: float
    worst_window_stop_s: float
    worst_window_probability: float


@dataclass(frozen=True)
class EvaluationReport:
    """All that the result of an experiment shows.

    ``no_interval`` is the reason why no interval is given, or None; ``remarks`` are
    sentences that belong beside the scores. ``heads`` are quantities that were estimated beside
    the class.
    """

    class_names: tuple[str, ...]
    absent_classes: tuple[str, ...]
    counts: Counts
    windows: LevelReport
    recordings: LevelReport
    groups: tuple[GroupResult, ...]
    groups_per_class: Mapping[str, int]
    worst: tuple[WorstRecording, ...]
    no_interval: str | None
    remarks: tuple[str, ...]
    confidence: float
    resamples: int
    seed: int
    heads: tuple[HeadReport, ...] = ()
    format: int = FORMAT

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and texts, ready for JSON."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    def headline(self) -> dict[str, Any]:
        """The scores without their details, for lists: recordings first, windows beside."""
        heads = {head.name: head.headline() for head in self.heads}
        return {
            "recordings": self.recordings.headline(),
            "windows": self.windows.headline(),
            "n": asdict(self.counts),
            "no_interval": self.no_interval,
            **({"heads": heads} if heads else {}),
        }

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> EvaluationReport:
        """The report that :meth:`to_dict` wrote.

        Raises
        ------
        EvaluationError
            If it was written by another version or is incomplete.
        """
        if stored.get("format") != FORMAT:
            raise EvaluationError(
                f"Expected a report of format {FORMAT}, got {stored.get('format')}. "
                "Train the experiment again."
            )
        try:
            return _from_dict(stored)
        except (KeyError, TypeError) as error:
            raise EvaluationError(
                "The report is incomplete. Train the experiment again."
            ) from error


def evaluate(
    probabilities: Floats,
    targets: Ints,
    recording_ids: Ints,
    groups: Mapping[int, str],
    class_names: tuple[str, ...] | list[str],
    seed: int,
    resamples: int = 2000,
    *,
    starts_s: Floats | None = None,
    window_s: float = 0.0,
) -> EvaluationReport:
    """Judge a classifier by what it said about the windows of the test side.

    Everything is given for windows and for recordings (mean of the probabilities over a
    recording's windows); trust the recordings. The intervals are those of
    :func:`diagnostics.evaluation.bootstrap.cluster_intervals`, and there are none when a
    class has fewer than five groups: then the results of each group stand alone. Classes
    without a recording on the test side are left out of the averages, and named.

    Parameters
    ----------
    probabilities : array of shape (windows, classes)
        Each row sums to 1.
    targets, recording_ids : array of shape (windows,)
        Number of the true class; the recording that the window was cut from.
    groups : mapping of recording id to group
        What the split kept on one side.
    class_names : sequence of str
    seed : int
        Of the resampling: the same seed gives the same intervals.
    resamples : int
    starts_s : array of shape (windows,), optional
        Begin of each window in its recording, in s, so that the worst one can be shown.
    window_s : float
        Length of a window, in s.

    Returns
    -------
    EvaluationReport

    Raises
    ------
    EvaluationError
        If there is nothing to judge or the arrays contradict each other.

    Examples
    --------
    >>> report = evaluate(
    ...     probabilities=np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]),
    ...     targets=np.array([0, 1, 1]), recording_ids=np.array([1, 2, 3]),
    ...     groups={1: "bearing 1", 2: "bearing 2", 3: "bearing 3"},
    ...     class_names=["healthy", "worn"], seed=0)
    >>> report.recordings.score("balanced_accuracy").value
    0.75
    >>> "no interval can be given" in report.no_interval
    True
    """
    starts = np.zeros(targets.shape) if starts_s is None else starts_s
    given = Predictions(
        probabilities, targets, recording_ids, starts, window_s, groups, tuple(class_names)
    )
    return evaluate_predictions(given, seed, resamples)


def evaluate_predictions(
    given: Predictions, seed: int, resamples: int = 2000, validation: Predictions | None = None
) -> EvaluationReport:
    """Like :func:`evaluate`, for predictions that are together already.

    ``validation`` are those of the validation side, for what heads estimate there.
    """
    vote = given.vote()
    refusal = interval_refusal(given)
    generator = np.random.default_rng(seed)
    bootstrap = None if refusal else (resamples, generator)
    support = np.bincount(given.targets, minlength=len(given.class_names))
    names = given.class_names
    absent = tuple(name for name, count in zip(names, support, strict=True) if count == 0)
    occurring = sorted({given.groups[int(number)] for number in vote.recording_ids})
    windows = judge_level(given, given.probabilities, given.targets, given.recording_ids, bootstrap)
    recordings = judge_level(given, vote.probabilities, vote.targets, vote.recording_ids, bootstrap)
    return EvaluationReport(
        class_names=names,
        absent_classes=absent,
        counts=Counts(given.targets.size, vote.recording_ids.size, len(occurring)),
        windows=windows,
        recordings=recordings,
        groups=group_results(given, vote),
        groups_per_class=_groups_per_class(given, vote),
        worst=_worst(given, vote),
        no_interval=refusal,
        remarks=_remarks(recordings, absent, len(occurring)),
        confidence=CONFIDENCE,
        resamples=0 if refusal else resamples,
        seed=seed,
        heads=head_reports({"validation": validation, "test": given}, seed, resamples),
    )


def head_reports(
    sides: Mapping[str, Predictions | None], seed: int, resamples: int = 2000
) -> tuple[HeadReport, ...]:
    """What each head came to, by recording, on each side that there is."""
    tested = {side: given for side, given in sides.items() if given and given.estimates}
    first = next(iter(tested.values()), None)
    if first is None or first.estimates is None:
        return ()
    return tuple(
        HeadReport(
            name=scale.name,
            off=scale.off,
            trained_on=scale.recordings,
            mean=scale.mean,
            sides={
                side: score_head(given, place, seed, by_recording=True, resamples=resamples)
                for side, given in tested.items()
            },
        )
        for place, scale in enumerate(first.estimates.heads)
    )


def score_head(
    given: Predictions, place: int, seed: int, *, by_recording: bool, resamples: int = 2000
) -> EstimateScore | None:
    """The errors of one head; None where it is off or nothing is known to compare with."""
    if given.estimates is None:
        return None
    scale = given.estimates.heads[place]
    found = estimated(given.estimates, place, given.recording_ids, by_recording=by_recording)
    recordings = np.unique(given.recording_ids).size
    return score_estimates(
        found,
        scale,
        given.groups,
        seed,
        unknown=int(recordings - np.unique(found.recording_ids).size),
        refusal=SEEN if given.seen else None,
        resamples=resamples,
    )


def _groups_per_class(given: Predictions, vote: Vote) -> dict[str, int]:
    members: dict[str, set[str]] = {name: set() for name in given.class_names}
    for number, target in zip(vote.recording_ids, vote.targets, strict=True):
        members[given.class_names[target]].add(given.groups[int(number)])
    return {name: len(groups) for name, groups in members.items()}


def _worst(given: Predictions, vote: Vote) -> tuple[WorstRecording, ...]:
    of_true = vote.probabilities[np.arange(vote.targets.size), vote.targets]
    window_of_true = given.probabilities[np.arange(given.targets.size), given.targets]
    found = []
    for row in np.argsort(of_true, kind="stable")[:WORST_RECORDINGS]:
        number = int(vote.recording_ids[row])
        own = np.flatnonzero(given.recording_ids == number)
        least = own[np.argmin(window_of_true[own])]
        found.append(
            WorstRecording(
                recording_id=number,
                group=given.groups[number],
                true_class=given.class_names[vote.targets[row]],
                predicted_class=given.class_names[int(vote.probabilities[row].argmax())],
                probability_of_true=float(of_true[row]),
                windows=own.size,
                worst_window_start_s=float(given.starts_s[least]),
                worst_window_stop_s=float(given.starts_s[least]) + given.window_s,
                worst_window_probability=float(window_of_true[least]),
            )
        )
    return tuple(found)


def _remarks(recordings: LevelReport, absent: tuple[str, ...], groups: int) -> tuple[str, ...]:
    remarks = []
    if absent:
        names = ", ".join(f"“{name}”" for name in absent)
        remarks.append(
            f"No recording on the test side is of {names}: the averages are over the other classes."
        )
    perfect = recordings.score("accuracy")
    if perfect.value == 1 and perfect.low is not None:
        # With n groups and no error, a share of p goes unseen with the chance (1 − p)^n.
        share = 1 - (1 - CONFIDENCE) ** (1 / groups)
        remarks.append(
            f"The recordings of all {groups} groups were recognised, so drawing groups again "
            "shows no spread. That is no proof of perfection: up to "
            f"{100 * share:.2g} % of such groups could still hold an error (95 % confidence)."
        )
    return tuple(remarks)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.item() if isinstance(value, np.generic) else value


def _from_dict(stored: Mapping[str, Any]) -> EvaluationReport:
    simple = {
        name: stored[name]
        for name in ("groups_per_class", "no_interval", "confidence", "resamples", "seed")
    }
    return EvaluationReport(
        class_names=tuple(stored["class_names"]),
        absent_classes=tuple(stored["absent_classes"]),
        counts=Counts(**stored["counts"]),
        windows=LevelReport.from_dict(stored["windows"]),
        recordings=LevelReport.from_dict(stored["recordings"]),
        groups=tuple(GroupResult.from_dict(group) for group in stored["groups"]),
        worst=tuple(WorstRecording(**row) for row in stored["worst"]),
        remarks=tuple(stored["remarks"]),
        heads=tuple(HeadReport.from_dict(head) for head in stored.get("heads", ())),
        **simple,
    )
