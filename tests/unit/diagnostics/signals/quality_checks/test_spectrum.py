from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from diagnostics.signals.quality_checks.spectrum import (
    Lines,
    mains_hum,
    rate_factor,
    repeats,
    spectrum_end,
)

RATE_HZ = 10_000.0
TIME = np.arange(50_000) / RATE_HZ
NOISE = np.random.default_rng(0).normal(size=TIME.size)


def tones(base_hz, orders, size=1.0):
    return sum(
        size / order * np.sin(2 * np.pi * order * base_hz * TIME + order) for order in orders
    )


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize("off", [0.0, 0.04, -0.07])
def test_hum_is_found_and_measured(mains_hz, off):
    hum = tones(mains_hz + off, (1, 3, 5), 0.5)
    found = mains_hum(Lines.of(NOISE + hum, RATE_HZ))
    assert found.mains_hz == mains_hz
    assert found.share == pytest.approx(np.sqrt(np.mean(hum**2)) / np.std(NOISE + hum), rel=0.05)
    assert found.lines_hz == (mains_hz, 3 * mains_hz, 5 * mains_hz)


@pytest.mark.parametrize("shaft_hz", [25.0, 29.95, 30.0, 50.0, 16.667, 10.0])
def test_lines_of_a_known_shaft_are_no_hum(shaft_hz):
    row = NOISE + tones(shaft_hz, range(1, 20), 3.0)
    assert mains_hum(Lines.of(row, RATE_HZ), shaft_hz) is None


@pytest.mark.parametrize("shaft_hz", [24.9, 25.0, 30.0, 29.2, 49.6, 16.667])
def test_lines_of_an_unknown_shaft_are_no_hum(shaft_hz):
    assert mains_hum(Lines.of(NOISE + tones(shaft_hz, range(1, 20), 3.0), RATE_HZ)) is None


def test_odd_lines_alone_can_be_those_of_a_shaft():
    assert mains_hum(Lines.of(NOISE + tones(20.0, range(1, 30, 2), 4.0), RATE_HZ)) is None


def test_hum_beside_a_shaft():
    row = NOISE + tones(24.3, range(1, 9)) + tones(50.0, (1, 3), 0.8)
    assert mains_hum(Lines.of(row, RATE_HZ), 24.3).lines_hz == (50.0, 150.0)


def test_what_is_no_hum():
    motor = NOISE + tones(100.0, (1, 2, 3))  # magnetic forces: twice the mains and multiples
    faint = NOISE + tones(50.0, (1, 3), 0.05)
    for row in (NOISE, motor, faint, np.zeros(50_000)):
        assert mains_hum(Lines.of(row, RATE_HZ)) is None
    short = Lines.of((NOISE + tones(50.0, (1, 3)))[:15_000], RATE_HZ)
    assert mains_hum(short) is None


@pytest.mark.parametrize("factor", [2, 3, 4, 6])
@pytest.mark.parametrize("steps", [None, 1 / 3_276.8])
def test_where_a_stretched_signal_ends(factor, steps):
    stretched = signal.resample_poly(NOISE[:20_000], factor, 1, window=("kaiser", 12.0))
    if steps:
        stretched = np.round(stretched / steps) * steps
    assert spectrum_end(stretched) == pytest.approx(1 / factor, abs=0.06)


def resonance():
    """A steep resonance over quiet noise, as of a machine that is sampled very fast."""
    return signal.lfilter(*signal.butter(4, [0.01, 0.02], "band"), NOISE) + 1e-3 * NOISE


def test_measured_spectra_do_not_end():
    anti_aliased = signal.sosfilt(signal.ellip(8, 0.1, 90, 0.8, output="sos"), NOISE)
    velocity = np.cumsum(NOISE) - np.linspace(0, NOISE.sum(), NOISE.size)
    for row in (NOISE, NOISE.astype(np.float32), anti_aliased, velocity, resonance(), NOISE[:900]):
        assert spectrum_end(row) is None
    assert spectrum_end(tones(50.0, (1, 2, 3)) + 1e-3 * NOISE) is None


@pytest.mark.parametrize("orders", [(1,), range(1, 30)])
@pytest.mark.parametrize("base_hz", [25.0, 60.3])
def test_tones_without_noise_do_not_end(base_hz, orders):
    assert spectrum_end(tones(base_hz, orders)) is None


def test_repeated_values():
    assert repeats(np.repeat(NOISE[:5_000], 3)) == 3
    slow = np.round(20 * np.sin(2 * np.pi * 2 * TIME))
    for row in (NOISE, np.round(NOISE), slow):
        assert repeats(row) is None


SHAFT_HZ = 29.95


@pytest.mark.parametrize("factor", [0.25, 0.5, 4.0])
def test_a_wrong_rate_is_found(factor):
    row = NOISE + tones(SHAFT_HZ, range(1, 7), 2.0)
    assert rate_factor(Lines.of(row, RATE_HZ / factor), SHAFT_HZ) == factor
    assert rate_factor(Lines.of(row, RATE_HZ), SHAFT_HZ) is None


def test_no_lines_tell_nothing():
    assert rate_factor(Lines.of(NOISE, RATE_HZ), SHAFT_HZ) is None
    assert rate_factor(Lines.of(NOISE + tones(50.0, (1, 2, 3)), RATE_HZ), SHAFT_HZ) is None
    assert rate_factor(Lines.of(NOISE[:2_000], RATE_HZ), SHAFT_HZ) is None
    loose = tones(SHAFT_HZ, (0.5, 1, 1.5, 2, 2.5, 3, 3.5), 2.0)
    blades = tones(SHAFT_HZ, (1, 4, 8, 12, 16, 20, 24), 3.0)
    for row in (loose, blades):
        assert rate_factor(Lines.of(NOISE + row, RATE_HZ), SHAFT_HZ) is None
