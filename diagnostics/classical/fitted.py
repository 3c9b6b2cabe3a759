"""A classifier on features with all that is needed to use it, and the file it is kept in.

The file holds scikit-learn's estimator in the format of skops, which runs nothing when it is
read; what scikit-learn itself would not check in such a file is checked by the module of the
classifier.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import skops.io
from numpy.typing import NDArray
from skops.io.exceptions import UntrustedTypesFoundException

from diagnostics.classical.columns import Columns
from diagnostics.classical.model import need
from diagnostics.classical.registry import CLASSICAL
from diagnostics.errors import TrainingError
from diagnostics.features.catalogue import CATALOGUE
from diagnostics.features.registry import FEATURES, feature_matrix
from diagnostics.training.fitted import About, Answer, check_windows
from diagnostics.training.split import Candidate
from diagnostics.training.windows import Windows

_ABOUT = "about.json"
_ESTIMATOR = "estimator.skops"
# Its name when there was no other classifier on features.
_FOREST = "forest.skops"
FEATURE_KEYS = tuple(feature.key for feature in FEATURES)


@dataclass(frozen=True)
class FittedEstimator:
    """A fitted estimator of scikit-learn, and what was decided before.

    ``columns`` are those of a stored feature set; None for the basic features.
    """

    estimator: Any
    about: About
    columns: Columns | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What the estimator looks at, in the order of its columns."""
        if self.columns is not None:
            return self.columns.recipe.keys
        return tuple(f"{key} of channel {n}" for n in self.about.channels for key in FEATURE_KEYS)

    def probabilities(
        self, windows: Windows, recordings: Sequence[Candidate] = ()
    ) -> NDArray[np.float64]:
        """See :class:`diagnostics.training.fitted.FittedClassifier`."""
        check_windows(self.about, windows)
        if self.columns is None:
            return probabilities_of(self.estimator, features_of(self.about, windows), self.about)
        rate_hz = self.about.sample_rate_hz
        return self.of_values(self.columns.recipe.compute(windows, rate_hz, recordings))

    def of_values(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Class probabilities by numbers of a feature set.

        Parameters
        ----------
        values : array of shape (windows, columns)
            As they are stored or computed, NaN where one is not known.
        """
        if self.columns is None:
            raise TrainingError("The classifier was not trained on a feature set.")
        return probabilities_of(self.estimator, self.columns.scaled(values), self.about)

    def answer(self, windows: Windows, recordings: Sequence[Candidate] = ()) -> Answer:
        """Classifiers on features estimate nothing beside the class."""
        return Answer(self.probabilities(windows, recordings), np.zeros((len(windows), 0)))

    def save(self, path: Path) -> None:
        """Write estimator and description; :func:`load_estimator` reads them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{uuid4().hex}.part")
        about = {**self.about.to_dict(), "features": list(FEATURE_KEYS)}
        if self.columns is not None:
            about |= {"features": list(self.feature_names), "columns": self.columns.to_dict()}
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
                file.writestr(_ABOUT, json.dumps(about))
                file.writestr(_ESTIMATOR, skops.io.dumps(self.estimator))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def load_estimator(path: Path) -> FittedEstimator:
    """The classifier in a file that :meth:`FittedEstimator.save` wrote.

    Raises
    ------
    TrainingError
        If the file is broken, holds something else, or was made with other features.
    """
    modules = {card.name: card for card in CLASSICAL}
    try:
        with zipfile.ZipFile(path) as file:
            given = json.loads(file.read(_ABOUT))
            about = About.from_dict(given)
            columns = _columns(given)
            model: Any = modules[about.classifier].load()
            name = _ESTIMATOR if _ESTIMATOR in file.namelist() else _FOREST
            estimator = skops.io.loads(file.read(name), trusted=list(model.TRUSTED))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise TrainingError("The file with the classifier is broken.") from error
    except UntrustedTypesFoundException as error:
        raise TrainingError("The file holds more than a classifier.") from error
    _check_features(given["features"], columns)
    fitted = FittedEstimator(estimator, about, columns)
    try:
        model.check(estimator, len(fitted.feature_names))
        _check_classes(estimator.classes_, len(about.class_names))
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise TrainingError("The file with the classifier is damaged.") from error
    return fitted


def features_of(about: About, windows: Windows) -> NDArray[np.float64]:
    """Features of each channel side by side: shape (windows, channels × features)."""
    scaled = about.normaliser.apply(windows)
    return feature_matrix(scaled, about.sample_rate_hz).reshape(len(windows), -1)


def probabilities_of(
    estimator: Any, features: NDArray[np.float64], about: About
) -> NDArray[np.float64]:
    """With a column for each class, also for one that the training part did not have."""
    probabilities = np.zeros((len(features), len(about.class_names)))
    probabilities[:, estimator.classes_] = estimator.predict_proba(features)
    return probabilities


def _columns(given: dict[str, Any]) -> Columns | None:
    stored = given.get("columns")
    return None if stored is None else Columns.from_dict(stored)


def _check_features(names: list[str], columns: Columns | None) -> None:
    """Refuse a classifier on features that are computed in another way by now."""
    if columns is None:
        other = tuple(names) != FEATURE_KEYS
    else:
        now = {one.key for one in CATALOGUE}
        other = tuple(names) != columns.recipe.keys or not now.issuperset(names)
    if other:
        raise TrainingError(
            "The classifier was trained on other versions of the features. Train it again."
        )


def _check_classes(classes: NDArray[np.int64], count: int) -> None:
    need(np.issubdtype(classes.dtype, np.integer) and classes.ndim == 1)
    need(bool(len(classes)) and int(classes.min()) >= 0 and int(classes.max()) < count)
    need(len(np.unique(classes)) == len(classes))
