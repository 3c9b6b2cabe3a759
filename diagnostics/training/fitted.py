"""A trained classifier: what it needs to know, and how to ask it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.card import Family
from diagnostics.training.normalisation import Normaliser
from diagnostics.training.resampling import common_rate
from diagnostics.training.split import Candidate
from diagnostics.training.windows import Reader, Windows, WindowSet, windows_of

_BATCH = 256
SUFFIXES = {Family.NETWORK: ".pt", Family.CLASSICAL: ".skops"}


@dataclass(frozen=True)
class About:
    """What was decided before training, kept with the weights: no window fits without it.

    Parameters
    ----------
    classifier : str
        Name in the registry.
    parameters : dict
        Of the classifier.
    class_names : tuple of str
        In the order of the probabilities.
    channels : tuple of int
        Positions of the channels in a recording.
    window : int
        Samples in a window.
    sample_rate_hz : float
        Of the windows; recordings with another rate are resampled.
    normaliser : Normaliser
        Applied to each window before the classifier sees it.
    """

    classifier: str
    parameters: dict[str, int | float]
    class_names: tuple[str, ...]
    channels: tuple[int, ...]
    window: int
    sample_rate_hz: float
    normaliser: Normaliser

    def to_dict(self) -> dict[str, Any]:
        return {
            "classifier": self.classifier,
            "parameters": dict(self.parameters),
            "class_names": list(self.class_names),
            "channels": list(self.channels),
            "window": self.window,
            "sample_rate_hz": self.sample_rate_hz,
            "normaliser": self.normaliser.to_dict(),
        }

    @staticmethod
    def from_dict(given: dict[str, Any]) -> About:
        return About(
            given["classifier"],
            dict(given["parameters"]),
            tuple(given["class_names"]),
            tuple(given["channels"]),
            int(given["window"]),
            float(given["sample_rate_hz"]),
            Normaliser.from_dict(given["normaliser"]),
        )


class FittedClassifier(Protocol):
    """What trained networks and classical classifiers have in common."""

    @property
    def about(self) -> About: ...

    def probabilities(self, windows: Windows) -> NDArray[np.float64]:
        """Class probabilities of windows as they were measured.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)
            In the unit of each channel, not normalised, at ``about.sample_rate_hz``.

        Returns
        -------
        array of shape (windows, classes)
            Rows sum to 1.
        """

    def save(self, path: Path) -> None:
        """Write everything that :func:`load_classifier` needs, without pickle."""


def load_classifier(path: Path) -> FittedClassifier:
    """A classifier that was kept in a file.

    Parameters
    ----------
    path : Path
        Ends in ``.pt`` for a network, in ``.skops`` for a classical classifier. Nothing in it
        is run.

    Returns
    -------
    FittedClassifier

    Raises
    ------
    TrainingError
        If the file is broken or holds something else.
    """
    if path.suffix == SUFFIXES[Family.NETWORK]:
        from diagnostics.networks.fitted import load_network

        return load_network(path)
    if path.suffix == SUFFIXES[Family.CLASSICAL]:
        from diagnostics.classical.fitted import load_estimator

        return load_estimator(path)
    raise TrainingError("The file does not hold a trained classifier.")


def predict(
    classifier: FittedClassifier, windows: WindowSet, report: Report = silent, stage: str = "test"
) -> NDArray[np.float64]:
    """Class probabilities of all windows, a batch at a time.

    Parameters
    ----------
    classifier : FittedClassifier
    windows : WindowSet
    report : function
        Told about each batch.
    stage : str
        Name of the stage in the reports.

    Returns
    -------
    array of shape (windows, classes)
    """
    parts: list[NDArray[np.float64]] = []
    for first in range(0, len(windows), _BATCH):
        report(Progress(stage, first, len(windows)))
        indices = np.arange(first, min(first + _BATCH, len(windows)))
        parts.append(classifier.probabilities(windows.read(indices)))
    report(Progress(stage, len(windows), len(windows)))
    return np.concatenate(parts)


def windows_for(about: About, recording: Candidate, reader: Reader, hop: int = 0) -> WindowSet:
    """The windows of one recording as a trained classifier takes them.

    Parameters
    ----------
    about : About
    recording : Candidate
        With its own rate and length; its target need not be one of the classes.
    reader : Reader
    hop : int
        Samples from window to window at ``about.sample_rate_hz``; 0 puts them side by side.

    Returns
    -------
    WindowSet
        Read from it what :meth:`FittedClassifier.probabilities` takes.

    Raises
    ------
    TrainingError
        If the recording is shorter than a window, or slower than the classifier's rate.
    """
    common_rate([recording.sample_rate_hz], about.sample_rate_hz)
    return windows_of(
        [recording],
        about.class_names,
        reader,
        channels=about.channels,
        window=about.window,
        hop=hop or about.window,
        sample_rate_hz=about.sample_rate_hz,
    )


def check_windows(about: About, windows: Windows) -> None:
    """Refuse what the classifier was not made for.

    Raises
    ------
    TrainingError
        If the number of channels is another one, a window is too short, or a value is not
        finite.
    """
    if windows.ndim != 3 or windows.shape[1] != len(about.channels):
        raise TrainingError(
            f"The classifier takes windows of {len(about.channels)} channels, got the shape"
            f" {windows.shape}."
        )
    if not np.isfinite(windows).all():
        raise TrainingError("A window has values that are not finite.")
