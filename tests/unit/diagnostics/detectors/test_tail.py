"""Thresholds flag as many ordinary rows as they promise, whatever the scores look like."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.detectors.detector import FittedDetector, detect, fit_detector
from diagnostics.detectors.table import ArrayTable
from diagnostics.detectors.tail import Tail, check_tail, fit_tail, of_digits
from diagnostics.errors import DetectionError


def heavy(rng, rows):
    return (rng.normal(size=(rows, 5)) ** 2).sum(axis=1) / (rng.chisquare(4, rows) / 4)


SCORES = {
    "exponential": lambda rng, rows: rng.exponential(size=rows),
    "squared distances": lambda rng, rows: rng.chisquare(10, rows),
    "heavy": heavy,
    "skewed": lambda rng, rows: np.exp(0.7 * rng.normal(size=(rows, 5))).max(axis=1),
    "bounded": lambda rng, rows: rng.beta(5, 9, rows),
}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03])
@pytest.mark.parametrize("name", SCORES)
def test_the_false_alarm_rate_holds_with_and_without_anomalies(name, share):
    ordinary = SCORES[name](np.random.default_rng(9), 200_000)
    rates = []
    for seed in range(3):
        scores = SCORES[name](np.random.default_rng(seed), 5000)
        scores[: int(share * 5000)] = 2 * np.quantile(ordinary, 0.9999)
        threshold = fit_tail(scores).score_at(0.001)
        assert not share or threshold < scores[0]
        rates.append((ordinary > threshold).mean())
    assert 0.0003 < np.mean(rates) < 0.004


@pytest.mark.parametrize("algorithm", ["ecod", "pca", "hbos", "knn"])
@pytest.mark.parametrize("shape", ["normal", "heavy", "skewed"])
def test_it_holds_for_whole_detectors_on_clean_tables(algorithm, shape):
    rng = np.random.default_rng(4)
    values = rng.normal(size=(2000, 4))
    if shape == "heavy":
        values /= np.sqrt(rng.chisquare(4, size=(2000, 1)) / 4)
    elif shape == "skewed":
        values = np.exp(0.7 * values)
    found = detect(algorithm, {}, ArrayTable.of_values(values))
    assert found.flags.mean() < 0.006


def test_rarity_counts_the_digits():
    scores = np.random.default_rng(0).exponential(size=20_000)
    tail = fit_tail(scores)
    rarity = tail.rarity(np.log([2.0, 10.0, 100.0, 1000.0]))
    np.testing.assert_allclose(rarity, [np.log10(2), 1, 2, 3], rtol=0.12)
    assert tail.calibrated(np.array([tail.score_at(0.001)]))[0] == pytest.approx(0.5)
    assert tail.rarity(np.array([-1.0]))[0] == 0


def test_the_way_back_is_the_way_there():
    tail = fit_tail(np.random.default_rng(1).gamma(3.0, size=3000))
    for share in (0.3, 0.05, 1e-3, 1e-7):
        rarity = tail.rarity(np.array([tail.score_at(share)]))[0]
        assert rarity == pytest.approx(-np.log10(share), rel=1e-2)


def test_a_tail_that_ends_goes_on_rising():
    tail = Tail(np.linspace(0, 1, 50), 0.8, 0.1, -0.4, 0.2)
    rarity = tail.rarity(np.linspace(0.8, 50.0, 300))
    assert np.isfinite(rarity).all()
    assert (np.diff(rarity) > 0).all()


def test_equal_scores_and_a_single_higher_one():
    scores = np.zeros(100)
    tail = fit_tail(scores)
    assert tail.calibrated(np.array([0.0, 1.0])).tolist() == [0.0, pytest.approx(1.0, abs=0.01)]
    scores[7] = 3.0
    assert (scores > fit_tail(scores).score_at(0.001)).sum() == 1


def test_few_rows_and_infinite_scores_are_refused():
    with pytest.raises(DetectionError, match="20 rows"):
        fit_tail(np.arange(19.0))
    with pytest.raises(DetectionError, match="finite"):
        fit_tail(np.append(np.arange(30.0), np.inf))


@pytest.mark.parametrize(
    "wrong",
    [
        Tail(np.array([2.0, 1.0]), 0, 1, 0, 0.2),
        Tail(np.arange(3.0), 0, 0, 0, 0.2),
        Tail(np.arange(3.0), 0, 1, np.nan, 0.2),
        Tail(np.arange(3.0), 0, 1, 0, 0),
    ],
)
def test_a_distribution_that_cannot_be_is_refused(wrong):
    with pytest.raises(DetectionError, match="damaged"):
        check_tail(wrong)


def test_scores_that_are_digits_are_not_extrapolated():
    tail = fit_tail(np.random.default_rng(0).exponential(size=800))
    line = tail.score_at(1e-3)
    digits = of_digits(tail)
    assert digits.score_at(1e-3) == pytest.approx(line)
    np.testing.assert_allclose(digits.rarity(line + np.arange(4.0)), 3.0 + np.arange(4.0))
    below = np.linspace(0.0, line, 50)
    np.testing.assert_array_equal(digits.rarity(below), tail.rarity(below))
    assert digits.score_at(1e-5) == pytest.approx(line + 2.0)
    assert digits.score_at(0.3) == tail.score_at(0.3)


def test_an_ensemble_of_rarities_keeps_them_in_its_file():
    rows = np.random.default_rng(0).normal(size=(200, 3))
    table = ArrayTable.of_values(rows)
    far = ArrayTable.of_values(np.full((1, 3), 50.0))
    for how, is_finite in (("probability", True), ("rank", False)):
        made = fit_detector("ensemble", {"combination": how}, table)
        again = FittedDetector.from_bytes(made.to_bytes())
        assert np.isfinite(again.tail.digits_from) == is_finite
        assert again.calibrated(again.score(far)) == made.calibrated(made.score(far))
