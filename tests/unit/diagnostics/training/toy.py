"""A small problem that a network learns in seconds: tones of two frequencies in noise."""

from __future__ import annotations

import numpy as np

from diagnostics.training.split import Candidate
from diagnostics.training.windows import WindowSet, windows_of

CLASSES = ("low", "high")
RATE_HZ = 1000.0
_LENGTH = 6 * 1024


def toy_windows(first: int, recordings: int = 4, channels: int = 1) -> WindowSet:
    """Windows of recordings ``first`` and on; every second one has the higher tone."""
    samples = {n: _samples(n, channels) for n in range(first, first + recordings)}

    def read(recording_id, channel, start, stop):
        return samples[recording_id][channel, start:stop]

    members = [Candidate(n, f"r{n}", CLASSES[n % 2], f"g{n}", _LENGTH, RATE_HZ) for n in samples]
    return windows_of(
        members,
        CLASSES,
        read,
        channels=range(channels),
        window=1024,
        hop=512,
        sample_rate_hz=RATE_HZ,
    )


def _samples(number: int, channels: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    time_s = np.arange(_LENGTH) / RATE_HZ
    tone = np.sin(2 * np.pi * (60 if number % 2 else 35) * time_s + rng.uniform(0, 6))
    return tone + rng.normal(0, 0.6, (channels, _LENGTH))
