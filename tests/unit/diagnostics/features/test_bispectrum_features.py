from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.features import bispectrum_features as features
from diagnostics.features.batch import Batch

RATE_HZ = 20_480.0
ANGLE = 2 * np.pi * np.arange(20_480) / RATE_HZ
RNG = np.random.default_rng(0)


def batch_of(*waves) -> Batch:
    return Batch(np.stack(waves), RATE_HZ)


def triad(in_step: bool):
    """Three tones at 20, 30 and 50 lines; in step, or each with a phase that wanders by itself."""
    wave = np.zeros(20_480)
    steps = RNG.integers(0, 8, (3, 80)) * np.pi / 4
    if in_step:
        steps[2] = steps[0] + steps[1]
    for tone, line in enumerate((20, 30, 50)):
        wave += np.cos(line * 80.0 * ANGLE + np.repeat(steps[tone], 256))
    return wave + 0.1 * RNG.normal(size=20_480)


def test_the_sum_over_segments_against_the_formula():
    noise = RNG.normal(size=(1, 4_096)) ** 2
    starts = np.linspace(0, 4_096 - 256, 128).round().astype(int)
    window = np.hanning(257)[:-1]
    centred = noise[0] - noise[0].mean()
    parts = [centred[at : at + 256] for at in starts]
    lines = np.array([np.fft.fft((part - part.mean()) * window) for part in parts])
    found = features.bispectrum(Batch(noise, RATE_HZ))
    pairs = [(low, high) for low in range(1, 64) for high in range(low, 128 - low)]
    assert found.magnitude.shape == (1, len(pairs))
    for number in (0, 17, 1_000, len(pairs) - 1):
        low, high = pairs[number]
        triple = lines[:, low] * lines[:, high] * lines[:, low + high].conj()
        assert found.coherence[0, number] == pytest.approx(abs(triple.sum()) ** 2)
        most = (abs(lines[:, low] * lines[:, high]) ** 2).sum() * (
            abs(lines[:, low + high]) ** 2
        ).sum()
        assert found.most[0, number] == pytest.approx(most)


def test_tones_in_step_are_told_from_tones_that_are_not():
    together, apart = features.phase_coupling(batch_of(triad(True), triad(False)))
    assert together > 0.4
    assert apart < 0.2
    ratios = features.bispectrum_peak_ratio(batch_of(triad(True), triad(False)))
    assert ratios[0] > 1.5 * ratios[1]


def test_noise_is_coupled_by_chance_only():
    noise = batch_of(*RNG.normal(size=(5, 20_480)))
    assert features.phase_coupling(noise).mean() == pytest.approx(1 / 128, rel=0.15)
    assert features.nonlinearity_index(noise).max() < 5e-4
    assert features.bispectrum_entropy(noise).min() > 0.95


def test_what_a_linear_filter_makes_of_noise_is_still_linear():
    noise = RNG.normal(size=20_480 + 50)
    filtered = np.convolve(noise, np.exp(-np.arange(51) / 10), "valid")
    linear, bent = features.nonlinearity_index(batch_of(filtered, filtered + filtered**2 / 5))
    assert linear < 1e-3
    assert bent > 10 * linear


def test_phase_coupling_stays_between_0_and_1():
    waves = [triad(True), RNG.normal(size=20_480), RNG.gamma(0.3, size=20_480), np.sin(300 * ANGLE)]
    found = features.phase_coupling(batch_of(*waves))
    assert ((found >= 0) & (found <= 1 + 1e-12)).all()


def test_short_windows_are_refused():
    with pytest.raises(SignalError, match="1024 samples"):
        features.bispectrum_mean(Batch(np.ones((1, 1_000)), RATE_HZ))
