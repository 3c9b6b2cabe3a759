"""Planted speeds come back; where nothing tells, nothing is said."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.speed import estimate_speed

ROOT = Path(__file__).parents[4]
REAL = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data"))
RATE = 10_000.0
TIME_S = np.arange(60_000) / RATE


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def comb(rpm, amplitudes):
    return sum(
        amplitude * np.sin(2 * np.pi * order * rpm / 60 * TIME_S + order)
        for order, amplitude in enumerate(amplitudes, start=1)
    )


@pytest.mark.parametrize("rpm", [912.3, 1487.0, 1796.4, 2950.7])
@pytest.mark.parametrize(
    "amplitudes",
    [(1, 0.5, 0.4, 0.3, 0.2, 0.2), (0.2, 1, 0.1, 0.5, 0.1, 0.3), (1, 0.6, 0.4)],
    ids=["falling", "twice is loudest", "three lines"],
)
def test_a_planted_speed(rng, rpm, amplitudes):
    estimate = estimate_speed(comb(rpm, amplitudes) + rng.normal(size=60_000), RATE, 600, 3_400)
    assert estimate.rpm == pytest.approx(rpm, rel=4e-4)
    assert estimate.confidence > 0.2
    assert "multiples of the shaft speed" in estimate.how


def test_the_loud_lines_of_a_defect_do_not_pass_for_the_shaft(rng):
    defect = comb(1_800 * 3.585, (2, 1, 1, 0.5))
    samples = comb(1_800, (0.5, 0.4, 0.3, 0.2, 0.2)) + defect + rng.normal(size=60_000)
    assert estimate_speed(samples, RATE, 900, 3_400).rpm == pytest.approx(1_800, rel=4e-4)


def test_two_shafts_that_fit_equally_well_give_none(rng):
    lines = (1, 0.7, 0.5, 0.4, 0.3, 0.3)
    samples = comb(1_480, lines) + comb(2_010, lines) + rng.normal(size=60_000)
    estimate = estimate_speed(samples, RATE, 900, 3_400)
    assert estimate.rpm is None
    assert estimate.how == "Several speeds fit about equally well."
    assert estimate_speed(samples, RATE, 1_900, 2_100).rpm == pytest.approx(2_010, rel=4e-4)


def test_noise_tells_no_speed(rng):
    estimates = [estimate_speed(rng.normal(size=60_000), RATE, 900, 3_400) for _ in range(20)]
    assert {estimate.rpm for estimate in estimates} == {None}
    assert estimates[0].how.startswith("No comb of shaft lines")


@pytest.mark.parametrize("samples", [np.zeros(60_000), np.full(60_000, 3.0)])
def test_a_dead_channel_tells_no_speed(samples):
    estimate = estimate_speed(samples, RATE, 900, 3_400)
    assert (estimate.rpm, estimate.confidence) == (None, 0.0)


def test_a_snapshot_of_a_few_turns_tells_no_speed():
    estimate = estimate_speed(comb(1_800, (1, 1))[:2_560], RATE, 900, 3_400)
    assert estimate.rpm is None
    assert estimate.how == "Too short: 900 rpm needs 1.33 s to be told."


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0, 100, "begins above 0 rpm"),
        (200, 100, "ends above its beginning"),
        (100, 50_000, "speeds up to 40000 rpm can be told"),
    ],
)
def test_refuses_ranges(low, high, says):
    with pytest.raises(SignalError, match=says):
        estimate_speed(TIME_S, RATE, low, high)


def test_refuses_channels():
    with pytest.raises(SignalError, match="one channel"):
        estimate_speed(np.zeros((2, 60_000)), RATE, 900, 3_400)


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"No real recordings in {REAL} (set ROTORSCOPE_REAL_DATA)."
)
def test_cwru_in_a_wide_range():
    """Of 61 records at least 45 are told to 0.4 %, and at most one falsely."""
    told = {"right": 0, "wrong": 0, "none": 0}
    with (REAL / "cwru" / "cwru_12k_DE_5s.csv").open() as file:
        rows = list(csv.DictReader(file))
    with np.load(REAL / "cwru" / "cwru_12k_DE_5s.npz") as records:
        for row in rows:
            samples = records[row["record"]].astype(float).ravel()
            estimate = estimate_speed(samples, float(row["fs"]), 900, 3_500)
            expected = float(row["rpm_measured"] or row["rpm_nominal"])
            told[_verdict(estimate.rpm, expected)] += 1
    assert told["right"] >= 45
    assert told["wrong"] <= 1


def _verdict(rpm: float | None, expected: float) -> str:
    if rpm is None:
        return "none"
    return "right" if abs(rpm / expected - 1) < 0.004 else "wrong"
