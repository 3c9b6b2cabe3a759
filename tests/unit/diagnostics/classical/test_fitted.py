"""The file of a classifier on features: nothing is run, nothing foreign is used."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from diagnostics.classical.fitted import load_estimator
from diagnostics.classical.registry import CLASSICAL
from diagnostics.errors import TrainingError
from tests.unit.diagnostics.classical.kept import estimator_in, keep, rewrite

EVERY = pytest.mark.parametrize("name", [card.name for card in CLASSICAL])
FEW = {"random_forest": {"trees": 10}, "hist_gradient_boosting": {"rounds": 10, "leaf": 2}}


@pytest.fixture
def kept(tmp_path, name):
    return keep(tmp_path / "c.skops", name, parameters=FEW.get(name, {}))


@EVERY
def test_it_is_what_was_kept(kept, name):
    assert load_estimator(kept).about.classifier == name


@EVERY
def test_another_kind_of_model_is_refused(kept, name):
    rewrite(kept, DummyClassifier().fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(TrainingError, match="does not hold"):
        load_estimator(kept)


@EVERY
def test_an_object_without_classes_is_refused(kept, name):
    rewrite(kept, np.arange(3.0))
    with pytest.raises(TrainingError, match="does not hold"):
        load_estimator(kept)


@EVERY
def test_types_that_are_not_trusted_are_refused(kept, name):
    rewrite(kept, np.random.default_rng)
    with pytest.raises(TrainingError):
        load_estimator(kept)


@EVERY
@pytest.mark.parametrize(
    "about", [{"channels": [0, 1]}, {"class_names": ["low"]}], ids=["channels", "classes"]
)
def test_a_description_of_another_classifier_is_refused(kept, name, about):
    rewrite(kept, **about)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(kept)


@EVERY
def test_classes_that_do_not_exist_are_refused(kept, name):
    estimator = estimator_in(kept, name)
    holder = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    holder.classes_ = np.array([-5, 1])
    rewrite(kept, estimator)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(kept)


@EVERY
@pytest.mark.parametrize("other", ["cnn1d", "none of this name"])
def test_a_name_that_is_no_classifier_on_features_is_refused(kept, name, other):
    rewrite(kept, classifier=other)
    with pytest.raises(TrainingError, match="broken"):
        load_estimator(kept)


@EVERY
def test_other_versions_of_the_features_are_refused(kept, name):
    rewrite(kept, features=["rms@0"])
    with pytest.raises(TrainingError, match="other versions of the features"):
        load_estimator(kept)
