"""Go on with a training that has ended, for some more epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.training.card import Family
from diagnostics.training.config import Schedule, TrainingConfig
from diagnostics.training.history import EpochRecord

# Checkpoints are read in the functions: the web asks for the configuration only.


def continued_config(
    config: TrainingConfig, done: int, epochs: int, learning_rate: float
) -> TrainingConfig:
    """The config of a training that goes on after ``done`` epochs for so many more.

    The learning rate stays the same from now on, since the schedule has come to its end; one that
    follows the validation loss goes on. No early stop: as many epochs are trained as were asked.

    Raises
    ------
    TrainingError
        If the classifier has no epochs, or a number is out of bounds.

    Examples
    --------
    >>> from diagnostics.training.config import GroupFractions
    >>> more = continued_config(TrainingConfig(GroupFractions()), 30, 5, 1e-4)
    >>> more.epochs, more.patience, more.schedule.value
    (35, 0, 'none')
    """
    if config.card.family is not Family.NETWORK:
        raise TrainingError(
            f"{config.card.title} learns at once and has no epochs to go on with. Make a new"
            " experiment with other parameters instead."
        )
    if epochs < 1:
        raise TrainingError(f"Go on for 1 epoch or more, got {epochs}.")
    kept = config.schedule if config.schedule is Schedule.PLATEAU else Schedule.NONE
    return replace(
        config,
        epochs=done + epochs,
        patience=0,
        warmup_epochs=0,
        schedule=kept,
        learning_rate=learning_rate,
    )


def usual_rate(config: TrainingConfig) -> float:
    """A learning rate to go on with: a tenth, since the weights are near where they end.

    Examples
    --------
    >>> from diagnostics.training.config import GroupFractions
    >>> usual_rate(TrainingConfig(GroupFractions(), learning_rate=0.01))
    0.001
    """
    return max(config.learning_rate / 10, 1e-8)


def continue_state(config: TrainingConfig, state: Path, target: Path) -> None:
    """Write the checkpoint from which a training goes on, out of that of one that has ended.

    Weights, history, the best epoch, the state of the optimiser and of the random generator stay.

    Raises
    ------
    TrainingError
        If the file is broken.
    """
    from diagnostics.training.checkpoint import load_checkpoint, save_checkpoint

    kept = load_checkpoint(state)
    if kept.get("kind") != "training":
        raise TrainingError("The file does not hold the state of a training.")
    stepper = kept["stepper"]
    for group in stepper["optimiser"]["param_groups"]:
        group["lr"] = group["initial_lr"] = config.learning_rate
    if config.schedule is not Schedule.PLATEAU:
        stepper["schedule"] = None
    save_checkpoint({**kept, "config": config.to_dict(), "stepper": stepper}, target)


def continue_weights(
    config: TrainingConfig,
    model: Path,
    history: Sequence[EpochRecord],
    best_epoch: int,
    target: Path,
) -> None:
    """The same from the weights that were kept, where the state of the optimiser is gone.

    Raises
    ------
    TrainingError
        If the file is broken.
    """
    from diagnostics.training.checkpoint import load_checkpoint, save_checkpoint

    kept: dict[str, Any] = load_checkpoint(model)
    if kept.get("kind") != "network":
        raise TrainingError("The file does not hold a trained network.")
    best = history[best_epoch - 1].validation_loss
    state = {
        "kind": "training",
        "config": config.to_dict(),
        "about": kept["about"],
        "weights": kept["weights"],
        "stepper": None,
        "random": None,
        "history": [asdict(record) for record in history],
        "best_epoch": best_epoch,
        "best_loss": float("inf") if best is None else best,
        "best_weights": kept["weights"],
    }
    save_checkpoint(state, target)
