"""Spectra over orders of the shaft, which stay sharp while the speed changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum
from diagnostics.synthesis.motion import Motion

SAMPLES_PER_TURN = 64


def order_spectrum(samples: NDArray[np.floating], motion: Motion) -> Spectrum:
    """Amplitudes over orders: the signal is taken at equal angles, over whole turns.

    It stands between the samples on straight lines, which is good for orders up to a few:
    higher ones come out lower.

    Parameters
    ----------
    samples : array of shape (samples,)
    motion : Motion
        Of these samples.

    Returns
    -------
    Spectrum
        ``frequencies_hz`` are orders, up to 32; values in the unit of the signal, 0 to peak.
    """
    turns = motion.turns
    whole = int(turns[-1])
    places = np.arange(whole * SAMPLES_PER_TURN) / SAMPLES_PER_TURN
    even = np.interp(places, turns, samples)
    return amplitude_spectrum(even, SAMPLES_PER_TURN)


def peak(spectrum: Spectrum, low: float, high: float) -> tuple[float, float]:
    """Place and height of the highest line from ``low`` to ``high``, between lines, too.

    Around a tone under a Hann window the logarithms of three neighbours lie nearly on a
    parabola; its top is the tone.

    Parameters
    ----------
    spectrum : Spectrum
    low, high : float
        In the unit of its axis; they may be equal.

    Returns
    -------
    tuple of float
        Place and height.
    """
    step = spectrum.resolution_hz
    first = max(1, int(np.floor(low / step)))
    last = min(max(int(np.ceil(high / step)), first), spectrum.values.size - 2)
    at = first + int(np.argmax(spectrum.values[first : last + 1]))
    left, top, right = np.log(np.maximum(spectrum.values[at - 1 : at + 2], 1e-300))
    bend = left - 2 * top + right
    shift = float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0
    height = float(np.exp(top - 0.25 * (left - right) * shift))
    return (at + shift) * step, height
