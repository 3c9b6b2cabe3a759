"""What an experiment was asked to do, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from diagnostics.training.card import Card, Family
from diagnostics.training.classifiers import NAMED
from layouts.components.architecture import architecture_picture
from layouts.components.disclosure import disclosure
from layouts.components.links import page_link
from layouts.components.quantities import count, quantity

CARDS: dict[str, Card] = {card.name: card for card in NAMED}
NORMALISATIONS = {
    "window": "by window: each to mean 0 and deviation 1",
    "training": "by mean and deviation of the training part",
}
OPTIMISERS = {"adamw": "AdamW", "adam": "Adam", "sgd": "SGD with momentum"}
SCHEDULES = {
    "cosine": "cosine",
    "one_cycle": "one cycle",
    "plateau": "halved on a plateau",
    "step": "a tenth after each third",
    "none": "constant",
}
CLASS_WEIGHTS = {
    "balanced": "balanced in the loss",
    "sampled": "balanced by drawing",
    "none": "all windows alike",
}
LOSSES = {"cross_entropy": "cross-entropy", "focal": "focal"}
DRAWS = {
    "all": "every window in each epoch",
    "one_each": "one window of each recording, drawn anew in each epoch",
}
PRECISIONS = {"mixed": "mixed with bfloat16, where the GPU has it", "full": "single precision"}
Values = Mapping[str, Any]


def settings_list(experiment: Values) -> list[tuple[str, Any]]:
    """Names and values of all that matters for the classifier at hand."""
    config, split = experiment["config"], experiment["split"]
    card = CARDS[config["classifier"]]
    if card.family is Family.ENSEMBLE:
        return _vote_rows(experiment)
    rows: list[tuple[str, Any]] = [
        ("Target", f"{config['target']}: {', '.join(experiment['class_names'])}"),
        ("Split", split_text(config)),
        *feature_rows(experiment),
        ("Windows", window_text(config, split["sample_rate_hz"])),
        ("Channels", channels_text(config)),
        ("Normalisation", normalisation_text(config)),
        ("Classifier", classifier_text(config)),
        *_written_rows(config),
        ("Class weights", CLASS_WEIGHTS[config["class_weights"]]),
        ("Seed", str(config["seed"])),
    ]
    if card.family is Family.NETWORK:
        rows += training_rows(config)
    if experiment["parameter_count"]:
        rows.append(("Learned numbers", count(experiment["parameter_count"])))
    return rows


def feature_rows(experiment: Values) -> list[tuple[str, Any]]:
    """The feature set that is learned from, and its columns with their versions."""
    used = experiment.get("feature_set")
    if used is None:
        return []
    title = f"{used['name']}, version {used['number']}"
    named: Any = title
    if used["feature_set_id"] is not None:
        named = page_link(title, f"/features/{used['feature_set_id']}")
    told = "" if used["feature_set_id"] else " (deleted; its columns and numbers are kept here)"
    return [("Feature set", [named, told]), ("Columns", feature_columns(used["features"]))]


def feature_columns(names: Sequence[str]) -> Component:
    """How many there are; opened, their names with the versions of their definitions."""
    listed = html.P([part for name in names for part in (html.Code(name), " ")])
    return disclosure(f"{count(len(names))} features", listed)


def normalisation_text(config: Values) -> str:
    if config["feature_set"]:
        return "columns by median, mean and deviation of the training part"
    return NORMALISATIONS[config["normalisation"]]


def _vote_rows(experiment: Values) -> list[tuple[str, Any]]:
    """A vote has little of its own; the rest is with its members."""
    config = experiment["config"]
    rows: list[tuple[str, Any]] = [
        ("Target", f"{config['target']}: {', '.join(experiment['class_names'])}"),
        ("Tested on", f"{config['group_by']} {', '.join(config['split']['test'])}"),
        ("Channels", channels_text(config)),
        ("Classifier", html.Strong(CARDS[config["classifier"]].title)),
    ]
    if experiment["parameter_count"]:
        rows.append(("Learned numbers of all members", count(experiment["parameter_count"])))
    return rows


def training_rows(config: Values) -> list[tuple[str, Any]]:
    """How a network is trained."""
    stop = f"after {config['patience']} epochs without a lower validation loss"
    return [
        ("Epochs", f"at most {config['epochs']}" if config["patience"] else str(config["epochs"])),
        ("Early stop", stop if config["patience"] else "none"),
        ("Notice", plateau_text(config["plateau_epochs"])),
        ("Batch", f"{config['batch_size']} windows"),
        (
            "Optimiser",
            f"{OPTIMISERS[config['optimiser']]}, learning rate {config['learning_rate']:g}"
            f" ({schedule_text(config)}), weight decay {config['weight_decay']:g}",
        ),
        ("Gradients", clip_text(config["gradient_clip"])),
        ("Loss", loss_text(config)),
        ("Windows seen", DRAWS[config["draw"]]),
        ("On a GPU", PRECISIONS[config["precision"]]),
        ("Changed in training", augmentation_text(config["augmentation"])),
    ]


def split_text(config: Values) -> str:
    """Which groups are held out, or how they are drawn."""
    split = config["split"]
    if split["by"] == "fractions":
        return (
            f"by {config['group_by']}: {100 * split['test']:.0f} % of the groups for the test,"
            f" {100 * split['validation']:.0f} % for validation, drawn with seed {split['seed']}"
        )
    if split["by"] == "windows":
        return (
            f"random windows, a known leak: {100 * split['test']:.0f} % for the test,"
            f" {100 * split['validation']:.0f} % for validation, drawn with seed {split['seed']}"
        )
    if split["by"] == "folds":
        which = f"fold {split['fold']} of {split['folds']}" if split["fold"] else "each fold"
        return (
            f"by {config['group_by']}: {split['folds']} folds drawn with seed {split['seed']};"
            f" {which} is the test, {100 * split['validation']:.0f} % of the other groups for"
            " validation"
        )
    validation = ", ".join(split["validation"]) or "none"
    return (
        f"by {config['group_by']}: test {', '.join(split['test'])}; validation {validation};"
        " all others for training"
    )


def split_by(experiment: Values) -> str:
    """What the split keeps on one side, in a word; also of a repeated experiment."""
    if experiment["random_windows"]:
        return "random windows (known leak, for comparison only)"
    return str(experiment["group_by"])


def window_text(config: Values, sample_rate_hz: float) -> str:
    """Length and hop in samples and in seconds."""
    window, hop = config["window"], config["hop"]
    return (
        f"{count(window)} samples at {quantity(sample_rate_hz, 'Hz')}"
        f" ({quantity(window / sample_rate_hz, 's', 3)}), a new one every {count(hop)} samples"
    )


def classifier_text(config: Values) -> Any:
    card = CARDS[config["classifier"]]
    chosen = [
        f"{parameter.title.lower()} {config['parameters'][parameter.name]:g}"
        for parameter in card.parameters
    ]
    return [html.Strong(card.title), f": {', '.join(chosen)}"]


def _written_rows(config: Values) -> list[tuple[str, Any]]:
    """The architecture of a network from parts: its picture, and the line to copy."""
    return [
        (text.title, html.Div([architecture_picture(line), html.Code(line)]))
        for text in CARDS[config["classifier"]].texts
        if (line := config["parameters"][text.name])
    ]


def clip_text(norm: float) -> str:
    return f"clipped to a norm of {norm:g}" if norm else "not clipped"


def plateau_text(epochs: int) -> str:
    """When a plateau is told of.

    Examples
    --------
    >>> plateau_text(10), plateau_text(0)
    ('after 10 epochs without progress', 'none')
    """
    return f"after {epochs} epochs without progress" if epochs else "none"


def schedule_text(config: Values) -> str:
    """How the rate changes over the epochs.

    Examples
    --------
    >>> schedule_text({"schedule": "step", "warmup_epochs": 3})
    'a tenth after each third, after 3 epochs of warm-up'
    """
    warmup = config["warmup_epochs"]
    after = f", after {warmup} epoch{'s' if warmup > 1 else ''} of warm-up" if warmup else ""
    return f"{SCHEDULES[config['schedule']]}{after}"


def loss_text(config: Values) -> str:
    """The loss, with what it is set by.

    Examples
    --------
    >>> loss_text({"loss": "focal", "focal_gamma": 2.0, "label_smoothing": 0.1})
    'focal with a focus of 2, labels smoothed by 0.1'
    """
    focus = f" with a focus of {config['focal_gamma']:g}" if config["loss"] == "focal" else ""
    smoothing = config["label_smoothing"]
    smoothed = f", labels smoothed by {smoothing:g}" if smoothing else ""
    return f"{LOSSES[config['loss']]}{focus}{smoothed}"


def augmentation_text(chosen: Values) -> str:
    """What is changed in training windows, with its units.

    Examples
    --------
    >>> nothing = {"noise_snr_db": [], "gain_db": 0, "shift": 0, "polarity": 0, "mask": 0}
    >>> augmentation_text({**nothing, "mixup": 0})
    'nothing'
    >>> augmentation_text({**nothing, "noise_snr_db": [10, 30], "shift": 0.1, "mixup": 0.2})
    'noise of 10 to 30 dB SNR, shift up to 10 % of the window, mixup 0.2'
    """
    noise = chosen["noise_snr_db"]
    parts = [
        f"noise of {noise[0]:g} to {noise[1]:g} dB SNR" if noise else "",
        f"gain of ±{chosen['gain_db']:g} dB" if chosen["gain_db"] else "",
        f"shift up to {100 * chosen['shift']:g} % of the window" if chosen["shift"] else "",
        f"polarity in {100 * chosen['polarity']:g} %" if chosen["polarity"] else "",
        f"up to {100 * chosen['mask']:g} % masked" if chosen["mask"] else "",
        f"mixup {chosen['mixup']:g}" if chosen["mixup"] else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing"


def channels_text(config: Mapping[str, Any]) -> str:
    """Which channels the classifier reads, by their places in a recording.

    Examples
    --------
    >>> channels_text({"channels": [0, 2]})
    '0, 2 (counted from 0)'
    """
    return f"{', '.join(str(number) for number in config['channels'])} (counted from 0)"
