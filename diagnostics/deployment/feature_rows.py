"""From windows to the rows of numbers that a classifier on features takes.

Needs neither torch nor scikit-learn: what answers loads none of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnostics.classical.columns import Columns, Recipe
from diagnostics.deployment.manifest import FeatureColumns, Manifest
from diagnostics.errors import DeploymentError, FeatureError, SignalError, TrainingError
from diagnostics.features.catalogue import CATALOGUE, feature
from diagnostics.features.registry import FEATURES, feature_matrix
from diagnostics.training.normalisation import Normaliser


def check_features(columns: FeatureColumns) -> None:
    """Refuse features that are computed in another way by now.

    Raises
    ------
    DeploymentError
        If there is one.
    """
    if columns.of_set:
        other = not {one.key for one in CATALOGUE}.issuperset(columns.keys)
    else:
        other = columns.keys != tuple(one.key for one in FEATURES)
    if other:
        raise DeploymentError(
            "The features that the model takes are computed in another way by now. Train the"
            " experiment again, and export it."
        )


def refuse_beyond_samples(keys: Sequence[str]) -> None:
    """Refuse columns that need the speed or the bearing of a recording.

    A program that asks sends samples. The classifier would take what is not known for the median
    of its training, and answer all the same.

    Raises
    ------
    DeploymentError
        That names the columns.
    """
    try:
        known = [feature(key) for key in keys]
    except FeatureError as error:
        raise DeploymentError(str(error)) from error
    beyond = [one.key for one in known if one.needs_speed or one.needs_bearing]
    if beyond:
        raise DeploymentError(beyond_samples(beyond))


def beyond_samples(keys: Sequence[str]) -> str:
    """The sentence about columns that need more than samples.

    Examples
    --------
    >>> beyond_samples(["ShaftAmplitude_1X@1"])[:60]
    'The classifier learned of ShaftAmplitude_1X@1, which needs t'
    """
    needs = "needs" if len(keys) == 1 else "need"
    return (
        f"The classifier learned of {', '.join(keys)}, which {needs} the speed or the bearing of a"
        " recording. A served model is sent samples only: train on a feature set without them."
    )


def rows_of(manifest: Manifest, windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """What a classifier on features takes: as in its training, number for number.

    Parameters
    ----------
    manifest : Manifest
        With ``features``.
    windows : array of shape (windows, channels, samples)
        As they were measured.

    Returns
    -------
    array of shape (windows, columns)

    Raises
    ------
    DeploymentError
        If a feature cannot be computed of them.
    """
    columns = manifest.features
    if columns is None:
        raise DeploymentError("The model takes windows, and no features of them.")
    rate_hz = manifest.sample_rate_hz
    try:
        if columns.of_set:
            return _of_set(columns).scaled(_of_set(columns).recipe.compute(windows, rate_hz))
        scaled = Normaliser.from_dict(columns.normaliser).apply(windows)
        found = feature_matrix(scaled, rate_hz).reshape(len(windows), -1)
        return np.ascontiguousarray(found)
    except (TrainingError, FeatureError, SignalError) as error:
        raise DeploymentError(str(error)) from error


def _of_set(columns: FeatureColumns) -> Columns:
    recipe = Recipe(columns.keys, columns.band_hz)
    return Columns(recipe, columns.median, columns.mean, columns.deviation)
