"""A trained classifier: what it needs to know, and how to ask it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.card import Family, Setting
from diagnostics.training.head_scale import HeadScale
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
    heads : tuple of HeadScale
        What a network estimates beside the class, those that are off too.
    """

    classifier: str
    parameters: dict[str, Setting]
    class_names: tuple[str, ...]
    channels: tuple[int, ...]
    window: int
    sample_rate_hz: float
    normaliser: Normaliser
    heads: tuple[HeadScale, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        # Not for those without: a training that began before there were heads goes on.
        heads = {"heads": [scale.to_dict() for scale in self.heads]} if self.heads else {}
        return {
            "classifier": self.classifier,
            "parameters": dict(self.parameters),
            "class_names": list(self.class_names),
            "channels": list(self.channels),
            "window": self.window,
            "sample_rate_hz": self.sample_rate_hz,
            "normaliser": self.normaliser.to_dict(),
            **heads,
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
            tuple(HeadScale(**scale) for scale in given.get("heads", ())),
        )


@dataclass(frozen=True)
class Answer:
    """What a classifier says of windows.

    Parameters
    ----------
    probabilities : array of shape (windows, classes)
        Rows sum to 1.
    estimates : array of shape (windows, heads)
        In the units of ``about.heads``; NaN for a head that is off.
    """

    probabilities: NDArray[np.float64]
    estimates: NDArray[np.float64]


class FittedClassifier(Protocol):
    """What trained networks and classical classifiers have in common."""

    @property
    def about(self) -> About: ...

    def probabilities(
        self, windows: Windows, recordings: Sequence[Candidate] = ()
    ) -> NDArray[np.float64]:
        """Class probabilities of windows as they were measured.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)
            In the unit of each channel, not normalised, at ``about.sample_rate_hz``.
        recordings : sequence of Candidate
            That of each window. Features of the speed or the bearing are not known without it;
            nothing else looks at it.

        Returns
        -------
        array of shape (windows, classes)
            Rows sum to 1.
        """

    def answer(self, windows: Windows, recordings: Sequence[Candidate] = ()) -> Answer:
        """The same, with what is estimated beside the class."""

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
    return np.concatenate(
        [classifier.probabilities(*batch) for batch in _batches(windows, report, stage)]
    )


def answer_all(
    classifier: FittedClassifier, windows: WindowSet, report: Report = silent, stage: str = "test"
) -> Answer:
    """As :func:`predict`, with what is estimated beside the class."""
    parts = [classifier.answer(*batch) for batch in _batches(windows, report, stage)]
    return Answer(
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.estimates for part in parts]),
    )


def _batches(
    windows: WindowSet, report: Report, stage: str
) -> Iterator[tuple[Windows, list[Candidate]]]:
    for first in range(0, len(windows), _BATCH):
        report(Progress(stage, first, len(windows)))
        indices = np.arange(first, min(first + _BATCH, len(windows)))
        yield windows.read(indices), windows.recordings_of(indices)
    report(Progress(stage, len(windows), len(windows)))


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
