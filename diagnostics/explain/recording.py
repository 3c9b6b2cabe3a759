"""Explain what a trained network says of a whole recording, window by window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.registry import GRADCAM, METHODS, Method
from diagnostics.explain.rhythm import rhythm_spectrum
from diagnostics.explain.score_card import ScoreCard, score_card
from diagnostics.explain.what_if import what_if
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.progress import Report, silent
from diagnostics.training.windows import WindowSet

MOST_WINDOWS = 500
MOST_SAMPLES = 4_000_000
"""Of attribution that is kept: 16 MB before compression."""
_OF_GRADCAM, _OF_OTHERS = 2, 8
"""Frames are kept beside the samples, and by other methods than Grad-CAM channels too."""


@dataclass(frozen=True)
class ExplainedRecording:
    """``starts_s`` are the begins of the explained windows; ``available`` counts all windows.

    ``card`` looks at the windows ``examined``. Rhythms are spectra of the size of relevance over
    those windows (see :mod:`diagnostics.explain.rhythm`): of the network, of the same network
    with random weights, and of the squared signal itself. ``what_if`` as in
    :mod:`diagnostics.explain.what_if`, of those windows too.
    """

    explained: Attribution
    starts_s: Floats
    window_s: float
    available: int
    card: ScoreCard
    examined: NDArray[np.int64]
    rhythm: Floats
    random_rhythm: Floats
    signal_rhythm: Floats
    what_if: dict[str, float]


@dataclass(frozen=True)
class Asked:
    """A method, a class, and what is compared with: one of the kinds of baseline.

    ``parameters`` as :class:`diagnostics.explain.attribution.Question` names them.
    """

    method: str
    target_class: int
    parameters: Mapping[str, Any]
    baselines: Windows | None = None

    def question(self, prepared: Windows) -> Question:
        given = self.baselines
        if given is None:
            given = np.zeros((1, *prepared.shape[1:]), dtype=np.float32)
        return Question(self.target_class, given, **self.parameters)


def spread(available: int, window: int, most: int = MOST_WINDOWS) -> NDArray[np.int64]:
    """Which windows to explain: all, or evenly spread ones where all would be too much.

    Examples
    --------
    >>> spread(4, 2048)
    array([0, 1, 2, 3])
    >>> spread(100_000, 2048).size
    500
    """
    most = max(1, min(most, MOST_SAMPLES // window))
    if available <= most:
        return np.arange(available, dtype=np.int64)
    return np.unique(np.linspace(0, available - 1, most).round().astype(np.int64))


def explain_recording(
    fitted: FittedNetwork, windows: WindowSet, asked: Asked, report: Report = silent
) -> ExplainedRecording:
    """The windows of one recording, explained by one method for one class.

    Parameters
    ----------
    fitted : FittedNetwork
    windows : WindowSet
        Of one recording; see :func:`diagnostics.training.fitted.windows_for`.
    asked : Asked
    report : callable
        Called after each batch.

    Returns
    -------
    ExplainedRecording

    Raises
    ------
    ExplanationError
        If the windows are of several recordings, or the method cannot answer.
    """
    if len(windows.recordings) != 1:
        raise ExplanationError(
            f"One recording is explained at a time, got {len(windows.recordings)}."
        )
    if asked.method not in METHODS:
        raise ExplanationError(f"There is no method “{asked.method}” for networks.")
    method = METHODS[asked.method]
    beside = _OF_GRADCAM if asked.method == GRADCAM else _OF_OTHERS
    most = min(method.most_windows, MOST_SAMPLES // (beside * windows.window))
    chosen = spread(len(windows), windows.window, most)
    prepared = fitted.prepare(windows.read(chosen)).numpy()
    question = asked.question(prepared)
    explain = method.load()
    explained = explain(fitted.network, prepared, question, report)
    examined = _examined(method, explained)
    part = _of(explained, examined)
    card = score_card(fitted.network, prepared[examined], question, explain, part, report)
    return ExplainedRecording(
        explained=explained,
        starts_s=windows.start[chosen] / windows.sample_rate_hz,
        window_s=windows.window / windows.sample_rate_hz,
        available=len(windows),
        card=card,
        examined=examined,
        rhythm=rhythm_spectrum(part.values),
        random_rhythm=rhythm_spectrum(card.random_values),
        signal_rhythm=rhythm_spectrum(prepared[examined].astype(np.float64) ** 2),
        what_if=what_if(fitted.network, prepared[examined], question.target_class),
    )


def _examined(method: Method, explained: Attribution) -> NDArray[np.int64]:
    """The windows that the score card looks at, evenly spread."""
    count = len(explained.values)
    places = np.linspace(0, count - 1, min(count, method.card_windows))
    return np.unique(places.round().astype(np.int64))


def _of(explained: Attribution, chosen: NDArray[np.int64]) -> Attribution:
    return replace(
        explained,
        values=explained.values[chosen],
        spectrum=explained.spectrum[chosen],
        frames=explained.frames[chosen],
        probabilities=explained.probabilities[chosen],
        change=explained.change[chosen],
        completeness=explained.completeness[chosen],
    )
