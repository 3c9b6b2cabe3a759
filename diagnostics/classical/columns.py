"""The columns of a stored feature set as a classifier takes them.

A set holds numbers as they were computed: nothing in it is scaled, and what is not known is NaN.
What is put in such a place, and by what columns are scaled, is learned from the training part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError, SignalError, TrainingError
from diagnostics.features.batch import Context
from diagnostics.features.catalogue import feature
from diagnostics.features.extraction import extract_features
from diagnostics.features.table_file import TableFile
from diagnostics.signals.envelope import Band
from diagnostics.training.split import Candidate
from diagnostics.training.windows import Windows, WindowSet

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """How the numbers of a window are computed.

    Attributes
    ----------
    keys : tuple of str
        The columns, as ``RMS@1``.
    band_hz : (float, float) or None
        Where the envelope is taken; None by the sampling rate.
    """

    keys: tuple[str, ...]
    band_hz: tuple[float, float] | None = None

    def compute(
        self, windows: Windows, sample_rate_hz: float, recordings: Sequence[Candidate] = ()
    ) -> Values:
        """The columns of one channel of windows.

        Parameters
        ----------
        windows : array of shape (windows, 1, samples)
        sample_rate_hz : float
        recordings : sequence of Candidate
            That of each window, for its speed and its bearing; without it neither is known.

        Returns
        -------
        array of shape (windows, columns)
            NaN where a number cannot be known.

        Raises
        ------
        TrainingError
            If a feature is computed in another version by now, or the windows do not fit it.

        Examples
        --------
        >>> waves = np.sin(np.arange(512) * [[0.5], [1.0]])[:, None, :]
        >>> Recipe(("RMS@1",)).compute(waves, 1000.0).round(1).tolist()
        [[0.7], [0.7]]
        """
        try:
            features = [feature(key) for key in self.keys]
            band = None if self.band_hz is None else Band(*self.band_hz)
            parts = [
                extract_features(
                    windows[start:stop, 0],
                    sample_rate_hz,
                    features,
                    _context(one, band),
                )
                for one, start, stop in _stretches(recordings, len(windows))
            ]
        except (FeatureError, SignalError) as error:
            raise TrainingError(str(error)) from error
        return np.concatenate(parts) if parts else np.empty((0, len(self.keys)))


@dataclass(frozen=True)
class Columns:
    """The columns that a classifier was trained on, with what was learned of them.

    Attributes
    ----------
    recipe : Recipe
    median : tuple of float
        What stands for a number that is not known; 0 for a column without any.
    mean, deviation : tuple of float
        By which columns are scaled.
    """

    recipe: Recipe
    median: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def scaled(self, values: Values) -> Values:
        """The numbers as the classifier takes them.

        Examples
        --------
        >>> table = np.array([[1.0], [3.0], [np.nan]])
        >>> fit_columns(Recipe(("RMS@1",)), table).scaled(table).round(2).tolist()
        [[-1.22], [1.22], [0.0]]
        """
        filled = np.where(np.isfinite(values), values, np.array(self.median))
        found: Values = (filled - np.array(self.mean)) / np.array(self.deviation)
        return found

    def to_dict(self) -> dict[str, Any]:
        band = self.recipe.band_hz
        return {
            "keys": list(self.recipe.keys),
            "band_hz": None if band is None else list(band),
            "median": list(self.median),
            "mean": list(self.mean),
            "deviation": list(self.deviation),
        }

    @staticmethod
    def from_dict(given: Mapping[str, Any]) -> Columns:
        """What :meth:`to_dict` gave.

        Raises
        ------
        ValueError
            If there is not one finite number for each column.
        """
        band = given["band_hz"]
        recipe = Recipe(tuple(given["keys"]), None if band is None else (band[0], band[1]))
        learned = [tuple(map(float, given[name])) for name in ("median", "mean", "deviation")]
        if not recipe.keys or any(len(one) != len(recipe.keys) for one in learned):
            raise ValueError("columns")
        if not np.isfinite(learned).all() or min(learned[2]) <= 0:
            raise ValueError("columns")
        return Columns(recipe, *learned)


def fit_columns(recipe: Recipe, training: Values) -> Columns:
    """What there is to learn of the columns of the training part.

    Parameters
    ----------
    recipe : Recipe
    training : array of shape (windows, columns)
        Of the training side only.

    Returns
    -------
    Columns
    """
    known = np.where(np.isfinite(training), training, np.nan)
    has_any = ~np.isnan(known).all(axis=0)
    median = np.zeros(known.shape[1])
    median[has_any] = np.nanmedian(known[:, has_any], axis=0)
    filled = np.where(np.isnan(known), median, known)
    deviation = filled.std(axis=0)
    deviation[deviation == 0] = 1.0
    mean = filled.mean(axis=0)
    return Columns(recipe, *(tuple(one.tolist()) for one in (median, mean, deviation)))


class StoredColumns:
    """The numbers of a stored table for windows of a training.

    Parameters
    ----------
    table : TableFile
        Open while this is used.
    recipe : Recipe
        With columns of the table.
    """

    def __init__(self, table: TableFile, recipe: Recipe) -> None:
        self.recipe = recipe
        self._table = table
        ids, first = table.of_windows("recording_id"), table.of_windows("first_sample")
        self._stride = int(first.max(initial=0)) + 1
        places = ids * self._stride + first
        self._order = np.argsort(places)
        self._sorted = places[self._order]

    def values(self, windows: WindowSet) -> Values:
        """Shape (windows, columns), as they are stored.

        Raises
        ------
        TrainingError
            If the table lacks a window or a column.
        """
        ids = np.array([one.recording_id for one in windows.recordings])[windows.owner]
        wanted = ids * self._stride + windows.start
        at = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        there = (self._sorted[at] == wanted) & (windows.start < self._stride)
        if not there.all():
            lacking = int(np.argmin(there))
            name = windows.recordings[windows.owner[lacking]].name
            raise TrainingError(
                f"The feature set has no numbers of the window of “{name}” that begins at sample"
                f" {windows.start[lacking]}. Extract the features again."
            )
        rows = self._order[at]
        try:
            parts = [self._table.column(key)[rows] for key in self.recipe.keys]
        except FeatureError as error:
            raise TrainingError(str(error)) from error
        return np.stack(parts, axis=1)


def _context(recording: Candidate | None, band: Band | None) -> Context:
    if recording is None:
        return Context(band=band)
    return Context(recording.shaft_hz, dict(recording.orders), band=band)


def _stretches(
    recordings: Sequence[Candidate], count: int
) -> Iterator[tuple[Candidate | None, int, int]]:
    """Neighbours of one recording; all windows at once where recordings are not known."""
    if not recordings:
        yield None, 0, count
        return
    start = 0
    for place in range(1, count + 1):
        if place == count or recordings[place] is not recordings[start]:
            yield recordings[start], start, place
            start = place
