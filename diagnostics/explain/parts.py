"""A window taken apart into stretches of time or bands of frequency that can be left out.

The difference between window and baseline is a sum of parts; leaving parts out is a product of
a mask of zeros and ones with them. So the same methods work over time and over frequency.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diagnostics.explain.asking import device_of
from diagnostics.explain.attribution import FREQUENCY, Floats, Windows
from diagnostics.explain.pace import Climb
from diagnostics.explain.spectral import frames, spectrum, spread_frames, spread_spectrum
from diagnostics.progress import Progress, Report

Masks = NDArray[np.float32]
_NOTHING = 1e-30


@dataclass(frozen=True)
class Parts:
    """``rows`` of shape (parts, channels, samples) add up to window minus ``baseline``.

    ``where`` of shape (parts, 3) says channel, first and last-but-one sample or line.
    """

    baseline: Windows
    rows: Windows
    where: NDArray[np.int64]
    domain: str

    def __len__(self) -> int:
        return len(self.rows)


def parts_of(window: Windows, baseline: Windows, count: int, domain: str) -> Parts:
    """Equal stretches or bands, so many in each channel.

    Parameters
    ----------
    window, baseline : array of shape (channels, samples)
    count : int
    domain : str
        ``time`` or ``frequency``.

    Returns
    -------
    Parts

    Examples
    --------
    >>> parts = parts_of(np.ones((1, 8), np.float32), np.zeros((1, 8), np.float32), 4, "time")
    >>> parts.rows[1].tolist(), parts.where[1].tolist()
    ([[0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]], [0, 2, 4])
    """
    difference = (window - baseline).astype(np.float64)
    channels, samples = difference.shape
    by_line = domain == FREQUENCY
    length = samples // 2 + 1 if by_line else samples
    cuts = np.linspace(0, length, min(count, length) + 1).astype(np.int64)
    spans = [(c, a, b) for c in range(channels) for a, b in pairwise(cuts)]
    content = np.fft.rfft(difference) if by_line else difference
    rows = np.zeros((len(spans), channels, samples), dtype=np.float32)
    for number, (channel, first, stop) in enumerate(spans):
        only = np.zeros(length, dtype=content.dtype)
        only[first:stop] = content[channel, first:stop]
        rows[number, channel] = np.fft.irfft(only, samples) if by_line else only
    return Parts(baseline, rows, np.array(spans, dtype=np.int64), domain)


def masked_scores(
    network: nn.Module,
    parts: Parts,
    masks: Masks,
    target_class: int,
    climb: Climb,
    tick: Callable[[int], None] = lambda _done: None,
) -> Floats:
    """The score of a class with only some parts present.

    Parameters
    ----------
    masks : array of shape (masks, parts)
        1 keeps a part, 0 puts the baseline in its place.
    climb : Climb
        Says how many masks to ask about at once, and is told how long that took.

    Returns
    -------
    array of shape (masks,)
    """
    device = device_of(network)
    rows = torch.tensor(parts.rows.reshape(len(parts), -1), device=device)
    baseline = torch.tensor(parts.baseline.reshape(-1), device=device)
    kept = torch.tensor(masks, dtype=torch.float32, device=device)
    scores = np.empty(len(masks))
    done = 0
    with torch.no_grad():
        while done < len(masks):
            began = time.perf_counter()
            chosen = kept[done : done + climb.following()]
            given = torch.addmm(baseline, chosen, rows).reshape(-1, *parts.baseline.shape)
            answer = network(given)[:, target_class]
            scores[done : done + len(chosen)] = answer.double().cpu().numpy()
            climb.tell(len(chosen), time.perf_counter() - began)
            done += len(chosen)
            tick(done)
    return scores


def draw_out(parts: Parts, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights of parts as relevance of samples, of lines, and of frames.

    A stretch gives its weight evenly to its samples. A band gives it to lines and samples by its
    energy there: the gradient that would stand for it is the band itself, scaled.

    Returns
    -------
    three arrays
        As ``values``, ``spectrum`` and ``frames`` of one window of an
        :class:`diagnostics.explain.attribution.Attribution`.
    """
    rows = parts.rows.astype(np.float64)
    if parts.domain == FREQUENCY:
        energy = np.maximum((rows**2).sum(axis=(1, 2)), _NOTHING)
        pull = np.tensordot(weights / energy, rows, axes=1)
        whole = rows.sum(axis=0)
        return pull * whole, spectrum(whole, pull), frames(whole, pull)
    values: Floats = np.zeros(parts.baseline.shape, dtype=np.float64)
    for weight, (channel, first, stop) in zip(weights, parts.where, strict=True):
        values[channel, first:stop] += weight / (stop - first)
    framed = spread_frames(values, rows.sum(axis=0))
    return values, spread_spectrum(framed, values.shape[-1]), framed


def ticking(
    report: Report, window: int, windows: int, masks: int, baseline: tuple[int, int] = (0, 1)
) -> Callable[[int], None]:
    """Progress over windows, the baselines of each (this one, of how many), and their masks."""
    place, baselines = baseline
    before = (window * baselines + place) * masks

    def tick(done: int) -> None:
        told = f"window {window + 1} of {windows}"
        report(Progress("explain", before + done, windows * baselines * masks, told))

    return tick
