from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.quality_checks.values import (
    at_limit,
    converter_step,
    cut_samples,
    few_levels,
    holds,
    places_of,
    spikes,
)

RATE_HZ = 10_000.0
TIME = np.arange(60_000) / RATE_HZ
NOISE = np.random.default_rng(0).normal(size=TIME.size)


def impacts(seed=1, resonance_hz=3_100.0):
    """A bearing with a damaged race: impacts that ring on, and noise."""
    rng = np.random.default_rng(seed)
    hits = np.zeros(TIME.size)
    hits[rng.integers(0, TIME.size, 400)] = rng.uniform(10, 40, 400)
    ringing = np.exp(-TIME[:200] * 900) * np.sin(2 * np.pi * resonance_hz * TIME[:200])
    return np.convolve(hits, ringing)[: TIME.size] + 0.3 * rng.normal(size=TIME.size)


SOUND = {
    "noise": NOISE,
    "single precision": NOISE.astype(np.float32),
    "coarse steps": np.round(2 * NOISE),
    "impacts": impacts(),
    "impacts, low resonance": impacts(2, 900.0),
    "tone": np.sin(2 * np.pi * 13.7 * TIME),
    "slow tone in coarse steps": np.round(100 * np.sin(2 * np.pi * 0.7 * TIME)),
    "slow tone in fine steps": np.round(8_000 * np.sin(2 * np.pi * 1.3 * TIME)),
    "tone that repeats its samples": np.round(1_000 * np.sin(2 * np.pi * 50 * TIME)),
    "swelling tone in steps": np.round(
        3_000 * (1 + 0.5 * np.sin(2 * np.pi * 0.2 * TIME)) * np.sin(2 * np.pi * 2.1 * TIME)
    ),
    "four significant digits": np.array([float(f"{v:.3e}") for v in np.sin(2 * TIME)]),
    "random walk": np.cumsum(NOISE),
}


def found(row):
    low, high = row.min(), row.max()
    cut = cut_samples(row, low, high)
    return cut, holds(row, low, high, bool(cut.size))


@pytest.mark.parametrize("name", SOUND)
def test_sound_signals_are_silent(name):
    row = SOUND[name]
    cut, held = found(row)
    assert (cut.size, held) == (0, [])
    centred = row - row.mean()
    assert spikes(centred, float(centred.std())).size == 0
    assert few_levels(row) is None


@pytest.mark.parametrize("level", [0.7, 0.95])
@pytest.mark.parametrize("tone", [True, False])
def test_cut_samples_are_those_that_were_cut(level, tone):
    row = SOUND["tone"] if tone else NOISE / 3
    cut, _ = found(np.clip(row, -level, level))
    np.testing.assert_array_equal(cut, np.flatnonzero(np.abs(row) >= level))


def test_a_few_single_samples_at_the_limit_are_cut():
    steps = np.round(impacts() * 1_000) / 1_000
    top = np.sort(steps)[-7]
    cut, _ = found(np.minimum(steps, top))
    np.testing.assert_array_equal(cut, np.flatnonzero(steps >= top))


def test_cut_signals_of_coarse_steps():
    row = np.clip(np.round(40 * NOISE), -60, 60)
    assert found(row)[0].size == np.count_nonzero(np.abs(row) == 60)


@pytest.mark.parametrize(
    ("kind", "length"),
    [
        *((kind, length) for kind in ("noise", "impacts", "tone") for length in (16, 20_000)),
        ("coarse steps", 200),
        ("slow tone in fine steps", 900),
    ],
)
def test_a_value_that_is_repeated_is_found(kind, length):
    row = SOUND[kind].copy()
    row[30_000 : 30_000 + length] = row[29_999]
    (one,) = found(row)[1]
    assert one.value == row[29_999]
    assert one.start == pytest.approx(29_999, abs=3)
    assert one.stop == pytest.approx(30_000 + length, abs=3)


@pytest.mark.parametrize("length", [8, 500])
@pytest.mark.parametrize("kind", ["noise", "impacts", "tone"])
def test_zeros_in_the_middle_are_found(length, kind):
    row = SOUND[kind] + 0.001
    for start in (5_000, 40_000):
        row[start : start + length] = 0
    held = found(row)[1]
    assert [(one.start, one.stop, one.value) for one in held] == [
        (5_000, 5_000 + length, 0.0),
        (40_000, 40_000 + length, 0.0),
    ]


def test_a_channel_that_dies_is_found():
    row = NOISE.copy()
    row[45_000:] = row[44_999]
    (one,) = found(row)[1]
    assert (one.start, one.stop) == (44_999, row.size)


def test_flat_tops_are_cut_and_do_not_stand_still():
    cut, held = found(np.clip(SOUND["tone"], -0.5, 0.5))
    assert cut.size
    assert held == []


@pytest.mark.parametrize("kind", ["noise", "coarse steps", "impacts", "tone", "random walk"])
@pytest.mark.parametrize("width", [1, 2])
def test_spikes_are_found(kind, width):
    row = SOUND[kind] - SOUND[kind].mean()
    height = 25 * np.abs(row).max()
    for at in (0, 12_345, 30_000, row.size - width):
        row[at : at + width] += height
    np.testing.assert_array_equal(
        spikes(row, float(row.std())), [0, 12_345, 30_000, row.size - width]
    )


def test_levels():
    assert few_levels(np.tile([0.0, 5.0, 5.0], 1_000)) == 2
    assert few_levels(np.random.default_rng(0).integers(-1, 2, 50_000) / 3_276.8) == 3
    rare = np.zeros(100_000)
    rare[::9_973] = np.arange(11)
    assert few_levels(rare) is None


def test_places_belong_together_when_they_are_near():
    positions = np.r_[np.arange(10, 20), 25, 400, np.arange(1_000, 90_000, 1_000)]
    places = places_of(positions, apart=10)
    assert places[:2] == ((10, 26), (400, 401))
    assert len(places) == 20


@pytest.mark.parametrize("step", [20 / 2**16, 1 / 3_276.8, 4.06131e-5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_step_of_a_converter(step, dtype):
    row = (np.round(NOISE / 7 / step) * step).astype(dtype)
    assert converter_step(row) == pytest.approx(step, rel=1e-6)
    assert converter_step(row - np.float32(row.mean())) is None


def test_a_single_peak_at_the_end_of_the_range():
    codes = np.round(impacts() * 300)
    codes[[5_000, 40_000]] = 16_383, -16_384
    assert list(limits_of(codes * 4.0613e-4)) == [5_000, 40_000]
    codes[[5_000, 40_000]] = 16_382, -16_001
    assert limits_of(codes * 4.0613e-4).size == 0


def test_steps_of_a_text_are_not_those_of_a_converter():
    codes = np.round(NOISE * 300)
    codes[100] = 4_095
    assert limits_of(codes * 0.001).size == 0
    assert limits_of(codes * 4.0613e-4).size == 1


def limits_of(row):
    return at_limit(row, row.min(), row.max())
