from __future__ import annotations

from unittest.mock import ANY

import numpy as np
import pytest

from diagnostics.signals.quality import Channel, Problem, check_rate, check_rows, check_samples
from diagnostics.signals.signal import Unit

TIME = np.arange(20_000) / 10_000
NOISE = np.random.default_rng(0).normal(size=(3, TIME.size))


def problems(samples, names=("a",)):
    return {warning.problem: warning.value for warning in check_samples(samples, names)}


def test_sound_channels_give_no_warning():
    assert problems(NOISE, ("a", "b", "c")) == {}
    assert problems(NOISE.astype(np.float32), ("a", "b", "c")) == {}


def test_counts_values_that_are_not_finite():
    bad = NOISE[:1].copy()
    bad[0, [3, 5, 7]] = np.nan, np.inf, -np.inf
    assert problems(bad) == {Problem.MISSING_VALUES: 3}


def test_constant():
    assert problems(np.full((1, 50), 2.5)) == {Problem.CONSTANT: 2.5}


def test_clipped_share_is_what_was_cut():
    sine = np.sin(2 * np.pi * 13.7 * TIME)
    cut = np.clip(sine, -0.9, 0.9)
    share = np.mean(np.abs(sine) >= 0.9)
    assert problems(cut[np.newaxis])[Problem.CLIPPED] == pytest.approx(share, rel=0.02)


def test_coarse_steps_are_not_clipping():
    assert problems(np.round(NOISE[:1], 1)) == {}


@pytest.mark.parametrize("factor", [1.0, -0.9848, 2e-5])
def test_copies_are_found_up_to_scale_and_offset(factor):
    found = problems(np.stack([NOISE[0], factor * NOISE[0] + 3 * abs(factor)]), ("a", "b"))
    assert found == {Problem.IDENTICAL: pytest.approx(factor), Problem.OFFSET: ANY}


def test_alike_is_not_identical():
    copy = NOISE[0] + 0.01 * NOISE[1]
    assert np.corrcoef(NOISE[0], copy)[0, 1] > 0.9999
    late = NOISE[0].copy()
    late[15_000:] *= -1  # the same at first
    for other in (copy, late):
        assert problems(np.stack([NOISE[0], other]), ("a", "b")) == {}


def test_huge_and_tiny_values_do_not_overflow():
    assert problems(np.stack([1e300 * NOISE[0], 1e-300 * NOISE[0]]), ("a", "b"))


@pytest.mark.parametrize(
    ("rate", "count", "speed", "found"),
    [
        (12_000, 120_000, 1797, []),
        (12_000, 120_000, None, []),
        (12, 120_000, None, [Problem.RATE]),
        (1e8, 10**9, None, [Problem.RATE]),
        (500, 120_000, 1797, [Problem.RATE]),
        (25_600, 2_560, 1800, [Problem.SHORT]),
    ],
)
def test_rates_that_do_not_fit(rate, count, speed, found):
    assert [warning.problem for warning in check_rate(rate, count, speed)] == found


def found(row, **about):
    channel = Channel("a", **{"unit": Unit.ACCELERATION_G, "sample_rate_hz": 10_000.0, **about})
    return {warning.problem: warning for warning in check_rows([(channel, row)])}


def test_an_offset_counts_where_vibration_has_none():
    assert found(NOISE[0] + 0.4) == {}
    offset = found(NOISE[0] + 0.9)[Problem.OFFSET]
    assert offset.value == pytest.approx(0.9, abs=0.02)
    assert offset.threshold == 0.5
    assert "g" in offset.message
    assert found(NOISE[0] + 500, unit=Unit.DISPLACEMENT) == {}


def test_findings_name_where_and_from_which_value_on():
    row = NOISE[0].copy()
    row[4_000] = 50
    row[9_000:9_050] = 0
    row[15_000:15_100] = row[14_999]
    told = found(row)
    places = {problem: warning.places for problem, warning in told.items()}
    assert places == {
        Problem.DROPOUT: ((9_000, 9_050),),
        Problem.FROZEN: ((14_999, 15_100),),
        Problem.SPIKES: ((4_000, 4_001),),
    }
    assert told[Problem.DROPOUT].message == "a is exactly zero for 50 samples."
    row[1_000:1_020] = row[999]
    again = found(row)[Problem.FROZEN].message
    assert again.startswith("a stands still for 122 samples in 2 places, the longest 101 at ")
    for warning in told.values():
        assert warning.value >= warning.threshold
        assert warning.advice


def test_a_pulse_signal_is_no_clipped_vibration():
    pulses = np.where(np.arange(20_000) % 400 < 40, 5.0, 0.0)
    assert set(found(pulses)) == {Problem.FEW_LEVELS}


def test_everything_at_once_on_a_sound_recording():
    turns = 2 * np.pi * 25 * np.arange(60_000) / 10_000
    rows = np.random.default_rng(3).normal(size=(3, 60_000)) + np.sin(turns)
    about = [Channel(name, Unit.VELOCITY, 10_000.0, 1_500.0) for name in "abc"]
    assert check_rows(zip(about, rows, strict=True)) == []
    assert check_rows([]) == []


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_extreme_numbers_are_told_as_such(size):
    assert set(found(size * NOISE[0])) == {Problem.UNIT}


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_very_short_channels(count):
    assert set(found(NOISE[0][:count])) <= {Problem.CONSTANT, Problem.OFFSET}
