import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from diagnostics.evaluation.calibration import (
    brier_score,
    calibration,
    fit_temperature,
    log_loss,
    with_temperature,
)
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.items import Level, items_of
from diagnostics.evaluation.predictions import Predictions
from tests.unit.diagnostics.evaluation.made import predictions


def test_scores_are_those_of_scikit_learn():
    given = predictions()
    found = calibration(items_of(given, Level.WINDOWS, 0))
    assert found.loss.value == pytest.approx(
        reference.log_loss(given.targets, given.probabilities), rel=1e-6
    )
    assert found.brier.value == pytest.approx(
        reference.brier_score_loss(given.targets, given.probabilities, scale_by_half=False)
    )


def test_bins_are_those_of_scikit_learn():
    given = predictions()
    items = items_of(given, Level.WINDOWS, 0)
    found = calibration(items)
    right, sure = calibration_curve(~items.wrong, items.confidence, n_bins=10)
    full = [one for one in found.bins if one.count]
    assert [one.accuracy for one in full] == pytest.approx(right.tolist())
    assert [one.confidence for one in full] == pytest.approx(sure.tolist())
    assert sum(one.count for one in found.bins) == len(items)
    gaps = sum(one.count * abs(one.accuracy - one.confidence) for one in full)
    assert found.ece.value == pytest.approx(gaps / len(items))


@pytest.mark.parametrize("level", list(Level))
def test_intervals_hold_their_scores(level):
    found = calibration(items_of(predictions(), level, 0))
    for area in (found.brier, found.loss, found.ece):
        assert area.low < area.value < area.high
    banded = [one for one in found.bins if one.accuracy_low is not None]
    assert banded
    assert all(one.accuracy_low <= one.accuracy <= one.accuracy_high for one in banded)


def nearly_calibrated(seed, groups):
    """Two classes, three recordings of two windows each; groups have a level of their own."""
    rng = np.random.default_rng(seed)
    targets = np.repeat([0, 1], groups * 6)
    scores = rng.normal(size=(len(targets), 2))
    scores[np.arange(len(targets)), targets] += np.repeat(rng.normal(1.0, 0.7, 2 * groups), 6)
    odds = np.exp(0.94 * scores)
    ids = np.repeat(np.arange(6 * groups), 2)
    return Predictions(
        odds / odds.sum(axis=1, keepdims=True),
        targets,
        ids,
        np.tile([0.0, 0.1], 6 * groups),
        0.1,
        {n: f"group {n // 3}" for n in range(6 * groups)},
        ("healthy", "worn"),
    )


def test_the_interval_holds_a_small_calibration_error_that_few_items_make_look_large():
    truth = 0.024  # of 120,000 groups
    held, values = 0, []
    for seed in range(20):
        items = items_of(nearly_calibrated(seed, 15), Level.WINDOWS, seed, resamples=300)
        found = calibration(items).ece
        held += found.low <= truth <= found.high
        values.append(found.value)
    assert np.mean(values) > 2 * truth
    assert held >= 18


def test_few_groups_have_scores_without_intervals():
    found = calibration(items_of(predictions(groups_per_class=1), Level.RECORDINGS, 0))
    assert found.brier.low is found.ece.high is None
    assert all(one.accuracy_low is None for one in found.bins)


def test_a_confidence_of_one_is_in_the_last_bin():
    sure, truth = np.array([[1.0, 0.0]]), np.array([0])
    assert brier_score(sure, truth).tolist() == [0]
    assert log_loss(1 - sure, truth) == pytest.approx(-np.log(1e-6))


def test_a_network_that_was_made_too_sure_is_cooled_by_just_that():
    rng = np.random.default_rng(5)
    scores = rng.normal(scale=1.5, size=(20_000, 3))
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    truth = (rng.random((20_000, 1)) > shares.cumsum(axis=1)).sum(axis=1)
    too_sure = np.exp(2.5 * scores) / np.exp(2.5 * scores).sum(axis=1, keepdims=True)
    found = fit_temperature(too_sure, truth, np.arange(20_000) // 10)
    assert found.value == pytest.approx(2.5, rel=0.03)
    assert found.loss_after < found.loss_before
    assert (found.windows, found.recordings, found.at_limit) == (20_000, 2_000, False)


def test_temperature_keeps_the_order_and_the_sum():
    given = predictions().probabilities
    hot = with_temperature(given, 3.0)
    assert hot.sum(axis=1) == pytest.approx(1)
    assert (hot.argmax(axis=1) == given.argmax(axis=1)).all()
    assert with_temperature(given, 1.0) == pytest.approx(given, abs=1e-5)


def test_all_right_has_no_best_temperature_and_says_so():
    sure = np.tile([[0.9, 0.1]], (8, 1))
    assert fit_temperature(sure, np.zeros(8, dtype=int), np.arange(8)).at_limit


def test_without_a_validation_part_it_is_refused():
    with pytest.raises(EvaluationError, match="validation part"):
        fit_temperature(np.empty((0, 2)), np.empty(0, dtype=int), np.empty(0, dtype=int))
