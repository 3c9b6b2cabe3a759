"""Explain what a trained network says of a whole recording, window by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.gradcam import GradCam, grad_cam
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.progress import Report, silent
from diagnostics.training.windows import WindowSet

MOST_WINDOWS = 500
MOST_SAMPLES = 4_000_000
"""Of attribution that is kept: 16 MB before compression."""


@dataclass(frozen=True)
class ExplainedRecording:
    """``starts_s`` are the begins of the explained windows; ``available`` counts all windows."""

    explained: GradCam
    starts_s: NDArray[np.float64]
    window_s: float
    available: int


def spread(available: int, window: int) -> NDArray[np.int64]:
    """Which windows to explain: all, or evenly spread ones where all would be too much.

    Examples
    --------
    >>> spread(4, 2048)
    array([0, 1, 2, 3])
    >>> spread(100_000, 2048).size
    500
    """
    most = max(1, min(MOST_WINDOWS, MOST_SAMPLES // window))
    if available <= most:
        return np.arange(available, dtype=np.int64)
    return np.unique(np.linspace(0, available - 1, most).round().astype(np.int64))


def explain_recording(
    fitted: FittedNetwork, windows: WindowSet, target_class: int, report: Report = silent
) -> ExplainedRecording:
    """Grad-CAM of the windows of one recording for one class.

    Parameters
    ----------
    fitted : FittedNetwork
    windows : WindowSet
        Of one recording; see :func:`diagnostics.training.fitted.windows_for`.
    target_class : int
    report : callable
        Called after each batch.

    Returns
    -------
    ExplainedRecording

    Raises
    ------
    ExplanationError
        If the windows are of several recordings, or the class does not exist.
    """
    if len(windows.recordings) != 1:
        raise ExplanationError(
            f"One recording is explained at a time, got {len(windows.recordings)}."
        )
    chosen = spread(len(windows), windows.window)
    prepared = fitted.prepare(windows.read(chosen)).numpy()
    layer = fitted.network.explained_layer
    explained = grad_cam(fitted.network, prepared, target_class, layer, report)
    return ExplainedRecording(
        explained=explained,
        starts_s=windows.start[chosen] / windows.sample_rate_hz,
        window_s=windows.window / windows.sample_rate_hz,
        available=len(windows),
    )
