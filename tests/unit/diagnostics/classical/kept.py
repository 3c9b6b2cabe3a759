"""Classifiers that were fitted to the toy problem, and their files taken apart."""

from __future__ import annotations

import json
import zipfile

import skops.io

from diagnostics.classical.fit import fit
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import ClassWeights, GroupFractions, Normalisation, TrainingConfig
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows


def config(name, **given):
    return TrainingConfig(
        GroupFractions(),
        **{
            "classifier": name,
            "window": 1024,
            "hop": 512,
            "normalisation": Normalisation.TRAINING,
            "class_weights": ClassWeights.NONE,
            "seed": 3,
            **given,
        },
    )


def keep(path, name, class_names=CLASSES, **given):
    fit(config(name, **given), class_names, toy_windows(0)).save(path)
    return path


def estimator_in(path, name):
    with zipfile.ZipFile(path) as file:
        content = file.read("estimator.skops")
    return skops.io.loads(content, trusted=list(classifier(name).load().TRUSTED))


def rewrite(path, estimator=None, member="estimator.skops", **about):
    """Write the file anew with another estimator, or with another description."""
    with zipfile.ZipFile(path) as file:
        kept = json.loads(file.read("about.json"))
        content = file.read("estimator.skops") if estimator is None else skops.io.dumps(estimator)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("about.json", json.dumps({**kept, **about}))
        file.writestr(member, content)
