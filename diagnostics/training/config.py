"""What one training is asked to do: every choice in one checked, immutable value.

The same value comes from the wizard, from a pasted JSON text and from the command line,
and is kept with the experiment, so that it can be repeated.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.features.batch import SHORTEST
from diagnostics.features.config import LONGEST
from diagnostics.training.augmentation import Augmentation
from diagnostics.training.card import Card, Family, is_number
from diagnostics.training.classifiers import classifier

SHORTEST_WINDOW = 1024
LONGEST_WINDOW = 1_048_576
MOST_FOLDS = 50
# What is said of a vote; all other settings are its members' own.
OF_VOTES = frozenset({"split", "target", "classes", "group_by", "channels", "classifier"})


class Normalisation(enum.StrEnum):
    WINDOW = "window"
    TRAINING = "training"


class Optimiser(enum.StrEnum):
    ADAMW = "adamw"
    ADAM = "adam"
    SGD = "sgd"


class Schedule(enum.StrEnum):
    COSINE = "cosine"
    ONE_CYCLE = "one_cycle"
    PLATEAU = "plateau"
    STEP = "step"
    NONE = "none"


class ClassWeights(enum.StrEnum):
    BALANCED = "balanced"
    SAMPLED = "sampled"
    NONE = "none"


class Loss(enum.StrEnum):
    CROSS_ENTROPY = "cross_entropy"
    FOCAL = "focal"


class Precision(enum.StrEnum):
    MIXED = "mixed"
    FULL = "full"


class Draw(enum.StrEnum):
    ALL = "all"
    ONE_EACH = "one_each"


@dataclass(frozen=True)
class HeldOutGroups:
    """Named groups for validation and for the test; all others are for training."""

    test: tuple[str, ...]
    validation: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.test:
            raise TrainingError("Name at least one group for the test part.")
        both = sorted(set(self.test) & set(self.validation))
        if both:
            raise TrainingError(
                f"Group “{both[0]}” is named for validation and for the test. One group on two"
                " sides would make the result look better than it is: name it once."
            )


@dataclass(frozen=True)
class GroupFractions:
    """Shares of the groups, drawn by a seed; what is left is for training."""

    test: float = 0.2
    validation: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        _check_shares(self.test, self.validation, self.seed, "groups")


@dataclass(frozen=True)
class RandomWindows:
    """Shares of the windows, drawn by a seed from all recordings alike: a known leak.

    Windows of one recording lie on every side, so the test asks for what was learned. It is
    there to show how much better that looks, never to judge a classifier.
    """

    test: float = 0.2
    validation: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        _check_shares(self.test, self.validation, self.seed, "windows")


@dataclass(frozen=True)
class GroupFolds:
    """Groups are dealt out to folds, each of which is the test once.

    ``fold`` says which one it is here, from 1; 0 stands for one training after the other, each
    with another fold. ``validation`` is the share of the other groups.
    """

    folds: int = 5
    validation: float = 0.2
    seed: int = 0
    fold: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.folds <= MOST_FOLDS:
            raise TrainingError(f"There must be 2 to {MOST_FOLDS} folds, got {self.folds}.")
        if not 0 <= self.fold <= self.folds:
            raise TrainingError(
                f"The fold must be from 1 to {self.folds}, or 0 for all of them, got {self.fold}."
            )
        if not 0 <= self.validation < 1:
            raise TrainingError(
                f"The validation share must be from 0 to below 1, got {self.validation:g}."
            )
        if self.seed < 0:
            raise TrainingError(f"The seed of the folds must be 0 or more, got {self.seed}.")


SplitChoice = HeldOutGroups | GroupFractions | GroupFolds | RandomWindows


def _check_shares(test: float, validation: float, seed: int, of: str) -> None:
    for name, share in (("test", test), ("validation", validation)):
        if not 0 <= share < 1:
            raise TrainingError(f"The {name} share must be from 0 to below 1, got {share:g}.")
    if test == 0:
        raise TrainingError("The test share must be above 0.")
    if test + validation >= 1:
        raise TrainingError(
            f"Test and validation take {test + validation:g} of all {of}."
            " Leave some for training: together they must stay below 1."
        )
    if seed < 0:
        raise TrainingError(f"The seed of the split must be 0 or more, got {seed}.")


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides how a training goes.

    Parameters
    ----------
    split : HeldOutGroups, GroupFractions, GroupFolds or RandomWindows
        Which groups are kept away from training; random windows leak, and say so.
    target : str
        What is to be told apart: ``label``, or the name of an attribute of the recordings.
    classes : tuple of str
        Only these values of the target; empty means all there are.
    group_by : str
        What must never be on both sides of the split: ``bearing``, ``machine``,
        ``recording``, or the name of an attribute.
    channels : tuple of int
        Positions of the channels that the classifier sees, from 0.
    sample_rate_hz : float or None
        Rate to which every recording is brought; None keeps the one rate they share.
    window, hop : int
        Samples in a window, and from the start of one to the start of the next.
    normalisation : Normalisation
        ``window``: each window and channel to mean 0 and deviation 1, which takes the level
        of vibration away; ``training``: by mean and deviation of the training part, which
        keeps it.
    feature_set : str
        Content hash of a stored feature set, of whose columns a classical classifier learns;
        empty: basic features of each window, computed anew. Window, hop and channel are then
        those of the set, and columns are normalised by the training part.
    classifier : str
        Name in the registry.
    parameters : dict
        Of the classifier; missing ones get their defaults.
    epochs, batch_size, optimiser, learning_rate, weight_decay, schedule : numbers and names
        How a network is trained; a classical classifier does not use them.
    patience : int
        Epochs without a lower validation loss after which training ends; 0 trains to the last.
    plateau_epochs : int
        Epochs without a loss that is lower by half a percent, after which the owner is told; the
        training goes on. 0 tells nothing.
    gradient_clip : float
        Greatest norm of the gradients; 0 leaves them.
    class_weights : ClassWeights
        ``balanced`` gives rare classes more weight in the loss, ``sampled`` draws their
        windows more often instead.
    warmup_epochs : int
        Epochs over which the learning rate rises from a tenth to its value, before the
        schedule begins; not with ``one_cycle``, which rises by itself, nor ``plateau``.
    loss : Loss
        ``focal`` lets what is already told well count less, by ``focal_gamma``.
    label_smoothing : float
        Part of each label that is spread over all classes, 0 to 0.5.
    draw : Draw
        ``all``: every window in every epoch; ``one_each``: one window of each recording,
        beginning anywhere, other ones in each epoch. Many long recordings are trained on in
        reasonable time so.
    augmentation : Augmentation
        What is changed in training windows.
    precision : Precision
        On a GPU: ``mixed`` computes in bfloat16 where that is safe. The processor always
        computes in single precision.
    seed : int
        Of first weights, order of windows and dropout.

    Raises
    ------
    TrainingError
        If a value is of the wrong kind, out of bounds, or does not fit another one.

    Examples
    --------
    >>> config = TrainingConfig(HeldOutGroups(test=("3",)), group_by="load_hp", patience=0)
    >>> config.classifier, config.window
    ('cnn1d', 2048)
    """

    split: SplitChoice
    target: str = "label"
    classes: tuple[str, ...] = ()
    group_by: str = "bearing"
    channels: tuple[int, ...] = (0,)
    sample_rate_hz: float | None = None
    window: int = 2048
    hop: int = 2048
    normalisation: Normalisation = Normalisation.WINDOW
    classifier: str = "cnn1d"
    parameters: dict[str, Any] = field(default_factory=dict)
    epochs: int = 30
    batch_size: int = 64
    optimiser: Optimiser = Optimiser.ADAMW
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    schedule: Schedule = Schedule.COSINE
    patience: int = 8
    gradient_clip: float = 1.0
    class_weights: ClassWeights = ClassWeights.BALANCED
    warmup_epochs: int = 0
    loss: Loss = Loss.CROSS_ENTROPY
    focal_gamma: float = 2.0
    label_smoothing: float = 0.0
    draw: Draw = Draw.ALL
    augmentation: Augmentation = field(default_factory=Augmentation)
    plateau_epochs: int = 10
    feature_set: str = ""
    precision: Precision = Precision.MIXED
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", self.card.check(self.parameters))
        of_set = bool(self.feature_set) or self.card.family is Family.ENSEMBLE
        for name, title, low, high in _BOUNDS:
            least, most = _OF_SETS.get(name, (low, high)) if of_set else (low, high)
            _within(getattr(self, name), title, least, most)
        _check_names(self)
        if self.hop > self.window:
            raise TrainingError(
                f"The hop of {self.hop} samples is longer than the window of {self.window}:"
                " samples between the windows would never be used."
            )
        _CHECKS[self.card.family](self)

    @property
    def card(self) -> Card:
        return classifier(self.classifier)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; :meth:`from_dict` gives an equal config back."""
        plain = asdict(self)
        plain["split"] = {"by": _SPLIT_NAMES[type(self.split)], **asdict(self.split)}
        return {name: _plain(value) for name, value in plain.items()}

    @staticmethod
    def from_dict(given: Mapping[str, Any]) -> TrainingConfig:
        """The config that plain values describe; missing ones get their defaults.

        Raises
        ------
        TrainingError
            If a key is unknown, the split is missing or a value is wrong.

        Examples
        --------
        >>> config = TrainingConfig.from_dict({"split": {"by": "fractions", "test": 0.3}})
        >>> TrainingConfig.from_dict(config.to_dict()) == config
        True
        """
        if not isinstance(given, Mapping):
            raise TrainingError("The configuration must be a JSON object: {…}.")
        if "split" not in given:
            raise TrainingError(
                "The configuration lacks “split”: say which groups are held out, such as"
                ' {"by": "groups", "validation": ["2"], "test": ["3"]}.'
            )
        values = _read(TrainingConfig, {k: v for k, v in given.items() if k != "split"})
        return TrainingConfig(split=_read_split(given["split"]), **values)


_SPLIT_NAMES: dict[type, str] = {
    HeldOutGroups: "groups",
    GroupFractions: "fractions",
    RandomWindows: "windows",
    GroupFolds: "folds",
}
_BOUNDS: tuple[tuple[str, str, float, float], ...] = (
    ("window", "window", SHORTEST_WINDOW, LONGEST_WINDOW),
    ("hop", "hop", 1, LONGEST_WINDOW),
    ("epochs", "number of epochs", 1, 10_000),
    ("batch_size", "batch size", 1, 4096),
    ("learning_rate", "learning rate", 1e-8, 10.0),
    ("weight_decay", "weight decay", 0.0, 1.0),
    ("patience", "patience", 0, 10_000),
    ("plateau_epochs", "number of epochs without progress", 0, 10_000),
    ("gradient_clip", "gradient clip", 0.0, 1e6),
    ("warmup_epochs", "number of warm-up epochs", 0, 1_000),
    ("focal_gamma", "focus of the loss", 0.0, 10.0),
    ("label_smoothing", "label smoothing", 0.0, 0.5),
    ("seed", "seed", 0, 2**31 - 1),
)


# Windows of feature sets are bounded where these are extracted, and a vote has those of a member.
_OF_SETS = {"window": (SHORTEST, LONGEST), "hop": (1, LONGEST)}


def _within(value: float, title: str, low: float, high: float) -> None:
    if not low <= value <= high:
        raise TrainingError(f"The {title} must be from {low:g} to {high:g}, got {value:g}.")


def _check_names(config: TrainingConfig) -> None:
    for title, name in (("target", config.target), ("group", config.group_by)):
        if not name.strip():
            raise TrainingError(f"The {title} must be named, got an empty text.")
    if config.target == config.group_by:
        raise TrainingError(
            f"“{config.target}” cannot be the target and the group: the classes of the test"
            " would be unknown in training."
        )
    if not config.channels or len(set(config.channels)) < len(config.channels):
        raise TrainingError("Choose one or more different channels.")
    if min(config.channels) < 0:
        raise TrainingError("Channels are counted from 0.")
    if len(config.classes) == 1:
        raise TrainingError("Choose at least two classes, or none to take all.")
    rate = config.sample_rate_hz
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise TrainingError(f"The sampling rate must be above 0 Hz, got {rate:g} Hz.")


def _has_validation(split: SplitChoice) -> bool:
    return bool(split.validation)


def _check_network(config: TrainingConfig) -> None:
    if config.feature_set:
        raise TrainingError(
            "A network looks at waveforms and not at a feature set. Choose a classifier on"
            " features, or no feature set."
        )
    if not _has_validation(config.split):
        _check_without_validation(config)
    if config.warmup_epochs and config.schedule in (Schedule.ONE_CYCLE, Schedule.PLATEAU):
        raise TrainingError(
            "A warm-up goes before the cosine, the steps or a constant rate. Choose one of these"
            " schedules, or no warm-up."
        )
    if config.warmup_epochs >= config.epochs:
        raise TrainingError(
            f"A warm-up of {config.warmup_epochs} epochs leaves nothing of {config.epochs}."
        )
    if config.augmentation.gain_db and config.normalisation is Normalisation.WINDOW:
        raise TrainingError(
            "A gain has no effect where each window is normalised by itself. Normalise by the"
            " training part, or leave the gain at 0 dB."
        )


def _check_classical(config: TrainingConfig) -> None:
    if config.feature_set:
        _check_feature_set(config)
    if config.class_weights is ClassWeights.SAMPLED:
        raise TrainingError(
            "This classifier sees all windows at once, so none can be drawn more often. Choose"
            " balanced class weights."
        )
    if config.draw is Draw.ONE_EACH or not config.augmentation.is_idle:
        raise TrainingError(
            "This classifier has no epochs in which windows could be drawn or changed anew."
            " Take all windows, and leave augmentation out."
        )


def _check_feature_set(config: TrainingConfig) -> None:
    if config.normalisation is not Normalisation.TRAINING:
        raise TrainingError(
            "The columns of a feature set are normalised by the training part, not by window."
        )
    if len(config.channels) > 1 or config.sample_rate_hz is not None:
        raise TrainingError(
            "A feature set is of one channel, at the rate at which it was recorded. Leave"
            " channels and sampling rate out."
        )


def _check_nothing(_config: TrainingConfig) -> None:
    """The members of an ensemble were checked when they were trained."""


_CHECKS = {
    Family.NETWORK: _check_network,
    Family.CLASSICAL: _check_classical,
    Family.ENSEMBLE: _check_nothing,
}


def _check_without_validation(config: TrainingConfig) -> None:
    if config.patience:
        raise TrainingError(
            "Early stopping looks at the validation part, and there is none. Hold groups out"
            " for validation, or set the patience to 0."
        )
    if config.schedule is Schedule.PLATEAU:
        raise TrainingError(
            "The plateau schedule looks at the validation part, and there is none. Hold groups"
            " out for validation, or choose another schedule."
        )


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _read_split(given: Any) -> SplitChoice:
    if not isinstance(given, Mapping) or given.get("by") not in _SPLIT_NAMES.values():
        raise TrainingError(
            '“split” must be an object with "by": "groups", "fractions" or "folds", or "windows"'
            " for a comparison that is known to leak."
        )
    kind = next(kind for kind, name in _SPLIT_NAMES.items() if name == given["by"])
    values = _read(kind, {key: value for key, value in given.items() if key != "by"})
    try:
        split: SplitChoice = kind(**values)
    except TypeError as error:
        raise TrainingError("“split” lacks “test”: name the groups to hold out.") from error
    return split


def _read(kind: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values in the types of the dataclass, unknown keys refused."""
    readers = {f.name: _READERS[str(f.type)] for f in fields(kind) if str(f.type) in _READERS}
    unknown = sorted(str(key) for key in given if key not in readers)
    if unknown:
        raise TrainingError(
            f"The configuration has an unknown entry “{unknown[0]}”. Known are"
            f" {', '.join(readers)}."
        )
    return {key: readers[key](key, value) for key, value in given.items()}


def _got(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TrainingError(f"“{key}” must be a text, got {_got(value)}.")
    return value


def _named(key: str, value: Any) -> str:
    """A group or class; one that looks like a number may be written as one."""
    return f"{value:.15g}" if is_number(value) else _text(key, value)


def _whole(key: str, value: Any) -> int:
    whole = is_number(value) and (isinstance(value, int) or value.is_integer())
    if not whole:
        raise TrainingError(f"“{key}” must be a whole number, got {_got(value)}.")
    return int(value)


def _number(key: str, value: Any) -> float:
    if not is_number(value):
        raise TrainingError(f"“{key}” must be a number, got {_got(value)}.")
    return float(value)


def _list(key: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TrainingError(f"“{key}” must be a list, got {_got(value)}.")
    return list(value)


def _one_of(kind: type[enum.StrEnum]) -> Any:
    def read(key: str, value: Any) -> enum.StrEnum:
        if value not in list(kind):
            raise TrainingError(f"“{key}” must be one of {', '.join(kind)}, got {_got(value)}.")
        return kind(value)

    return read


def _dictionary(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TrainingError(f"“{key}” must be an object, got {_got(value)}.")
    return dict(value)


_READERS: dict[str, Any] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "float | None": lambda key, value: None if value is None else _number(key, value),
    "tuple[str, ...]": lambda key, value: tuple(_named(key, item) for item in _list(key, value)),
    "tuple[int, ...]": lambda key, value: tuple(_whole(key, item) for item in _list(key, value)),
    "dict[str, Any]": _dictionary,
    "tuple[float, ...]": lambda key, value: tuple(_number(key, item) for item in _list(key, value)),
    "Augmentation": lambda key, value: Augmentation(**_read(Augmentation, _dictionary(key, value))),
    **{
        kind.__name__: _one_of(kind)
        for kind in (Normalisation, Optimiser, Schedule, ClassWeights, Loss, Draw, Precision)
    },
}
