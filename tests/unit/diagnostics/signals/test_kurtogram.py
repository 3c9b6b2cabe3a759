"""Each cell against the plain definition, and resonances that were planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from diagnostics.errors import SignalError
from diagnostics.signals.envelope import Band, envelope
from diagnostics.signals.kurtogram import fast_kurtogram

RATE = 20_000.0


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def struck(count: int, rng, strikes_hz=90.0, resonance_hz=6_200.0, height=4.0, damping=900.0):
    """Noise, and a resonance that is struck again and again."""
    since = np.arange(count) / RATE % (1 / strikes_hz)
    ringing = np.exp(-damping * since) * np.sin(2 * np.pi * resonance_hz * since)
    return rng.normal(size=count) + height * ringing


def plain(swell) -> float:
    return float(np.mean(swell**4) / np.mean(swell**2) ** 2 - 2)


def test_each_cell_is_the_kurtosis_of_the_envelope_of_its_band(rng):
    count = 3 * 2**13
    samples = struck(count, rng)
    quiet = count // 50 + 1
    samples[:quiet] = samples[-quiet:] = 0  # so that fading has nothing to fade
    samples[quiet:-quiet] -= samples[quiet:-quiet].mean()
    kurtogram = fast_kurtogram(samples, RATE)
    for values in kurtogram.kurtosis:
        edge = int(np.ceil(0.02 * count / values.size)) + 4
        for number, value in enumerate(values):
            low, high = RATE / 2 * np.array([number, number + 1]) / values.size
            # A line on the border belongs to the band above it.
            swell = envelope(samples, RATE, Band(low, high - RATE / count / 2))
            assert value == pytest.approx(plain(swell[:: values.size][edge:-edge]), abs=1e-9)
            inner = swell[edge * values.size : -edge * values.size]
            assert value == pytest.approx(plain(inner), abs=0.05)


def test_filters_of_finite_length_give_much_the_same(rng):
    samples = struck(200_000, rng)
    kurtogram = fast_kurtogram(samples, RATE, deepest_level=3)
    for row, number in [(3, 1), (3, 2), (5, 4), (5, 6)]:
        cell = kurtogram.cell(row, number)
        band = (cell.band.low_hz, cell.band.high_hz)
        taps = signal.firwin(1001, band, pass_zero=False, fs=RATE)
        filtered = signal.fftconvolve(samples, taps, "valid")
        assert cell.kurtosis == pytest.approx(
            plain(np.abs(signal.hilbert(filtered))), abs=0.03, rel=0.05
        )


@pytest.mark.parametrize("resonance_hz", [1_700.0, 3_900.0, 6_200.0, 8_800.0])
@pytest.mark.parametrize("strikes_hz", [31.0, 118.0])
def test_finds_a_planted_resonance_beside_loud_tones(rng, resonance_hz, strikes_hz):
    samples = struck(100_000, rng, strikes_hz, resonance_hz)
    time_s = np.arange(100_000) / RATE
    samples += 30 * np.sin(2 * np.pi * 24.7 * time_s) + 10 * np.sin(2 * np.pi * 5_113 * time_s)
    found = fast_kurtogram(samples, RATE).best
    assert found.kurtosis > 1
    assert abs(found.centre_hz - resonance_hz) < 500
    assert found.bandwidth_hz <= 2_500


def test_noise_scatters_as_theory_says(rng):
    """var(mean a⁴ / (mean a²)²) of band-limited noise is 4 ∫ sinc⁴ / (bandwidth × duration)."""
    kurtogram = fast_kurtogram(rng.normal(size=400_000), RATE)
    for width_hz, row in zip(kurtogram.bandwidth_hz[-4:], kurtogram.kurtosis[-4:], strict=True):
        assert row.std() == pytest.approx(np.sqrt(8 / 3 / (width_hz * 20)), rel=0.3)
        assert abs(row.mean()) < 0.03


def test_a_steady_tone_has_minus_one():
    tone = np.sin(2 * np.pi * 3_000.3 * np.arange(50_001) / RATE)
    kurtogram = fast_kurtogram(tone, RATE)
    assert kurtogram.cell_at(3_000, 4).kurtosis == pytest.approx(-1, abs=1e-3)


def test_a_jump_from_end_to_beginning_is_no_impact(rng):
    slow = 1_000 * np.arange(100_000) / 100_000 + rng.normal(size=100_000)
    above_the_slow = [row[1:] for row in fast_kurtogram(slow, RATE).kurtosis[1:]]
    assert max(row.max() for row in above_the_slow) < 0.5


@pytest.mark.parametrize("value", [0.0, 7.3])
def test_a_constant_has_no_kurtosis(value):
    kurtogram = fast_kurtogram(np.full(20_000, value), RATE)
    assert all((row == 0).all() for row in kurtogram.kurtosis)


def test_rows_and_columns(rng):
    kurtogram = fast_kurtogram(rng.normal(size=100_000), RATE, deepest_level=4)
    assert kurtogram.levels.tolist() == [0, 1, 1.6, 2, 2.6, 3, 3.6, 4]
    assert [row.size for row in kurtogram.kurtosis] == [1, 2, 3, 4, 6, 8, 12, 16]
    assert kurtogram.bandwidth_hz.tolist() == [10_000 / row.size for row in kurtogram.kurtosis]
    picture = kurtogram.picture()
    assert picture.shape == (8, 48)
    assert picture[2, 16] == kurtogram.kurtosis[2][1]


def test_cells_that_somebody_points_at(rng):
    kurtogram = fast_kurtogram(rng.normal(size=100_000), RATE)
    assert kurtogram.cell_at(4_000, 1.7).level == 1.6
    cell = kurtogram.cell_at(4_000, 1.6)
    assert (cell.band.low_hz, cell.band.high_hz) == pytest.approx((10_000 / 3, 20_000 / 3))
    assert kurtogram.cell_at(10_000, 3).band.high_hz == 10_000
    assert kurtogram.cell_at(0, 0).band == Band(0, 10_000)
    with pytest.raises(SignalError, match="between 0 and 10000 Hz"):
        kurtogram.cell_at(10_001, 3)


def test_the_best_of_the_wide_ones(rng):
    kurtogram = fast_kurtogram(struck(100_000, rng, strikes_hz=11.0, damping=100.0), RATE)
    assert kurtogram.best.bandwidth_hz < 1_000
    assert kurtogram.best_of(1_000).bandwidth_hz >= 1_000
    assert kurtogram.best_of(1_000).kurtosis <= kurtogram.best.kurtosis
    with pytest.raises(SignalError, match="No band is 10001 Hz wide"):
        kurtogram.best_of(10_001)


@pytest.mark.parametrize(
    ("samples", "level", "says"),
    [
        (np.zeros(7), None, "8 samples or more"),
        (np.zeros((2, 1000)), None, "one channel"),
        (np.array([np.nan] * 100), None, "not finite"),
        (np.zeros(1000), 3, "between 0 and 2"),
        (np.zeros(1000), -1, "between 0 and 2"),
    ],
)
def test_refuses(samples, level, says):
    with pytest.raises(SignalError, match=says):
        fast_kurtogram(samples, RATE, level)
