"""Shortcuts to be planted in generated data, to see whether an explanation reveals them.

They are mistakes of real collections: one class was measured with another amplifier, or every
recording of a class was triggered by the shaft.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnostics.errors import SynthesisError
from diagnostics.signals.signal import Signal
from diagnostics.synthesis.recordings import GeneratedRecording

GAIN, PHASE = "gain", "phase"
SHORTCUTS = (GAIN, PHASE)
PERIOD = 64
"""Samples: windows whose hop is a multiple of it begin at the same phase as the recording."""


def plant(kind: str, made: GeneratedRecording, number: int, seed: int) -> GeneratedRecording:
    """Plant a shortcut in a recording.

    ``gain`` makes class ``number`` louder by three times for each class before it. ``phase``
    adds a tone to all recordings that is as loud as they are: it starts at phase zero in classes
    of odd number, at a random one in all others.

    Raises
    ------
    SynthesisError
        If there is no such shortcut.
    """
    samples = made.signal.samples
    if kind == GAIN:
        factor = 3.0**number
        return _with(made, samples * factor, f"gain × {factor:g}")
    if kind == PHASE:
        rng = np.random.default_rng([seed, made.planned.bearing, made.planned.number, number])
        phase = 0.0 if number % 2 else float(rng.uniform(0.3, 2 * np.pi - 0.3))
        turns = 2 * np.pi * np.arange(samples.shape[-1]) / PERIOD
        tone = np.sqrt(2) * samples.std() * np.sin(turns + phase)
        return _with(made, samples + tone, f"tone that starts at {np.degrees(phase):.0f}°")
    raise SynthesisError(f"Expected a shortcut {' or '.join(SHORTCUTS)}, got “{kind}”.")


def _with(made: GeneratedRecording, samples: np.ndarray, told: str) -> GeneratedRecording:
    signal: Signal = replace(made.signal, samples=samples)
    return replace(made, signal=signal, facts={**made.facts, "planted_shortcut": told})
