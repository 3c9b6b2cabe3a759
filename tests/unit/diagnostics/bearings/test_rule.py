"""The rule on planted defects, on noise, and on measured bearings whose defect is known."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from diagnostics.bearings.geometry import Bearing
from diagnostics.bearings.rule import name_fault, strikes
from diagnostics.errors import BearingError, SignalError
from diagnostics.signals.envelope import Band, default_band

ROOT = Path(__file__).parents[4]
REAL = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data"))
real_data = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"No real recordings in {REAL} (set ROTORSCOPE_REAL_DATA)."
)
RATE = 12_000.0
SKF_6205 = Bearing(9, 0.3126 * 25.4, 1.537 * 25.4)
MFPT = Bearing(8, 0.235 * 25.4, 1.245 * 25.4)
PARTS = {"OR": "outer race", "IR": "inner race", "B": "rolling element"}


def damaged(order: float, slip: float = 0.99, seconds: float = 5.0, seed: int = 2):
    """Ringing at 3.3 kHz, struck ``order`` times in a turn of a shaft of 30 Hz, in noise."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    since_s = time_s % (1 / (order * 30 * slip))
    ringing = np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_300 * since_s)
    return 3 * ringing + np.random.default_rng(seed).normal(size=time_s.size)


@pytest.mark.parametrize("strike", strikes(SKF_6205.orders()), ids=lambda strike: strike.line)
def test_names_a_planted_defect_with_its_slip(strike):
    verdict = name_fault(damaged(strike.order), RATE, SKF_6205.orders(), 30.0)
    assert verdict.fault == strike.fault
    assert verdict.strongest.slip == pytest.approx(-0.01, abs=0.001)
    assert verdict.snr_db > 20
    assert verdict.margin_db > 8
    assert verdict.band.low_hz < 3_300 < verdict.band.high_hz
    assert verdict.cell.band == verdict.band
    said = verdict.in_words()
    assert said.startswith(f"{strike.fault.capitalize()}: {strike.line}")
    assert said.endswith("−1.0 % from the expected frequency.")


def test_noise_is_given_no_name():
    rng = np.random.default_rng(4)
    verdicts = [
        name_fault(rng.normal(size=36_000), RATE, SKF_6205.orders(), 30.0) for _ in range(40)
    ]
    assert {verdict.fault for verdict in verdicts} == {None}
    assert max(verdict.snr_db for verdict in verdicts) < 10
    assert verdicts[0].in_words().startswith("No defect line stands up in the band")


def test_a_band_by_hand():
    verdict = name_fault(damaged(SKF_6205.bpfo), RATE, SKF_6205.orders(), 30.0, Band(3_100, 3_500))
    assert verdict.fault == "outer race"
    assert verdict.cell is None
    assert {len(each.found.lines_db) for each in verdict.evidence} == {2}


def test_only_what_the_orders_name():
    verdict = name_fault(damaged(3.6), RATE, {"BPFO": 3.6}, 30.0)
    assert [each.strike.line for each in verdict.evidence] == ["BPFO"]
    assert verdict.margin_db == math.inf


def test_refuses():
    with pytest.raises(BearingError, match="at least one of the orders"):
        name_fault(damaged(3.6), RATE, {"FTF": 0.4}, 30.0)
    with pytest.raises(BearingError, match="more than 0 Hz"):
        name_fault(damaged(3.6), RATE, {"BPFO": 3.6}, 0.0)
    with pytest.raises(SignalError, match="Choose a wider band"):
        name_fault(damaged(3.6), RATE, {"BPFO": 3.6}, 30.0, Band(3_250, 3_300))
    with pytest.raises(SignalError, match="Choose a longer time"):
        name_fault(damaged(3.6, seconds=0.05), RATE, {"BPFO": 3.6}, 30.0)


@real_data
@pytest.mark.parametrize("by_hand", [False, True], ids=["kurtogram", "default band"])
@pytest.mark.parametrize("name", ["OR007@6_0", "OR021@3_2", "IR007_1", "IR021_3"])
def test_races_of_cwru(name, by_hand):
    verdict = _cwru(name, by_hand)
    assert verdict.fault == PARTS[name[:2]]
    assert verdict.snr_db > 20
    assert abs(verdict.strongest.slip) < 0.006


@real_data
def test_the_healthy_bearing_of_cwru():
    assert _cwru("normal_0").fault is None


@real_data
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("baseline_1", None),
        ("OuterRaceFault_vload_1", "outer race"),
        ("OuterRaceFault_vload_5", "outer race"),
        ("InnerRaceFault_vload_1", "inner race"),
        ("InnerRaceFault_vload_5", "inner race"),
    ],
)
def test_mfpt(name, fault):
    record = scipy.io.loadmat(REAL / "mfpt" / f"{name}.mat", simplify_cells=True)["bearing"]
    samples = np.asarray(record["gs"], dtype=float).ravel()
    verdict = name_fault(samples, float(record["sr"]), MFPT.orders(), float(record["rate"]))
    assert verdict.fault == fault


def _cwru(name: str, by_hand: bool = False):
    with (REAL / "cwru" / "cwru_12k_DE_5s.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["record"] == name)
    with np.load(REAL / "cwru" / "cwru_12k_DE_5s.npz") as records:
        samples = records[name].astype(float).ravel()
    rate_hz = float(row["fs"])
    band = default_band(rate_hz) if by_hand else None
    shaft_hz = float(row["rpm_measured"] or row["rpm_nominal"]) / 60
    return name_fault(samples, rate_hz, SKF_6205.orders(), shaft_hz, band)
