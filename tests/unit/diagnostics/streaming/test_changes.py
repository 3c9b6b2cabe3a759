"""Detectors of drift and of vibration: when they tell a change, and what they compare."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ks_2samp, norm
from sklearn.neighbors import LocalOutlierFactor

from diagnostics.streaming.adwin import SHORTEST, cuts
from diagnostics.streaming.base import Settings
from diagnostics.streaming.descriptions import described
from diagnostics.streaming.kswin import WindowedDistributions
from diagnostics.streaming.outlier_factors import OutlierFactors
from diagnostics.streaming.page_hinkley import PageHinkley
from diagnostics.streaming.registry import create
from diagnostics.streaming.spectral import features
from tests.unit.diagnostics.streaming.test_detectors import DRIFTS

WINDOW = 200


def made(name: str, columns: int = 1, window: int = WINDOW, **config: float):
    checked = described(name).check_config(config)
    return create(name, Settings(columns, window, 3.0, checked))


def noise(count: int, columns: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(5.0, 2.0, size=(count, columns))


@pytest.mark.parametrize("name", DRIFTS)
def test_a_shift_is_told_soon_a_few_times_and_in_its_column(name):
    points = noise(900, columns=2)
    points[500:, 1] += 4.0
    judged = made(name, columns=2).judge(points)
    told = np.flatnonzero(judged.is_anomaly)
    after = told[told >= 500]
    assert 500 <= after[0] < 560
    assert len(after) <= 4
    assert judged.column_scores[after[0]].argmax() == 1
    assert judged.expected[after[0], 1] == pytest.approx(5.0, abs=1.0)


@pytest.mark.parametrize("name", DRIFTS)
def test_noise_and_single_outliers_are_no_drift(name):
    points = noise(5_000, seed=4)
    points[::400] += 60.0
    assert made(name).judge(points).is_anomaly.sum() <= 10


def test_a_spread_that_grows_is_seen_by_distributions_only():
    points = noise(800, seed=2)
    points[400:] = 5.0 + 4.0 * (points[400:] - 5.0)
    told = {name: np.flatnonzero(made(name).judge(points).is_anomaly) for name in DRIFTS}
    assert (told["kswin"] >= 400).any()


def test_sums_of_page_and_hinkley_follow_their_recursion():
    values = np.random.default_rng(7).normal(size=300)
    values[150:] += 0.7
    config = {"delta": 0.1, "threshold_multiplier": 100.0}
    judged = PageHinkley(Settings(1, 20, 3.0, config)).judge(values[:, None])
    above = below = 0.0
    for place in range(20, 300):
        past = values[:place]
        step = np.clip((values[place] - past.mean()) / past.std(ddof=1), -5, 5)
        above, below = max(0.0, above + step - 0.1), max(0.0, below - step - 0.1)
        assert judged.scores[place] == pytest.approx(max(above, below), rel=1e-9)


def test_distances_are_those_of_scipy():
    values = np.round(noise(80, seed=9), 1)[:, 0]  # with equal values
    values[60:] += 1.0
    detector = WindowedDistributions(Settings(1, 80, 100.0, {"stat_size": 20}))
    judged = detector.judge(values[:, None])
    theirs = ks_2samp(values[60:], values[:60], method="asymp")
    # Theirs is without the correction for small samples, which ours has.
    score = judged.scores[-1]
    assert score == pytest.approx(norm.isf(theirs.pvalue / 2), rel=0.1)
    root = math.sqrt(20 * 60 / 80)
    stretched = (root + 0.12 + 0.11 / root) * theirs.statistic
    chance = 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * stretched) ** 2) for k in range(1, 50))
    assert score == pytest.approx(norm.isf(chance / 2), rel=1e-9)


def test_the_bound_of_the_paper_is_met_at_its_chance():
    values = np.random.default_rng(3).normal(size=60)
    values[40:] += 1.5
    found = cuts(values)
    cut = 40 - SHORTEST
    chance = 2 * norm.sf(found[cut]) / math.log(60)
    size = 1 / (1 / 40 + 1 / 20)
    scaled = values / values.std()
    bound = math.sqrt(2 / size * math.log(2 / chance)) + 2 / (3 * size) * math.log(2 / chance)
    assert abs(scaled[:40].mean() - scaled[40:].mean()) == pytest.approx(bound, rel=1e-9)


def test_outlier_factors_are_those_of_scikit_learn():
    points = np.random.default_rng(1).normal(size=(150, 3))
    detector = OutlierFactors(Settings(3, 50, 3.0, {"n_neighbors": 10}))
    detector._factors(points[:120])
    ours = [detector._factors(points[120 + n : 121 + n])[0] for n in range(30)]
    for number, factor in enumerate(ours):
        theirs = LocalOutlierFactor(10, novelty=True).fit(points[70 + number : 120 + number])
        expected = -theirs.score_samples(points[120 + number : 121 + number])[0]
        assert factor == pytest.approx(expected, rel=1e-6)


def test_impacts_and_tones_are_seen_in_windows_and_quiet_ones_are_not():
    time_s = np.arange(256 * 60) / 2_000
    signal = np.sin(2 * np.pi * 50 * time_s) + 0.1 * noise(len(time_s), seed=6)[:, 0]
    windows = signal.reshape(60, 256)
    windows[50, ::64] += 6.0
    windows[55] += 0.5 * np.sin(2 * np.pi * 800 * time_s[:256])
    judged = made("spectral", window=256).judge(windows.reshape(-1, 1))
    assert np.flatnonzero(judged.is_anomaly).tolist() == [51 * 256 - 1, 56 * 256 - 1]
    assert not judged.scores[: 20 * 256].any()


def test_features_are_what_they_are_called():
    window = np.sin(2 * np.pi * 8 * np.arange(256) / 256)[:, None] * 3.0
    level, crest, kurtosis, *bands = np.exp(features(window + 7.0, 8)[0])
    assert level == pytest.approx(3.0 / math.sqrt(2), rel=1e-6)
    assert crest == pytest.approx(math.sqrt(2), rel=1e-6)
    assert kurtosis == pytest.approx(1.5, rel=1e-6)
    assert np.argmax(bands) == 0
