"""Several classifiers asked together: what a vote of them says about their common test.

Means of probabilities and majorities are the two plain ways to join classifiers; both help only
as far as members err on different recordings [1]_.

References
----------
.. [1] Kittler, Hatef, Duin, Matas, "On combining classifiers", IEEE Transactions on Pattern
   Analysis and Machine Intelligence 20 (1998) 226-239.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import SCORES, confusion_matrix
from diagnostics.evaluation.predictions import Floats, Ints, Predictions
from diagnostics.evaluation.shared_test import (
    HeldOutTest,
    SharedTest,
    pair_windows_by_row,
    share_test,
)

FEWEST, MOST = 2, 8
# So little of the mean probability decides between classes with equally many votes, and
# nothing else.
_TIE = 1e-6
NO_WINDOWS = (
    "The vote is taken over recordings, so there is one answer for each recording and none for"
    " single windows: what is called windows here are the recordings again."
)


class Voting(enum.StrEnum):
    """``soft`` takes the mean of the probabilities; ``hard`` counts what each member names."""

    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True)
class Ballot:
    """What came of a vote.

    Parameters
    ----------
    predictions : Predictions
        Windows of the common recordings where ``by_window``, else one row for each recording.
        After a hard vote its probabilities are shares of the votes.
    by_window : bool
    shared : SharedTest
        The members on the same recordings.
    member_scores : tuple of dict
        Scores of each member over the common recordings, without interval.
    """

    predictions: Predictions
    by_window: bool
    shared: SharedTest
    member_scores: tuple[dict[str, float], ...]


def checked_weights(weights: Sequence[float] | None, members: int) -> tuple[float, ...]:
    """Weights that sum to 1; without any, all members count alike.

    Raises
    ------
    EvaluationError
        If there is not one for each member, or one is not above 0.

    Examples
    --------
    >>> checked_weights([1, 3], 2), checked_weights(None, 2)
    ((0.25, 0.75), (0.5, 0.5))
    """
    if weights is None:
        return (1 / members,) * members
    if len(weights) != members:
        raise EvaluationError(
            f"Give one weight for each of the {members} members, got {len(weights)}."
        )
    for weight in weights:
        if not (math.isfinite(weight) and 0 < weight <= 1e6):
            raise EvaluationError(
                f"A weight must be above 0 and at most a million, got {weight:g}. Leave a member"
                " out that shall not count."
            )
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)


def combine(members: Floats, voting: Voting, weights: Sequence[float]) -> Floats:
    """Join the class probabilities that several members gave to the same items.

    Parameters
    ----------
    members : array of shape (members, items, classes)
        Rows sum to 1.
    voting : Voting
    weights : sequence of float
        One for each member, summing to 1.

    Returns
    -------
    array of shape (items, classes)
        Mean probabilities, or shares of the votes. Where classes have equally many votes, the
        one with the larger mean probability is ahead by a millionth.

    Examples
    --------
    >>> sure, torn = [[0.9, 0.1]], [[0.45, 0.55]]
    >>> three = np.array([sure, torn, torn])
    >>> combine(three, Voting.SOFT, [1 / 3] * 3).round(2)
    array([[0.6, 0.4]])
    >>> combine(three, Voting.HARD, [1 / 3] * 3).round(2)
    array([[0.33, 0.67]])
    """
    soft = np.einsum("m,mic->ic", np.asarray(weights, dtype=np.float64), members)
    if voting is Voting.SOFT:
        return np.asarray(soft)
    named = np.eye(members.shape[2])[members.argmax(axis=2)]
    votes = np.einsum("m,mic->ic", np.asarray(weights, dtype=np.float64), named)
    return np.asarray((1 - _TIE) * votes + _TIE * soft)


def vote_together(tests: Sequence[HeldOutTest], voting: Voting, weights: Sequence[float]) -> Ballot:
    """Let members vote on the recordings that all of them were tested on.

    Each member says one thing about a recording: the mean over its windows. So members may have
    windows of different lengths and rates. A soft vote of members with equal windows is the
    same for windows and recordings, and is taken over windows.

    Parameters
    ----------
    tests : sequence of HeldOutTest
        Of the members.
    voting : Voting
    weights : sequence of float
        One for each member, summing to 1.

    Returns
    -------
    Ballot

    Raises
    ------
    EvaluationError
        If classes differ or no recording is common.
    """
    shared = share_test(tests)
    rows = windows_alike(tests, shared) if voting is Voting.SOFT else None
    if rows is None:
        predictions = _over_recordings(tests, shared, voting, weights)
    else:
        predictions = _over_windows(tests, shared, rows, weights)
    return Ballot(predictions, rows is not None, shared, _member_scores(shared))


def windows_alike(
    tests: Sequence[HeldOutTest], shared: SharedTest
) -> list[NDArray[np.intp]] | None:
    """The rows of each member's windows of the common recordings in one order, if they are alike.

    None where members cut recordings differently.
    """
    try:
        return pair_windows_by_row(tests, shared)
    except EvaluationError:
        return None


def _over_windows(
    tests: Sequence[HeldOutTest],
    shared: SharedTest,
    rows: Sequence[NDArray[np.intp]],
    weights: Sequence[float],
) -> Predictions:
    given = tests[0].predictions
    first = rows[0]
    members = np.stack(
        [
            test.predictions.probabilities[own][:, _columns(test, shared)]
            for test, own in zip(tests, rows, strict=True)
        ]
    )
    target_of = dict(zip(shared.recording_ids[0].tolist(), shared.targets.tolist(), strict=True))
    ids = given.recording_ids[first]
    return Predictions(
        probabilities=combine(members, Voting.SOFT, weights),
        targets=np.array([target_of[number] for number in ids.tolist()], dtype=np.int64),
        recording_ids=ids,
        starts_s=given.starts_s[first],
        window_s=given.window_s,
        groups=_groups(shared),
        class_names=shared.class_names,
    )


def _over_recordings(
    tests: Sequence[HeldOutTest], shared: SharedTest, voting: Voting, weights: Sequence[float]
) -> Predictions:
    members = np.stack(
        [_voted(test, shared, own) for test, own in zip(tests, shared.recording_ids, strict=True)]
    )
    return Predictions(
        probabilities=combine(members, voting, weights),
        targets=shared.targets,
        recording_ids=shared.recording_ids[0],
        starts_s=np.zeros(shared.targets.size),
        window_s=0.0,
        groups=_groups(shared),
        class_names=shared.class_names,
    )


def _voted(test: HeldOutTest, shared: SharedTest, ids: Ints) -> Floats:
    """What a member says of each common recording."""
    vote = test.predictions.vote()
    return vote.probabilities[np.searchsorted(vote.recording_ids, ids)][:, _columns(test, shared)]


def _columns(test: HeldOutTest, shared: SharedTest) -> list[int]:
    return [test.predictions.class_names.index(name) for name in shared.class_names]


def _groups(shared: SharedTest) -> dict[int, str]:
    names = shared.groups.tolist()
    return dict(zip(shared.recording_ids[0].tolist(), names, strict=True))


def _member_scores(shared: SharedTest) -> tuple[dict[str, float], ...]:
    classes = len(shared.class_names)
    found = (confusion_matrix(shared.targets, said, classes) for said in shared.predicted)
    return tuple(
        {name: float(score(confusion)) for name, score in SCORES.items()} for confusion in found
    )
