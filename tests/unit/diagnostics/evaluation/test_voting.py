import numpy as np
import pytest

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.shared_test import HeldOutTest
from diagnostics.evaluation.voting import (
    Voting,
    checked_weights,
    combine,
    vote_together,
)

ALIKE = [1 / 3] * 3


def said(rows, *, classes=("good", "worn"), ids=(1, 2, 3), window_s=0.1, per=2):
    """A test of recordings 1, 2, 3 (good, worn, worn) with ``per`` equal windows each."""
    targets = [classes.index(name) for name in ("good", "worn", "worn")[: len(ids)]]
    given = Predictions(
        np.repeat(np.array(rows, dtype=float), per, axis=0),
        np.repeat(targets, per),
        np.repeat(ids, per),
        np.tile(np.arange(per) * window_s, len(ids)),
        window_s,
        {number: f"bearing {number}" for number in ids},
        classes,
    )
    return HeldOutTest(given, {number: f"samples {number}" for number in ids})


SURE = [[0.9, 0.1], [0.95, 0.05], [0.1, 0.9]]
LOW = [[0.6, 0.4], [0.4, 0.6], [0.4, 0.6]]


def test_a_soft_vote_is_the_mean_of_the_members():
    ballot = vote_together([said(SURE), said(LOW), said(LOW)], Voting.SOFT, ALIKE)
    assert ballot.by_window
    assert ballot.predictions.targets.size == 6
    vote = ballot.predictions.vote()
    expected = (np.array(SURE) + 2 * np.array(LOW)) / 3
    np.testing.assert_allclose(vote.probabilities, expected)
    # The sure one outweighs two that waver: recording 2 is named wrongly.
    assert vote.probabilities.argmax(axis=1).tolist() == [0, 0, 1]


def test_a_hard_vote_counts_recordings():
    ballot = vote_together([said(SURE), said(LOW), said(LOW)], Voting.HARD, ALIKE)
    assert not ballot.by_window
    assert ballot.predictions.targets.tolist() == [0, 1, 1]
    assert ballot.predictions.predicted.tolist() == [0, 1, 1]
    np.testing.assert_allclose(ballot.predictions.probabilities[1], [1 / 3, 2 / 3], atol=1e-5)


def test_weights_move_the_vote():
    tests = [said(SURE), said(LOW)]
    hard = vote_together(tests, Voting.HARD, checked_weights([3, 1], 2)).predictions
    assert hard.predicted.tolist() == [0, 0, 1]
    soft = vote_together(tests, Voting.SOFT, checked_weights([1, 9], 2)).predictions.vote()
    np.testing.assert_allclose(soft.probabilities[0], [0.63, 0.37])


def test_a_tie_of_votes_is_decided_by_the_mean_probability():
    tied = combine(np.array([[[0.6, 0.4]], [[0.1, 0.9]]]), Voting.HARD, [0.5, 0.5])
    assert tied.argmax(axis=1).tolist() == [1]
    np.testing.assert_allclose(tied, [[0.5, 0.5]], atol=1e-5)


def test_members_with_other_windows_vote_on_recordings():
    ballot = vote_together([said(SURE), said(LOW, window_s=0.3, per=5)], Voting.SOFT, [0.5, 0.5])
    assert not ballot.by_window
    np.testing.assert_allclose(
        ballot.predictions.probabilities, (np.array(SURE) + np.array(LOW)) / 2
    )


def test_the_order_of_classes_and_recordings_of_each_member_is_its_own():
    turned = said([row[::-1] for row in LOW], classes=("worn", "good"))
    ballot = vote_together([said(SURE), turned], Voting.SOFT, [0.5, 0.5])
    assert ballot.predictions.class_names == ("good", "worn")
    np.testing.assert_allclose(
        ballot.predictions.vote().probabilities, (np.array(SURE) + np.array(LOW)) / 2
    )


def test_only_common_recordings_are_voted_on_and_members_scored_there():
    ballot = vote_together([said(SURE), said(LOW[:2], ids=(1, 2))], Voting.SOFT, [0.5, 0.5])
    assert ballot.predictions.vote().recording_ids.tolist() == [1, 2]
    assert [one["accuracy"] for one in ballot.member_scores] == [0.5, 1.0]


def test_windows_may_lie_in_another_order():
    test = said(SURE)
    given = test.predictions
    back = np.arange(given.targets.size)[::-1]
    other = Predictions(
        given.probabilities[back],
        given.targets[back],
        given.recording_ids[back],
        given.starts_s[back],
        given.window_s,
        given.groups,
        given.class_names,
    )
    ballot = vote_together([test, HeldOutTest(other, test.contents)], Voting.SOFT, [0.5, 0.5])
    assert ballot.by_window
    np.testing.assert_allclose(ballot.predictions.vote().probabilities, SURE)


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -2.0], [1.0, float("nan")]])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(EvaluationError, match="weight"):
        checked_weights(weights, 2)
