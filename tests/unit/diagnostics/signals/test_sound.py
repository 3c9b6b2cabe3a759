from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.sound import FULL_SCALE, heard_up_to_hz, playback_rate_hz, to_sound


def tone(frequency_hz: float, rate_hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def loudest_hz(values: np.ndarray, rate_hz: float) -> float:
    lines = np.abs(np.fft.rfft(values * np.hanning(values.size)))
    return float(lines.argmax() * rate_hz / values.size)


@pytest.mark.parametrize("rate_hz", [800.0, 2_000.0, 12_000.0, 25_600.0, 48_828.0, 97_656.0])
def test_a_tone_keeps_its_pitch_at_every_rate(rate_hz):
    sound = to_sound(tone(150, rate_hz), rate_hz)
    assert 8_000 <= sound.rate_hz <= 48_000
    assert sound.values.size / sound.rate_hz == pytest.approx(1.0, abs=1e-3)
    assert loudest_hz(sound.values, sound.rate_hz) == pytest.approx(150, abs=1)


def test_the_level_is_the_same_whatever_the_signal():
    quiet = to_sound(1e-6 * tone(100, 8_000) + 1e-3, 8_000)
    loud = to_sound(1e6 * tone(100, 8_000), 8_000)
    np.testing.assert_allclose(quiet.values, loud.values, atol=1)
    assert np.abs(loud.values).max() == round(0.95 * FULL_SCALE)
    assert loud.full_scale == pytest.approx(1e6 / 0.95)


def test_what_does_not_fit_the_rate_is_not_folded_back():
    heard, beyond = tone(1_000, 96_000), tone(30_000, 96_000)
    sound = to_sound(heard + beyond, 96_000)
    lines = np.abs(np.fft.rfft(sound.values * np.hanning(sound.values.size)))
    assert lines[17_990:18_011].max() < 1e-3 * lines[990:1_011].max()


def test_a_constant_is_silent():
    assert not to_sound(np.full(1_000, 3.7), 8_000).values.any()


def test_the_file_is_a_wav_of_16_bit():
    sound = to_sound(tone(100, 8_000), 8_000)
    with wave.open(io.BytesIO(sound.wav())) as file:
        told = (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes())
        assert told == (1, 2, 8_000, 8_000)
        np.testing.assert_array_equal(np.frombuffer(file.readframes(8_000), "<i2"), sound.values)


@pytest.mark.parametrize("rate_hz", [1.0, 799.0, float("inf"), float("nan")])
def test_a_rate_that_cannot_be_heard_is_refused(rate_hz):
    with pytest.raises(SignalError, match="800 Hz"):
        playback_rate_hz(rate_hz)


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(SignalError):
        to_sound(np.array([0.0, np.nan] * 8), 8_000)


def test_only_what_is_resampled_is_cut_off():
    assert heard_up_to_hz(12_000) == 6_000
    assert heard_up_to_hz(2_000) == 800
