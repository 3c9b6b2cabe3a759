"""A random forest on the basic features of each window.

The file holds scikit-learn's forest in the format of skops, which runs nothing when it is
read; what scikit-learn itself would not check in such a file is checked here.
"""

from __future__ import annotations

import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from skops.io.exceptions import UntrustedTypesFoundException

from diagnostics.errors import TrainingError
from diagnostics.features.registry import FEATURES, feature_matrix
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.config import ClassWeights, TrainingConfig
from diagnostics.training.fitted import About, check_windows
from diagnostics.training.history import EpochRecord, OnEpoch, not_kept
from diagnostics.training.normalisation import fit_normaliser
from diagnostics.training.windows import Windows, WindowSet

_GROWN_AT_ONCE = 10
_BATCH = 256
_TRUSTED = ["sklearn.tree._tree.Tree"]
_ABOUT = "about.json"
_FOREST = "forest.skops"
FEATURE_KEYS = tuple(feature.key for feature in FEATURES)


@dataclass(frozen=True)
class FittedForest:
    """A grown forest, and what was decided before."""

    forest: RandomForestClassifier
    about: About

    def probabilities(self, windows: Windows) -> NDArray[np.float64]:
        """See :class:`diagnostics.training.fitted.FittedClassifier`."""
        check_windows(self.about, windows)
        return _probabilities(self.forest, _features(self.about, windows), self.about)

    def save(self, path: Path) -> None:
        """Write forest and description; :func:`load_forest` reads them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{uuid4().hex}.part")
        about = {**self.about.to_dict(), "features": list(FEATURE_KEYS)}
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
                file.writestr(_ABOUT, json.dumps(about))
                file.writestr(_FOREST, skops.io.dumps(self.forest))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def load_forest(path: Path) -> FittedForest:
    """The forest in a file that :meth:`FittedForest.save` wrote.

    Raises
    ------
    TrainingError
        If the file is broken, holds something else, or was made with other features.
    """
    try:
        with zipfile.ZipFile(path) as file:
            about = json.loads(file.read(_ABOUT))
            forest = skops.io.loads(file.read(_FOREST), trusted=_TRUSTED)
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise TrainingError("The file with the random forest is broken.") from error
    except UntrustedTypesFoundException as error:
        raise TrainingError("The file holds more than a random forest.") from error
    if tuple(about["features"]) != FEATURE_KEYS:
        raise TrainingError(
            "The random forest was trained on other versions of the features. Train it again."
        )
    _check_trees(forest)
    return FittedForest(forest, About.from_dict(about))


def fit(
    config: TrainingConfig,
    class_names: tuple[str, ...],
    training: WindowSet,
    validation: WindowSet | None = None,
    *,
    report: Report = silent,
    on_epoch: OnEpoch = not_kept,
) -> FittedForest:
    """Grow the forest of the config, a few trees at a time.

    Parameters
    ----------
    config : TrainingConfig
        Of the random forest.
    class_names : tuple of str
        Of the targets in the window sets, in their order.
    training, validation : WindowSet
        Validation windows are scored, nothing is decided by them.
    report : function
        Called while features are computed and trees are grown; what it raises ends it.
    on_epoch : function
        Called once, when the forest is grown: a forest has no epochs.

    Returns
    -------
    FittedForest
    """
    begun = time.perf_counter()
    normaliser = fit_normaliser(config.normalisation, training)
    about = About(
        config.classifier,
        config.parameters,
        class_names,
        config.channels,
        config.window,
        training.sample_rate_hz,
        normaliser,
    )
    features = _all_features(about, training, report)
    forest = _grow(config, features, training.targets, report)
    seconds = time.perf_counter() - begun
    train = _scores(forest, features, training.targets, about)
    seen = None
    if validation is not None:
        seen = _scores(forest, _all_features(about, validation, report), validation.targets, about)
    on_epoch(
        EpochRecord(
            epoch=1,
            train_loss=train[0],
            train_accuracy=train[1],
            validation_loss=seen and seen[0],
            validation_accuracy=seen and seen[1],
            learning_rate=0.0,
            windows_per_s=len(training) / seconds,
            seconds=seconds,
        )
    )
    return FittedForest(forest, about)


def _grow(
    config: TrainingConfig,
    features: NDArray[np.float64],
    targets: NDArray[np.int64],
    report: Report,
) -> RandomForestClassifier:
    trees = int(config.parameters["trees"])
    balanced = config.class_weights is ClassWeights.BALANCED
    forest = RandomForestClassifier(
        n_estimators=0,
        max_depth=int(config.parameters["depth"]) or None,
        min_samples_leaf=int(config.parameters["leaf"]),
        class_weight=_weights(targets) if balanced else None,
        random_state=config.seed,
        warm_start=True,
    )
    while forest.n_estimators < trees:
        report(Progress("train", forest.n_estimators, trees, "growing trees"))
        forest.n_estimators = min(forest.n_estimators + _GROWN_AT_ONCE, trees)
        forest.fit(features, targets)
    report(Progress("train", trees, trees, "growing trees"))
    return forest


def _weights(targets: NDArray[np.int64]) -> dict[int, float]:
    """As "balanced" of scikit-learn, which warns when a forest grows step by step."""
    found, counts = np.unique(targets, return_counts=True)
    weights = len(targets) / (len(found) * counts)
    return dict(zip(found.tolist(), weights.tolist(), strict=True))


def _all_features(about: About, windows: WindowSet, report: Report) -> NDArray[np.float64]:
    parts = []
    for first in range(0, len(windows), _BATCH):
        report(Progress("features", first, len(windows)))
        block = windows.read(np.arange(first, min(first + _BATCH, len(windows))))
        parts.append(_features(about, block))
    return np.concatenate(parts)


def _features(about: About, windows: Windows) -> NDArray[np.float64]:
    """Features of each channel side by side: shape (windows, channels × features)."""
    scaled = about.normaliser.apply(windows)
    return feature_matrix(scaled, about.sample_rate_hz).reshape(len(windows), -1)


def _probabilities(
    forest: RandomForestClassifier, features: NDArray[np.float64], about: About
) -> NDArray[np.float64]:
    """With a column for each class, also for one that the training part did not have."""
    probabilities = np.zeros((len(features), len(about.class_names)))
    probabilities[:, forest.classes_] = forest.predict_proba(features)
    return probabilities


def _scores(
    forest: RandomForestClassifier,
    features: NDArray[np.float64],
    targets: NDArray[np.int64],
    about: About,
) -> tuple[float, float]:
    """Cross entropy and accuracy over windows."""
    probabilities = _probabilities(forest, features, about)
    given = np.clip(probabilities[np.arange(len(targets)), targets], 1e-12, None)
    accuracy = float((probabilities.argmax(axis=1) == targets).mean())
    return float(-np.log(given).mean()), accuracy


def _check_trees(forest: Any) -> None:
    """Refuse indices that point outside the arrays, which scikit-learn would follow."""
    if not isinstance(forest, RandomForestClassifier) or not forest.estimators_:
        raise TrainingError("The file does not hold a random forest.")
    for estimator in forest.estimators_:
        tree = estimator.tree_
        nodes = np.arange(tree.node_count)
        inner = tree.children_left != -1
        for children in (tree.children_left[inner], tree.children_right[inner]):
            # A child comes after its parent, so no path is endless either.
            if (children >= tree.node_count).any() or (children <= nodes[inner]).any():
                raise TrainingError("The file with the random forest is damaged.")
        if ((tree.feature[inner] < 0) | (tree.feature[inner] >= forest.n_features_in_)).any():
            raise TrainingError("The file with the random forest is damaged.")
