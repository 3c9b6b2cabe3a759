"""What can be asked of a method, and by what words two questions are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.explain.registry import FEATURE_METHODS, METHODS
from diagnostics.training.card import Family
from diagnostics.training.classifiers import classifier
from models import Experiment
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work

TITLES = {**{name: method.title for name, method in METHODS.items()}, **FEATURE_METHODS}
OF_FEATURES = frozenset(FEATURE_METHODS)
ZEROS, MEAN, TRAINING, HEALTHY, OWN = "zeros", "mean", "training", "healthy", "own"
BASELINES = (ZEROS, MEAN, TRAINING, HEALTHY, OWN)
HEALTHY_NAMES = frozenset({"healthy", "normal", "baseline", "good", "no fault", "undamaged", "ok"})
_PARTS = {"num_segments": 20, "domain": "time"}
_DRAWN = {"num_samples": 1000, **_PARTS}
DEFAULTS: dict[str, dict[str, Any]] = {
    "gradcam": {},
    "integrated_gradients": {"baseline": ZEROS, "steps": 50},
    "gradient_shap": {"baseline": TRAINING, "num_samples": 100},
    "deep_shap": {"baseline": TRAINING},
    "kernel_shap": {"baseline": ZEROS, **_DRAWN},
    "lime": {"baseline": ZEROS, **_DRAWN},
    "occlusion": {"baseline": ZEROS, **_PARTS},
    "tree_shap": {},
    "permutation": {},
}
RANGES = {"steps": (2, 500), "num_samples": (10, 10_000), "num_segments": (4, 200)}
CHOICES = {"baseline": BASELINES, "domain": ("time", "frequency")}


@dataclass(frozen=True)
class Asked:
    """A method with all its parameters."""

    method: str
    parameters: dict[str, Any]

    @property
    def question(self) -> str:
        """Empty for a method as it is by default, so that earlier explanations fit."""
        if self.parameters == DEFAULTS[self.method]:
            return ""
        text = json.dumps(self.parameters, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def numbers(self) -> dict[str, Any]:
        """What the method itself takes, without the choice of a baseline."""
        return {k: v for k, v in self.parameters.items() if not k.startswith("baseline")}


def asked(method: str, parameters: Mapping[str, Any] | None = None) -> Asked:
    """Parameters that were typed, checked, with defaults for the others.

    Raises
    ------
    Invalid
        If there is no such method or parameter, or a value is out of range.
    """
    if method not in DEFAULTS:
        raise Invalid(f"Expected one of the methods {', '.join(TITLES)}, got “{method}”.")
    given = dict(parameters or {})
    own = given.pop("baseline_recording_id", None)
    known = DEFAULTS[method]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Invalid(
            f"{TITLES[method]} has no parameter “{unknown[0]}”. "
            f"It has {', '.join(known) or 'none'}."
        )
    full = {**known, **{name: _checked(name, value) for name, value in given.items()}}
    if full.get("baseline") == OWN:
        if not isinstance(own, int) or isinstance(own, bool):
            raise Invalid("Say with baseline_recording_id which recording is the baseline.")
        full["baseline_recording_id"] = own
    return Asked(method, full)


def parameters_for(method: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Those of typed parameters that a method has.

    Examples
    --------
    >>> parameters_for("integrated_gradients", {"steps": 20, "num_segments": 8})
    {'steps': 20}
    """
    known = set(DEFAULTS[method])
    if "baseline" in known:
        known.add("baseline_recording_id")
    return {name: value for name, value in typed.items() if name in known}


def check_experiment(experiment_id: int, target_class: str | None, method: str) -> None:
    """See that the method fits the classifier, and the class, if one is named, is its own.

    Raises
    ------
    NotFound
        If there is no such experiment.
    Invalid
        If one of them does not fit.
    """
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}.")
        names, family = experiment.class_names, classifier(experiment.classifier).family
    if target_class is not None and target_class not in names:
        raise Invalid(f"Expected one of the classes {', '.join(names)}, got “{target_class}”.")
    of_features = method in FEATURE_METHODS
    if of_features == (family is Family.NETWORK):
        needed = "a classifier on features" if of_features else "a network"
        raise Invalid(
            f"{TITLES[method]} needs {needed}, and this experiment has another classifier. "
            f"Choose an experiment with {needed}."
        )


def methods_of(experiment: Experiment) -> list[str]:
    """The methods that fit an experiment."""
    network = classifier(experiment.classifier).family is Family.NETWORK
    return [name for name in DEFAULTS if (name in METHODS) == network]


def subject(
    experiment_id: int, recording_id: int, target_class: str | None, method: str, question: str
) -> str:
    """What a job is about, so that it is found again."""
    return f"explanation:{experiment_id}:{recording_id}:{method}:{question}:{target_class or ''}"


def _checked(name: str, value: Any) -> Any:
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise Invalid(f"Expected {name} as {', '.join(CHOICES[name])}, got “{value}”.")
        return value
    low, high = RANGES[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid(f"Expected {name} as a whole number from {low} to {high}, got {value}.")
    return value
