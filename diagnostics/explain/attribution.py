"""What every method of explanation is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.explain.errors import ExplanationError

Floats = NDArray[np.float64]
Windows = NDArray[np.float32]

TIME, FREQUENCY = "time", "frequency"
DOMAINS = (TIME, FREQUENCY)
_SMALLEST = 1e-9


@dataclass(frozen=True)
class Question:
    """What is asked about windows.

    Parameters
    ----------
    target_class : int
        The score (logit) of this class is explained.
    baselines : array of shape (baselines, channels, samples)
        What “nothing there” looks like, prepared as in training. Of several, every method takes
        the mean of what it says against each.
    steps : int
        Of integrated gradients.
    num_samples : int or None
        Draws of gradient SHAP, kernel SHAP and LIME; None for what is usual there.
    num_segments : int
        Parts of each channel for kernel SHAP, LIME and occlusion.
    domain : str
        Whether those parts are stretches of time or bands of frequency.
    seed : int
        The same seed gives the same answer.
    """

    target_class: int
    baselines: Windows
    steps: int = 50
    num_samples: int | None = None
    num_segments: int = 20
    domain: str = TIME
    seed: int = 0


@dataclass(frozen=True)
class Attribution:
    """How much each sample changed the score of a class, compared with a baseline.

    Parameters
    ----------
    values : array of shape (windows, channels, samples)
        In units of the score: compare within one network and class. Above 0 speaks for it.
    spectrum : array of shape (windows, channels, samples // 2 + 1)
        The same relevance by frequency; its sum is that of ``values``.
    frames : array of shape (windows, channels, frames, bins)
        The same by time and frequency; see :mod:`diagnostics.explain.spectral`.
    probabilities : array of shape (windows, classes)
    change : array of shape (windows,)
        By how much the score exceeds that of the baseline.
    completeness : array of shape (windows,)
        What is missing from ``change`` in the sum of ``values``, as a share of it; NaN where the
        method promises no such sum.
    positions : int
        Values per window and channel that the method tells apart.
    exact_spectrum : bool
        Whether the spectrum follows from the gradient, or was only spread by energy.
    details : dict
        Plain values worth keeping, such as the layer.
    """

    values: Windows
    spectrum: Windows
    frames: Windows
    probabilities: Windows
    change: Floats
    completeness: Floats
    positions: int
    exact_spectrum: bool
    details: dict[str, Any] = field(default_factory=dict)


def missing_share(values: Windows, change: Floats) -> Floats:
    """What the sum of an attribution lacks, as a share of the change that it explains.

    Examples
    --------
    >>> missing_share(np.ones((1, 1, 3), dtype=np.float32), np.array([4.0]))
    array([0.25])
    """
    sums = values.astype(np.float64).sum(axis=(1, 2))
    shares: Floats = np.abs(sums - change) / np.maximum(np.abs(change), _SMALLEST)
    return shares


def check_question(windows: Windows, question: Question) -> None:
    """Refuse what no method can answer.

    Raises
    ------
    ExplanationError
        If shapes do not fit, a value is not finite, or a number is out of range.
    """
    if windows.ndim != 3 or windows.size == 0:
        raise ExplanationError(
            f"Expected windows as (windows, channels, samples), got the shape {windows.shape}."
        )
    if question.baselines.ndim != 3 or question.baselines.shape[1:] != windows.shape[1:]:
        raise ExplanationError(
            f"Expected baselines of {windows.shape[1]} channels and {windows.shape[2]} samples, "
            f"got the shape {question.baselines.shape}."
        )
    if not len(question.baselines):
        raise ExplanationError("At least one baseline is needed, got none.")
    if not (np.isfinite(windows).all() and np.isfinite(question.baselines).all()):
        raise ExplanationError(
            "A window or baseline has values that are not finite (NaN or infinite). "
            "Choose a recording without gaps."
        )
    _check_numbers(windows.shape[2], question)


def _check_numbers(samples: int, question: Question) -> None:
    drawn = question.num_samples
    ranges = {
        "steps": (question.steps, 2, 1000),
        "samples to draw": (100 if drawn is None else drawn, 2, 100_000),
        "segments": (question.num_segments, 2, min(200, samples // 2)),
    }
    for name, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise ExplanationError(f"The number of {name} must be {low} to {high}, got {value}.")
    if question.domain not in DOMAINS:
        raise ExplanationError(f"Parts are of {' or '.join(DOMAINS)}, got “{question.domain}”.")
