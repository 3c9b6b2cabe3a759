"""The same relevance by frequency, and by time and frequency.

Where an attribution is a difference times a gradient, d·g, Parseval's theorem moves it to
frequencies without loss: its sum over samples is that of Re(D·G*) over lines [1]_. Other methods
know nothing of frequency: there the relevance of a short frame is spread over its lines by
their energy, which shows what was in the relevant stretch and not which part of it mattered.

References
----------
.. [1] J. Vielhaben et al., "Explainable AI for time series via Virtual Inspection Layers",
   Pattern Recognition 150, 2024, arXiv:2303.06365.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diagnostics.explain.attribution import Floats

_LONGEST, _SHORTEST = 1024, 32
_FRAMES = 16
_NOTHING = 1e-30


def frame_length(samples: int) -> int:
    """Samples of a frame: a power of 2, so that a window has some sixteen or more.

    Examples
    --------
    >>> frame_length(2048), frame_length(102_400)
    (128, 1024)
    """
    wanted = max(_SHORTEST, min(_LONGEST, samples // _FRAMES))
    return 1 << (wanted.bit_length() - 1)


def frame_times(samples: int) -> Floats:
    """The middle of each frame, in samples."""
    half = frame_length(samples) // 2
    return np.arange(-(-samples // half) + 1, dtype=np.float64) * half


def spectrum(difference: Floats, gradient: Floats) -> Floats:
    """Relevance of each line of frequency; the sum is that of ``difference * gradient``.

    Parameters
    ----------
    difference, gradient : array of shape (..., samples)

    Returns
    -------
    array of shape (..., samples // 2 + 1)

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 4 * np.arange(64) / 64)
    >>> found = spectrum(tone, 0.5 * tone)
    >>> int(found.argmax()), round(float(found.sum()), 6)
    (4, 16.0)
    """
    samples = difference.shape[-1]
    lines = np.fft.rfft(difference) * np.conj(np.fft.rfft(gradient))
    found: Floats = lines.real * _sides(samples) / samples
    return found


def frames(difference: Floats, gradient: Floats) -> Floats:
    """Relevance by time and frequency; the sum is that of ``difference * gradient``.

    Returns
    -------
    array of shape (..., frames, frame_length // 2 + 1)
    """
    length = frame_length(difference.shape[-1])
    lines = np.fft.rfft(_cut(difference)) * np.conj(np.fft.rfft(_cut(gradient)))
    found: Floats = lines.real * _sides(length) / length
    return found


def spread_frames(values: Floats, difference: Floats) -> Floats:
    """Relevance by time, spread in each frame over its lines by their energy."""
    length = frame_length(values.shape[-1])
    taper = _taper(length)
    each = (_cut(values) * taper).sum(axis=-1)
    power = np.abs(np.fft.rfft(_cut(difference))) ** 2 * _sides(length)
    spread: Floats = each[..., None] * _shares(power)
    return spread


def spread_spectrum(by_frame: Floats, samples: int) -> Floats:
    """The frames summed up, drawn out to the lines of a whole window."""
    coarse = by_frame.sum(axis=-2)
    bins, lines = coarse.shape[-1], samples // 2 + 1
    nearest = np.minimum(
        (np.arange(lines) * (bins - 1) / (lines - 1)).round().astype(int), bins - 1
    )
    counts = np.bincount(nearest, minlength=bins)
    found: Floats = (coarse / np.maximum(counts, 1))[..., nearest]
    return found


def _shares(power: Floats) -> Floats:
    total = power.sum(axis=-1, keepdims=True)
    even = np.full_like(power, 1 / power.shape[-1])
    return np.where(total > _NOTHING, power / np.maximum(total, _NOTHING), even)


def _sides(samples: int) -> Floats:
    """How often each line of a real spectrum counts: twice, save 0 and half the rate."""
    counted = np.full(samples // 2 + 1, 2.0)
    counted[0] = 1.0
    if samples % 2 == 0:
        counted[-1] = 1.0
    return counted


def _taper(length: int) -> Floats:
    """The root of a Hann window: its squares, half overlapping, add up to 1."""
    return np.sin(np.pi * np.arange(length) / length)


def _cut(signal: Floats) -> Floats:
    length = frame_length(signal.shape[-1])
    half = length // 2
    behind = half + (-signal.shape[-1]) % half
    padded = np.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(half, behind)])
    pieces: Floats = sliding_window_view(padded, length, axis=-1)[..., ::half, :] * _taper(length)
    return pieces
