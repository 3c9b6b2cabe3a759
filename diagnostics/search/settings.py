"""What can be searched of a training, what a search begins with, and how a point becomes one."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.search.space import Choices, Dimension, Interval, Space, Value
from diagnostics.training.augmentation import Augmentation
from diagnostics.training.card import Card, Family, Parameter
from diagnostics.training.classifiers import trainable
from diagnostics.training.config import GroupFractions, TrainingConfig

OF_PARAMETERS, OF_AUGMENTATION = "parameters.", "augmentation."
# Beside them, the data and its parts are the same for all trials, or they could not be compared.
SETTINGS = (
    *("window", "hop", "normalisation", "epochs", "batch_size", "optimiser", "learning_rate"),
    *("weight_decay", "schedule", "patience", "gradient_clip", "class_weights", "warmup_epochs"),
    *("loss", "focal_gamma", "label_smoothing", "draw"),
)
# Noise has two bounds, of which a point names each by itself.
NOISE = "noise_snr_db"
NOISE_LOW, NOISE_HIGH = "noise_low_db", "noise_high_db"
_NOISE_BOUNDS = (f"{OF_AUGMENTATION}{NOISE_LOW}", f"{OF_AUGMENTATION}{NOISE_HIGH}")
CHANGES = (
    *(one.name for one in fields(Augmentation) if one.name != NOISE),
    *(NOISE_LOW, NOISE_HIGH),
)
# How far a parameter is searched around its usual value, and whether by its logarithm.
_AROUND = 4.0


def default_space(classifier: str) -> Space:
    """What is worth searching first of a classifier.

    Parameters are searched from a fourth to four times their usual value, within their bounds.

    Raises
    ------
    TrainingError
        If no training makes such a classifier.

    Examples
    --------
    >>> sorted(default_space("svm").to_dict())
    ['parameters.gamma', 'parameters.penalty']
    """
    card = trainable(classifier)
    own = tuple(_around(parameter) for parameter in card.parameters)
    if card.family is not Family.NETWORK:
        return Space(own)
    training: tuple[Dimension, ...] = (
        Interval("learning_rate", 1e-4, 1e-2, log=True),
        Interval("weight_decay", 1e-4, 1e-1, log=True),
        Choices("batch_size", (16, 32, 64, 128)),
        Choices("loss", ("cross_entropy", "focal")),
        Interval("focal_gamma", 0.5, 4.0, when={"loss": ("focal",)}),
        Interval("augmentation.shift", 0.0, 0.5),
    )
    return Space((*training, *own))


def known_settings(card: Card) -> tuple[str, ...]:
    """Names that a space for a classifier may have."""
    parameters = tuple(f"{OF_PARAMETERS}{one.name}" for one in card.parameters)
    if card.family is Family.CLASSICAL:
        return ("window", "hop", "normalisation", "class_weights", *parameters)
    return (*SETTINGS, *(f"{OF_AUGMENTATION}{name}" for name in CHANGES), *parameters)


def check_space(space: Space, base: TrainingConfig) -> None:
    """See that every bound and choice is one that a training can have.

    Raises
    ------
    TrainingError
        If a name is unknown, or a bound or choice is out of bounds; the sentence says which.
    """
    known = known_settings(base.card)
    for dimension in space.dimensions:
        if dimension.name not in known:
            raise TrainingError(
                f"“{dimension.name}” is nothing that can be searched for {base.card.title}."
                f" There are {', '.join(known)}."
            )
    for dimension in space.dimensions:
        for value in dimension.corners():
            chosen = {name: wanted[0] for name, wanted in dimension.when.items()}
            try:
                apply_point(base, {**chosen, dimension.name: value})
            except TrainingError as error:
                raise TrainingError(f"“{dimension.name}” at {value!r}: {error}") from error


def apply_point(base: TrainingConfig, params: Mapping[str, Value]) -> TrainingConfig:
    """The training of a point; where the window is searched, its hop keeps their ratio.

    Of the two bounds of noise the lower one is the lowest ratio, whichever is called so; where
    one of them is not searched, it is that of ``base``, or the other one; where one is None, no
    noise is added.

    Raises
    ------
    TrainingError
        If the point asks for something that no training does.

    Examples
    --------
    >>> base = TrainingConfig(GroupFractions(), window=2048, hop=1024)
    >>> made = apply_point(base, {"window": 4096, "parameters.width": 8})
    >>> made.window, made.hop, made.parameters["width"]
    (4096, 2048, 8)
    """
    plain: dict[str, Any] = base.to_dict()
    for name, value in params.items():
        if name.startswith(OF_PARAMETERS):
            plain["parameters"][name.removeprefix(OF_PARAMETERS)] = value
        elif name in _NOISE_BOUNDS:
            continue
        elif name.startswith(OF_AUGMENTATION):
            plain["augmentation"][name.removeprefix(OF_AUGMENTATION)] = value
        else:
            plain[name] = value
    if any(name in params for name in _NOISE_BOUNDS):
        plain["augmentation"][NOISE] = _noise(base, params)
    if "window" in params and "hop" not in params:
        plain["hop"] = max(1, round(base.hop * int(plain["window"]) / base.window))
    return TrainingConfig.from_dict(plain)


def _noise(base: TrainingConfig, params: Mapping[str, Value]) -> list[Value]:
    usual = base.augmentation.noise_snr_db or (...,) * len(_NOISE_BOUNDS)
    bounds: list[Any] = [
        params.get(name, one) for name, one in zip(_NOISE_BOUNDS, usual, strict=True)
    ]
    if None in bounds:
        return []
    given = [one for one in bounds if one is not ...]
    return [min(given), max(given)]


def suggested_dimension(classifier: str, name: str) -> Dimension:
    """What a search over one more setting could begin with.

    Raises
    ------
    TrainingError
        If no training makes such a classifier, or it has no such setting.

    Examples
    --------
    >>> suggested_dimension("cnn1d", "optimiser").to_dict()["choices"]
    ['adamw', 'adam', 'sgd']
    """
    card = trainable(classifier)
    if name not in known_settings(card):
        raise TrainingError(f"“{name}” is nothing that can be searched for {card.title}.")
    for one in default_space(classifier).dimensions:
        if one.name == name:
            return replace(one, when={})
    if name in _NOISE_BOUNDS:
        return Interval(name, 0.0, 20.0) if name == _NOISE_BOUNDS[0] else Interval(name, 20.0, 40.0)
    if name.startswith(OF_AUGMENTATION):
        return Interval(name, 0.0, 6.0 if name.endswith("gain_db") else 0.5)
    usual = getattr(usual_config(classifier), name)
    if name == "hop":  # beyond the window nothing is gained
        return Interval(name, usual // 4, usual, whole=True)
    if isinstance(usual, enum.Enum):
        return Choices(name, tuple(one.value for one in type(usual)))
    if isinstance(usual, int):
        return Interval(name, max(1, usual // 2), max(4, usual * 2), whole=True)
    usual = float(usual or 0.0)
    return Interval(name, usual / 2, usual * 2) if usual else Interval(name, 0.0, 0.2)


def usual_config(classifier: str, **changes: Any) -> TrainingConfig:
    """What all trials have, unless a person says otherwise.

    Examples
    --------
    >>> usual_config("cnn1d").window
    2048
    """
    made = TrainingConfig(GroupFractions(), classifier=trainable(classifier).name)
    return replace(made, **changes)


def _around(parameter: Parameter) -> Dimension:
    """Bounds around the usual value of a parameter."""
    name, usual = f"{OF_PARAMETERS}{parameter.name}", parameter.default
    low, high = parameter.minimum, parameter.maximum
    if usual == 0:  # which stands for something of its own, such as “no limit”
        top = min(high, 20 if parameter.whole else 1.0)
        return Interval(name, low, top, whole=parameter.whole)
    if low > 0 and high / low >= 1e6:
        return Interval(name, max(low, usual / 100), min(high, usual * 100), log=True)
    if low == 0 and high <= 1:  # a share
        return Interval(name, low, min(high, 0.6), whole=parameter.whole)
    low, high = max(low, usual / _AROUND), min(high, usual * _AROUND)
    if parameter.whole:
        low, high = math.ceil(low), math.floor(high)
    return Interval(name, low, high, log=low > 0 and high / low > 10, whole=parameter.whole)
