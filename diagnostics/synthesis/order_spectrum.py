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

    The shape of a tone under a Hann window is known: the ratio of the highest line to its
    higher neighbour says how far between both the tone lies, and how much higher it is.

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
    left, top, right = spectrum.values[at - 1 : at + 2]
    beside = max(left, right) / max(top, 1e-300)
    shift = float(np.clip((2 * beside - 1) / (beside + 1), 0, 0.5))
    # np.sinc is sin(pi x) / (pi x).
    height = float(top * (1 - shift**2) / np.sinc(shift))
    return (at + (shift if right > left else -shift)) * step, height
