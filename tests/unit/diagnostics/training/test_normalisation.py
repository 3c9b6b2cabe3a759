"""Checked against numpy on all windows at once."""

from __future__ import annotations

import numpy as np

from diagnostics.training.config import Normalisation
from diagnostics.training.normalisation import Normaliser, fit_normaliser
from diagnostics.training.split import Candidate
from diagnostics.training.windows import windows_of

SAMPLES = np.random.default_rng(4).normal([[5.0], [-300.0]], [[2.0], [0.1]], size=(2, 700_000))


def window_set():
    def read(_recording, channel, start, stop):
        return SAMPLES[channel, start:stop]

    recording = Candidate(0, "r", "A", "g", SAMPLES.shape[1], 1000.0)
    return windows_of(
        [recording], ("A",), read, channels=(0, 1), window=1024, hop=1024, sample_rate_hz=1000.0
    )


def test_from_the_training_part_equals_numpy():
    windows = window_set()
    normaliser = fit_normaliser(Normalisation.TRAINING, windows)
    everything = windows.read_all().astype(np.float64)
    np.testing.assert_allclose(normaliser.mean, everything.mean(axis=(0, 2)), rtol=1e-9)
    np.testing.assert_allclose(normaliser.deviation, everything.std(axis=(0, 2)), rtol=1e-9)
    scaled = normaliser.apply(windows.read([0, 5]))
    assert scaled.dtype == np.float32
    expected = (everything[[0, 5]] - everything.mean(axis=(0, 2))[:, None]) / everything.std(
        axis=(0, 2)
    )[:, None]
    np.testing.assert_allclose(scaled, expected, atol=2e-3)


def test_by_window_each_channel_has_mean_0_and_deviation_1():
    scaled = fit_normaliser(Normalisation.WINDOW, window_set()).apply(window_set().read([1, 2]))
    np.testing.assert_allclose(scaled.mean(axis=-1), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(axis=-1), 1, rtol=1e-5)


def test_a_small_vibration_on_a_large_offset_is_kept():
    wave = np.sin(np.arange(2048) / 7)
    windows = (1000 + 1e-2 * wave).astype(np.float32)[None, None]
    scaled = Normaliser(Normalisation.WINDOW).apply(windows)[0, 0]
    assert np.corrcoef(scaled, wave)[0, 1] > 0.999


def test_a_constant_window_becomes_zero():
    constant = np.full((1, 1, 1024), 3.0, dtype=np.float32)
    assert not Normaliser(Normalisation.WINDOW).apply(constant).any()


def test_there_and_back():
    normaliser = Normaliser(Normalisation.TRAINING, (1.0,), (2.0,))
    assert Normaliser.from_dict(normaliser.to_dict()) == normaliser
