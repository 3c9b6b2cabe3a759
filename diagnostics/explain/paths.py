"""What the methods with gradients have in common: differences times mean gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from diagnostics.explain.asking import all_scores, checked_probabilities, evaluating, telling
from diagnostics.explain.attribution import Attribution, Floats, Question, Windows, missing_share
from diagnostics.explain.pace import gradient_batch
from diagnostics.explain.spectral import frames, spectrum
from diagnostics.progress import Progress, Report

Gradients = Callable[[Windows, int], Iterable[tuple[float, Floats, Floats]]]
"""Of one window (channels, samples), so many rows at once: weight, difference from a baseline,
and mean gradient."""


def along_paths(
    network: nn.Module,
    windows: Windows,
    question: Question,
    gradients_of: Gradients,
    report: Report,
    details: dict[str, Any] | None = None,
) -> Attribution:
    """Put together what :data:`Gradients` gives of each window.

    Raises
    ------
    ExplanationError
        If the question makes no sense for the network.
    """
    with evaluating(network):
        probabilities = checked_probabilities(network, windows, question)
        change = score_change(network, windows, question)
        batch = gradient_batch(network, windows[0], question.target_class)
        kept: list[list[NDArray[np.float32]]] = [[], [], []]
        for done, window in enumerate(windows, start=1):
            with telling(network, partial(report, _progress(done - 1, len(windows)))):
                parts = _weighed(list(gradients_of(window, batch)))
            for rows, part in zip(kept, parts, strict=True):
                rows.append(part.astype(np.float32))
            report(_progress(done, len(windows)))
    values, spectra, framed = (np.stack(rows) for rows in kept)
    return Attribution(
        values=values,
        spectrum=spectra,
        frames=framed,
        probabilities=probabilities,
        change=change,
        completeness=missing_share(values, change),
        positions=windows.shape[2],
        exact_spectrum=True,
        details=dict(details or {}),
    )


def _progress(done: int, windows: int) -> Progress:
    return Progress("explain", done, windows, f"{done} of {windows} windows")


def score_change(network: nn.Module, windows: Windows, question: Question) -> Floats:
    """By how much the score of each window exceeds the mean of the baselines."""
    target = question.target_class
    resting = all_scores(network, question.baselines)[:, target].mean()
    change: Floats = all_scores(network, windows)[:, target] - resting
    return change


def _weighed(
    paths: Sequence[tuple[float, Floats, Floats]],
) -> tuple[Floats, Floats, Floats]:
    parts = [
        (weight * d * g, weight * spectrum(d, g), weight * frames(d, g)) for weight, d, g in paths
    ]
    values, spectra, framed = (sum(column) for column in zip(*parts, strict=True))
    return np.asarray(values), np.asarray(spectra), np.asarray(framed)
