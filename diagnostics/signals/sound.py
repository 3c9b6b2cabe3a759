"""Vibration as sound: at a rate that sound cards take, and loud enough to be heard."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.resampling import LARGEST_RATIO, PASSED, resample
from diagnostics.signals.spectrum import check

SLOWEST_HZ, FASTEST_HZ = 8_000, 48_000
"""Rates that every browser plays."""
FULL_SCALE = 2**15 - 1
STILL = 1e-12
"""Of the largest value: what moves no more than that is rounding."""
LARGEST_SHARE = 0.95
"""Of the full scale that the largest excursion gets."""


@dataclass(frozen=True)
class Sound:
    """16-bit values of shape (samples,), and how many of them make a second.

    ``full_scale`` is how much of the signal's unit the largest 16-bit value stands for.
    """

    values: NDArray[np.int16]
    rate_hz: int
    full_scale: float

    def wav(self) -> bytes:
        """The content of a WAV file of one channel."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(self.rate_hz)
            writer.writeframes(self.values.astype("<i2").tobytes())
        return file.getvalue()


def playback_rate_hz(sample_rate_hz: float) -> int:
    """The rate at which a signal is played: its own where 8 to 48 kHz, otherwise the nearest.

    Parameters
    ----------
    sample_rate_hz : float
        Of the signal, at least 800 Hz.

    Raises
    ------
    SignalError
        If the signal was sampled so slowly that there is hardly anything to hear.

    Examples
    --------
    >>> [playback_rate_hz(rate) for rate in (2_000.0, 25_600.0, 97_656.0)]
    [8000, 25600, 48000]
    """
    slowest_hz = SLOWEST_HZ / LARGEST_RATIO
    if not slowest_hz <= sample_rate_hz < np.inf:
        raise SignalError(
            f"A signal can be heard from a sampling rate of {slowest_hz:g} Hz on, "
            f"got {sample_rate_hz:g} Hz."
        )
    return round(min(max(sample_rate_hz, SLOWEST_HZ), FASTEST_HZ))


def to_sound(samples: NDArray[np.floating], sample_rate_hz: float) -> Sound:
    """A signal as sound: without its mean, as loud as it can be, at a rate that is played.

    Ears are quick to notice what no single picture shows: a knock once a turn, a whine that
    beats, a squeal that comes and goes. They misjudge levels, and here on purpose all are
    brought to the same loudness, so a healthy machine sounds as loud as a damaged one; a
    single spike makes everything else quiet. Frequencies are not shifted: what lies below
    some 50 Hz is hardly heard, and of a signal that was sampled faster than 48 kHz what lies
    above about 19 kHz is left out.

    Parameters
    ----------
    samples : array of shape (samples,)
        In any unit.
    sample_rate_hz : float
        At least 800 Hz.

    Returns
    -------
    Sound
        Silent for a constant signal. Its largest excursion has 95 % of the full scale.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite or the rate is too low.

    Examples
    --------
    >>> time_s = np.arange(96_000) / 96_000
    >>> sound = to_sound(0.2 * np.sin(2 * np.pi * 440 * time_s) + 5, 96_000)
    >>> sound.rate_hz, sound.values.size, int(sound.values.max()), round(sound.full_scale, 3)
    (48000, 48000, 31129, 0.211)
    """
    check(samples, sample_rate_hz)
    rate_hz = playback_rate_hz(sample_rate_hz)
    values = np.asarray(samples, dtype=np.float64) - np.mean(samples, dtype=np.float64)
    if rate_hz != round(sample_rate_hz):
        values = resample(values, sample_rate_hz, rate_hz).samples
    largest = float(np.abs(values).max())
    if largest <= STILL * float(np.abs(samples).max()):
        return Sound(np.zeros(values.size, dtype=np.int16), rate_hz, 0.0)
    scaled = np.rint(values * (LARGEST_SHARE * FULL_SCALE / largest))
    return Sound(scaled.astype(np.int16), rate_hz, largest / LARGEST_SHARE)


def heard_up_to_hz(sample_rate_hz: float) -> float:
    """Up to which frequency a signal is played unchanged.

    Examples
    --------
    >>> heard_up_to_hz(12_000), heard_up_to_hz(97_656)
    (6000.0, 19200.0)
    """
    rate_hz = playback_rate_hz(sample_rate_hz)
    share = PASSED if rate_hz != round(sample_rate_hz) else 1.0
    return share * min(rate_hz, sample_rate_hz) / 2
