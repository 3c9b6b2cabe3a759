"""What a network said about every window of the test side, and the file it is kept in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.estimates import Estimates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Vote:
    """One row per recording: the mean of its windows' probabilities."""

    recording_ids: Ints
    probabilities: Floats
    targets: Ints
    window_counts: Ints


@dataclass(frozen=True)
class Predictions:
    """Class probabilities of windows, checked once so that nobody else has to.

    Parameters
    ----------
    probabilities : array of shape (windows, classes)
        Each row sums to 1.
    targets : array of shape (windows,)
        Number of the true class.
    recording_ids : array of shape (windows,)
    starts_s : array of shape (windows,)
        Begin of the window within its recording, in s.
    window_s : float
        Length of a window, in s.
    groups : mapping of recording id to group
        The group that the split kept together: a bearing, a machine, a load.
    class_names : tuple of str
    seen : bool
        Whether other windows of the tested recordings were learned from: a known leak, after
        which recordings and groups say nothing about new ones.
    estimates : Estimates, optional
        What heads said beside the class, of a network that has some.

    Raises
    ------
    EvaluationError
        If there are no windows, shapes disagree, rows do not sum to 1, a target is not a
        class, a recording has two targets or no group.
    """

    probabilities: Floats
    targets: Ints
    recording_ids: Ints
    starts_s: Floats
    window_s: float
    groups: Mapping[int, str]
    class_names: tuple[str, ...]
    seen: bool = False
    estimates: Estimates | None = None

    def __post_init__(self) -> None:
        _check_shapes(self)
        if self.estimates is not None:
            self.estimates.check(len(self.targets))
        _check_values(self)

    @property
    def predicted(self) -> Ints:
        """The most probable class of each window; the first of equals."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    def vote(self) -> Vote:
        """One decision per recording: the mean of its windows' probabilities (soft vote).

        A window that is sure counts more than one that wavers. When all windows of a
        recording are wrong in the same way, more of them do not help.

        Examples
        --------
        >>> sure, torn = [0.9, 0.1], [0.4, 0.6]
        >>> predictions = Predictions(np.array([sure, torn]), np.array([0, 0]),
        ...     np.array([7, 7]), np.array([0.0, 0.1]), 0.1, {7: "bearing 1"}, ("healthy", "worn"))
        >>> predictions.vote().probabilities
        array([[0.65, 0.35]])
        """
        ids, first, member, counts = np.unique(
            self.recording_ids, return_index=True, return_inverse=True, return_counts=True
        )
        sums = np.zeros((ids.size, self.probabilities.shape[1]))
        np.add.at(sums, member, self.probabilities)
        return Vote(ids, sums / counts[:, None], self.targets[first], counts.astype(np.int64))

    def to_npz(self) -> bytes:
        """A compressed NPZ file without pickled objects."""
        ids = np.array(sorted(self.groups), dtype=np.int64)
        buffer = io.BytesIO()
        arrays: dict[str, Any] = {} if self.estimates is None else self.estimates.to_arrays()
        np.savez_compressed(
            buffer,
            probabilities=self.probabilities,
            targets=self.targets,
            recording_ids=self.recording_ids,
            starts_s=self.starts_s,
            window_s=np.float64(self.window_s),
            group_recordings=ids,
            group_names=np.array([self.groups[int(number)] for number in ids], dtype=np.str_),
            class_names=np.array(self.class_names, dtype=np.str_),
            seen=np.bool_(self.seen),
            **arrays,
        )
        return buffer.getvalue()

    @staticmethod
    def from_npz(content: bytes) -> Predictions:
        """The predictions in a file that :meth:`to_npz` made.

        Raises
        ------
        EvaluationError
            If the file is broken or of another kind.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                ids, names = file["group_recordings"], file["group_names"]
                return Predictions(
                    probabilities=file["probabilities"],
                    targets=file["targets"],
                    recording_ids=file["recording_ids"],
                    starts_s=file["starts_s"],
                    window_s=float(file["window_s"]),
                    groups={int(i): str(name) for i, name in zip(ids, names, strict=True)},
                    class_names=tuple(str(name) for name in file["class_names"]),
                    # Files from before windows could be split at random do not say.
                    seen="seen" in file and bool(file["seen"]),
                    estimates=Estimates.from_arrays(file),
                )
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise EvaluationError("The file of predictions cannot be read.") from error


def _check_shapes(given: Predictions) -> None:
    shape = given.probabilities.shape
    if len(shape) != 2 or shape[1] != len(given.class_names):
        raise EvaluationError(
            f"Expected one probability for each of {len(given.class_names)} classes and each "
            f"window, got the shape {shape}."
        )
    if shape[0] == 0:
        raise EvaluationError("There are no windows to judge. Put recordings on the test side.")
    for name in ("targets", "recording_ids", "starts_s"):
        length = getattr(given, name).shape
        if length != shape[:1]:
            raise EvaluationError(f"Expected {shape[0]} {name}, one per window, got {length}.")


def _check_values(given: Predictions) -> None:
    sums = given.probabilities.sum(axis=1)
    if not np.isfinite(sums).all() or given.probabilities.min() < 0:
        raise EvaluationError("Some probabilities are not numbers of 0 or more.")
    if np.abs(sums - 1).max() > _TOLERANCE:
        raise EvaluationError(
            f"The probabilities of a window must sum to 1, got {sums.min():g} to {sums.max():g}."
        )
    if given.targets.min() < 0 or given.targets.max() >= len(given.class_names):
        raise EvaluationError("A target is not one of the classes.")
    pairs = np.unique(np.stack([given.recording_ids, given.targets]), axis=1)
    ids, counts = np.unique(pairs[0], return_counts=True)
    if (counts > 1).any():
        raise EvaluationError("A recording has windows of two classes; it must have one label.")
    missing = [int(number) for number in ids if int(number) not in given.groups]
    if missing:
        raise EvaluationError(f"No group is known for {len(missing)} recordings on the test side.")
