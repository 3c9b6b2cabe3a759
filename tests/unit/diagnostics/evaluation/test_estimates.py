"""Errors of heads against numbers worked out by hand, and their intervals against Student's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.estimates import Estimates, estimated, score_estimates
from diagnostics.evaluation.grouping import SEEN
from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.report import EvaluationReport, evaluate_predictions, head_reports
from diagnostics.training.head_scale import HeadScale

SCALES = (
    HeadScale("severity", 0.5, 0.2, 12),
    HeadScale("speed_rpm", 0.0, 1.0, 0, "no training recording says it"),
)


def predictions(values, truths, groups, seen=False):
    """One window for each value; a recording of its own each."""
    count = len(values)
    nothing = np.full(count, np.nan)
    ids = np.arange(count)
    return Predictions(
        probabilities=np.tile([0.7, 0.3], (count, 1)),
        targets=ids % 2,
        recording_ids=ids,
        starts_s=np.zeros(count),
        window_s=0.1,
        groups=dict(enumerate(groups)),
        class_names=("healthy", "worn"),
        seen=seen,
        estimates=Estimates(
            SCALES, np.column_stack([values, nothing]), np.column_stack([truths, nothing])
        ),
    )


def test_error_bias_and_always_the_mean_by_hand():
    given = predictions([0.2, 0.5, 0.9, 0.1], [0.1, 0.7, 0.9, np.nan], list("abca"))
    severity, speed = head_reports({"test": given}, seed=0)
    score = severity.sides["test"]
    assert score.mae == pytest.approx((0.1 + 0.2 + 0) / 3)
    assert score.bias == pytest.approx((0.1 - 0.2 + 0) / 3)
    assert score.mean_error == pytest.approx((0.4 + 0.2 + 0.4) / 3)
    assert (score.items, score.recordings, score.groups, score.unknown) == (3, 3, 3, 1)
    assert score.no_interval == "3 groups; an interval needs 5."
    assert (score.mae_low, score.bias_high) == (None, None)
    assert (speed.sides["test"], speed.off) == (None, "no training recording says it")


def test_a_recording_is_the_mean_of_its_windows():
    given = Estimates(SCALES[:1], np.array([[0.1], [0.5], [0.8]]), np.array([[0.4], [0.4], [0.6]]))
    ids = np.array([9, 9, 4])
    found = estimated(given, 0, ids, by_recording=True)
    assert found.recording_ids.tolist() == [4, 9]
    assert found.values.tolist() == pytest.approx([0.8, 0.3])
    assert (found.low.tolist(), found.high.tolist()) == ([0.8, 0.1], [0.8, 0.5])
    windows = estimated(given, 0, ids, by_recording=False)
    assert windows.values.tolist() == [0.1, 0.5, 0.8]


def test_the_interval_of_the_bias_agrees_with_students_over_groups():
    spread = np.random.default_rng(3).normal(0, 0.05, 12)
    errors = 0.02 + np.concatenate([spread, -spread])  # Student's knows nothing of skewness
    truths = np.full(24, 0.5)
    given = predictions(truths + errors, truths, [f"g{n}" for n in range(24)])
    score = head_reports({"test": given}, seed=0)[0].sides["test"]
    expected = stats.t.interval(0.95, 23, errors.mean(), stats.sem(errors))
    assert [score.bias_low, score.bias_high] == pytest.approx(expected, abs=0.003)
    assert score.mae_low < score.mae < score.mae_high


def test_recordings_of_a_group_are_drawn_together():
    """Twelve copies in six groups say no more than the six."""
    errors = np.repeat([0.1, -0.1, 0.2, 0.0, 0.15, -0.05], 2)
    truths = np.full(12, 0.5)
    together = predictions(truths + errors, truths, [f"g{n // 2}" for n in range(12)])
    alone = predictions(truths[::2] + errors[::2], truths[::2], [f"g{n}" for n in range(6)])
    ends = [
        (score.bias_low, score.bias_high)
        for given in (together, alone)
        if (score := head_reports({"test": given}, seed=0)[0].sides["test"])
    ]
    assert ends[0] == pytest.approx(ends[1])


def test_windows_that_were_learned_from_give_no_interval():
    values = np.linspace(0.1, 0.9, 10)
    given = predictions(values, values, [f"g{n}" for n in range(10)], seen=True)
    assert head_reports({"test": given}, seed=0)[0].sides["test"].no_interval == SEEN


def test_nothing_known_gives_no_score():
    nothing = np.full(4, np.nan)
    given = predictions(np.full(4, 0.5), nothing, list("abcd"))
    assert head_reports({"test": given}, seed=0)[0].sides["test"] is None
    found = estimated(given.estimates, 0, given.recording_ids, by_recording=True)
    assert score_estimates(found, SCALES[0], given.groups, 0) is None


def test_the_report_goes_to_json_and_back_and_lists_show_the_test():
    given = predictions([0.2, 0.5, 0.9, 0.1], [0.1, 0.7, 0.9, 0.2], list("abcd"))
    report = evaluate_predictions(given, 0, resamples=50, validation=given)
    again = EvaluationReport.from_dict(report.to_dict())
    assert again.heads == report.heads
    assert set(report.heads[0].sides) == {"validation", "test"}
    shown = report.headline()["heads"]
    assert shown["severity"]["mae"] == pytest.approx((0.1 + 0.2 + 0 + 0.1) / 4)
    assert shown["speed_rpm"] == {"mae": None}
    plain = evaluate_predictions(replace(given, estimates=None), 0, resamples=50)
    assert (plain.heads, "heads" in plain.headline()) == ((), False)


def test_estimates_are_kept_in_the_file_of_predictions():
    given = predictions([0.2, 0.5], [0.1, np.nan], list("ab"))
    again = Predictions.from_npz(given.to_npz())
    assert again.estimates.heads == SCALES
    np.testing.assert_array_equal(again.estimates.values, given.estimates.values)
    np.testing.assert_array_equal(again.estimates.truths, given.estimates.truths)
    without = Predictions.from_npz(replace(given, estimates=None).to_npz())
    assert without.estimates is None


def test_estimates_of_another_number_of_windows_are_refused():
    given = predictions([0.2, 0.5], [0.1, 0.3], list("ab"))
    short = Estimates(SCALES, np.zeros((1, 2)), np.zeros((1, 2)))
    with pytest.raises(EvaluationError, match=r"Expected estimates of shape \(2, 2\)"):
        replace(given, estimates=short)
