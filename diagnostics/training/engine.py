"""Train a network epoch by epoch, so that it can be watched, stopped and taken up again.

All randomness follows from the seed: first weights and dropout from torch's generator, whose
state is in the checkpoint, and the order of the windows from seed and number of the epoch.
A training that was interrupted and resumed gives the same numbers as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diagnostics.errors import TrainingError
from diagnostics.networks.fitted import FittedNetwork, restore_network
from diagnostics.networks.network import Network, build_network
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.batches import Batches, balanced_order, balanced_weights
from diagnostics.training.checkpoint import load_checkpoint, save_checkpoint
from diagnostics.training.config import ClassWeights, Draw, Loss, TrainingConfig
from diagnostics.training.estimate import MEMORY_LIMIT
from diagnostics.training.fitted import About
from diagnostics.training.hardware import Hardware, present
from diagnostics.training.head_losses import HeadTally, head_loss
from diagnostics.training.head_scale import fit_scales
from diagnostics.training.history import EpochRecord, OnEpoch, not_kept
from diagnostics.training.losses import cross_entropy, shares
from diagnostics.training.normalisation import fit_normaliser
from diagnostics.training.optimisation import Stepper
from diagnostics.training.windows import WindowSet

_EVALUATION_BATCH = 256
# What else is drawn in an epoch, each from a generator of its own.
_CHANGES, _PLACES = 1, 2


@dataclass(frozen=True)
class Trained:
    """The network with the lowest validation loss, or the last one without validation."""

    fitted: FittedNetwork
    history: tuple[EpochRecord, ...]
    best_epoch: int


@dataclass
class _State:
    """What changes from epoch to epoch, besides weights and optimiser."""

    history: list[EpochRecord] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = math.inf
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def ended(self, config: TrainingConfig) -> bool:
        epochs = len(self.history)
        tired = config.patience and epochs - self.best_epoch >= config.patience
        return epochs >= config.epochs or bool(tired)


def train_network(
    config: TrainingConfig,
    class_names: tuple[str, ...],
    training: WindowSet,
    validation: WindowSet | None = None,
    *,
    checkpoint: Path | None = None,
    report: Report = silent,
    on_epoch: OnEpoch = not_kept,
    memory_limit: int = MEMORY_LIMIT,
    threads: int = 1,
    hardware: Hardware | None = None,
) -> Trained:
    """Train the network of the config, from the checkpoint on if there is one.

    Parameters
    ----------
    config : TrainingConfig
        Of a network.
    class_names : tuple of str
        Of the targets in the window sets, in their order.
    training, validation : WindowSet
        Without validation the last epoch is kept. There is no place for test windows here.
    checkpoint : Path, optional
        Written after each epoch, and read at the start when it is there.
    report : function
        Called for each batch. What it raises ends the training; the checkpoint stays.
    on_epoch : function
        Called for each epoch once it is in the checkpoint, and again for all epochs in the
        checkpoint on resuming, so that a crash in between loses no record.
    memory_limit : int
        Bytes of windows to keep in memory.
    threads : int
        For torch. Small networks gain nothing from more than one.
    hardware : Hardware, optional
        Where to compute; a GPU where there is one, unless given.

    Returns
    -------
    Trained

    Raises
    ------
    TrainingError
        If a loss is not finite any more, or the checkpoint belongs to another training.
    """
    normaliser = fit_normaliser(config.normalisation, training)
    about = About(
        config.classifier,
        config.parameters,
        class_names,
        config.channels,
        config.window,
        training.sample_rate_hz,
        normaliser,
        fit_scales(config.card.heads, config.parameters, training),
    )
    hardware = hardware or present(config.precision)
    with _quiet_torch(config.seed, threads), hardware.repeatable():
        run = _Run(config, about, training, validation, memory_limit, hardware)
        state = run.resume(checkpoint, on_epoch)
        while not state.ended(config):
            record = run.epoch(len(state.history), report)
            run.remember(state, record)
            if checkpoint is not None:
                save_checkpoint(run.to_dict(state), checkpoint)
            on_epoch(record)
    fitted = restore_network(about, state.best_weights)
    return Trained(fitted, tuple(state.history), state.best_epoch)


class _Run:
    """One training in memory: the network, its optimiser and the windows."""

    def __init__(
        self,
        config: TrainingConfig,
        about: About,
        training: WindowSet,
        validation: WindowSet | None,
        memory_limit: int,
        hardware: Hardware,
    ) -> None:
        self.config = config
        self.about = about
        self._hardware = hardware
        self._windows = training
        self._memory_limit = memory_limit
        self.validation = None
        if validation is not None:
            self.validation = Batches(
                validation, about.normaliser, memory_limit, scales=about.heads
            )
        self.network: Network = build_network(
            config.card, config.parameters, len(about.channels), len(about.class_names), config.seed
        ).to(hardware.device)
        self.head_weights = torch.tensor(
            [float(config.parameters[scale.head.weight]) for scale in about.heads]
        )
        self.training = self._drawn(0)
        self.batches = math.ceil(len(self.training) / config.batch_size)
        self.stepper = Stepper(self.network, config, self.batches)
        self.weights: Tensor | None = None
        if config.class_weights is ClassWeights.BALANCED:
            self.weights = balanced_weights(self.training.targets, len(about.class_names))

    def epoch(self, number: int, report: Report) -> EpochRecord:
        """One pass over the training windows, then a look at the validation windows."""
        begun = time.perf_counter()
        rate = self.stepper.learning_rate
        if self.config.draw is Draw.ONE_EACH:
            self.training = self._drawn(number)
        order = self._order(number)
        self.network.train()
        loss_sum, right, tally = 0.0, 0, self._tally()
        for batch in range(self.batches):
            chosen = order[batch * self.config.batch_size : (batch + 1) * self.config.batch_size]
            changes = self._changes(number, batch)
            windows, targets, known = self.training.batch(chosen, changes)
            wanted = shares(targets, len(self.about.class_names))
            if changes is not None and self.config.augmentation.mixup:
                windows, wanted, known = self._mixed(windows, wanted, known, changes)
            scores, estimates = self._hardware.answer(self.network, windows)
            loss = self._loss(scores, wanted)
            if self.about.heads:
                loss = loss + head_loss(estimates, known, self.head_weights)
            self.stepper.batch(loss)
            loss_sum += _finite(loss.item(), number) * len(chosen)
            right += int((scores.argmax(dim=1) == targets).sum())
            tally.add(estimates, known)
            report(self._progress(number, batch))
        seen = len(order)
        validation_loss, validation_accuracy, validation_errors = self._validate(number)
        self.stepper.epoch(validation_loss)
        seconds = time.perf_counter() - begun
        return EpochRecord(
            epoch=number + 1,
            train_loss=loss_sum / seen,
            train_accuracy=right / seen,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            learning_rate=rate,
            windows_per_s=seen / seconds,
            seconds=seconds,
            head_errors=_by_side(tally.errors(), validation_errors),
        )

    def _tally(self) -> HeadTally:
        return HeadTally(self.about.heads, self.head_weights)

    def _drawn(self, epoch: int) -> Batches:
        """The windows of an epoch: all of them, or one of each recording."""
        windows, memory_limit = self._windows, self._memory_limit
        if self.config.draw is Draw.ONE_EACH:
            windows = windows.one_of_each(np.random.default_rng([self.config.seed, epoch, _PLACES]))
            memory_limit = 0  # each is read where it lies, and seen once
        return Batches(
            windows,
            self.about.normaliser,
            memory_limit,
            self.config.augmentation,
            self.about.heads,
        )

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """In which order the windows are seen; of rare classes more often, if so wanted."""
        rng = np.random.default_rng([self.config.seed, epoch])
        if self.config.class_weights is ClassWeights.SAMPLED:
            return balanced_order(self.training.targets, rng)
        return rng.permutation(len(self.training))

    def _changes(self, epoch: int, batch: int) -> np.random.Generator | None:
        """What changes and mixtures of a batch are drawn from; None where there are none."""
        if self.config.augmentation.is_idle:
            return None
        return np.random.default_rng([self.config.seed, epoch, batch, _CHANGES])

    def _mixed(
        self, windows: Tensor, wanted: Tensor, known: Tensor, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """A mixture says its severity or speed only where both of its windows do."""
        partners, kept = self.config.augmentation.partners(len(windows), rng)
        share, others = torch.from_numpy(kept)[:, None], torch.from_numpy(partners)
        mixed = share[:, :, None] * windows + (1 - share[:, :, None]) * windows[others]
        wanted = share * wanted + (1 - share) * wanted[others]
        return mixed, wanted, share * known + (1 - share) * known[others]

    def _loss(self, scores: Tensor, wanted: Tensor) -> Tensor:
        return cross_entropy(
            scores,
            wanted,
            self.weights,
            smoothing=self.config.label_smoothing,
            gamma=self.config.focal_gamma if self.config.loss is Loss.FOCAL else 0.0,
        )

    def remember(self, state: _State, record: EpochRecord) -> None:
        state.history.append(record)
        loss = record.validation_loss
        if loss is None or loss < state.best_loss:
            state.best_loss = math.inf if loss is None else loss
            state.best_epoch = record.epoch
            weights = self.network.state_dict()
            state.best_weights = {name: w.to("cpu", copy=True) for name, w in weights.items()}

    def to_dict(self, state: _State) -> dict[str, Any]:
        weights = self.network.state_dict()
        # The same tensors twice are written once.
        is_best = state.best_epoch == len(state.history)
        return {
            "kind": "training",
            "config": self.config.to_dict(),
            "about": self.about.to_dict(),
            "weights": weights,
            "stepper": self.stepper.state_dict(),
            "random": torch.get_rng_state(),
            "random_of_device": self._hardware.random_state(),
            "history": [asdict(record) for record in state.history],
            "best_epoch": state.best_epoch,
            "best_loss": state.best_loss,
            "best_weights": weights if is_best else state.best_weights,
        }

    def resume(self, path: Path | None, on_epoch: OnEpoch) -> _State:
        if path is None or not path.exists():
            return _State()
        kept = load_checkpoint(path)
        if not self._began(kept):
            raise TrainingError("The checkpoint belongs to another training.")
        self.network.load_state_dict(kept["weights"])
        if kept["stepper"] is not None:  # else it goes on from weights alone
            self.stepper.load_state_dict(kept["stepper"])
            torch.set_rng_state(kept["random"])
            self._hardware.set_random_state(kept.get("random_of_device"))
        history = [EpochRecord(**record) for record in kept["history"]]
        for record in history:
            on_epoch(record)
        return _State(history, kept["best_epoch"], kept["best_loss"], kept["best_weights"])

    def _began(self, kept: dict[str, Any]) -> bool:
        """Whether a checkpoint is of this training, written by an older version too."""
        same = TrainingConfig.from_dict(kept.get("config") or {}) == self.config
        return same and kept["about"] == self.about.to_dict()

    def _validate(self, number: int) -> tuple[float | None, float | None, dict[str, float]]:
        """Plain cross-entropy, so that trainings with different losses can be compared, and what
        the heads add to it.
        """
        if self.validation is None:
            return None, None, {}
        self.network.eval()
        classes, count = len(self.about.class_names), len(self.validation)
        loss_sum, weight_sum, right, tally = 0.0, 0.0, 0, self._tally()
        with torch.inference_mode():
            for first in range(0, count, _EVALUATION_BATCH):
                indices = np.arange(first, min(first + _EVALUATION_BATCH, count))
                windows, targets, known = self.validation.batch(indices)
                scores, estimates = self._hardware.answer(self.network, windows)
                # The mean of a weighted loss is over weights, which differ between batches.
                weight = float(self._weights_of(targets).sum())
                loss = cross_entropy(scores, shares(targets, classes), self.weights)
                loss_sum += _finite(loss.item(), number) * weight
                weight_sum += weight
                right += int((scores.argmax(dim=1) == targets).sum())
                tally.add(estimates, known)
        total = _finite(loss_sum / weight_sum + tally.loss, number)
        return total, right / count, tally.errors()

    def _weights_of(self, targets: Tensor) -> Tensor:
        return torch.ones(len(targets)) if self.weights is None else self.weights[targets]

    def _progress(self, epoch: int, batch: int) -> Progress:
        done = epoch * self.batches + batch + 1
        total = self.config.epochs * self.batches
        return Progress("train", done, total, f"epoch {epoch + 1} of {self.config.epochs}")


def _by_side(train: dict[str, float], validation: dict[str, float]) -> dict[str, dict[str, float]]:
    """Errors of heads by name, then by side."""
    sides = {"train": train, "validation": validation}
    return {
        name: {side: errors[name] for side, errors in sides.items() if name in errors}
        for name in dict.fromkeys([*train, *validation])
    }


def _finite(loss: float, epoch: int) -> float:
    if not math.isfinite(loss):
        raise TrainingError(
            f"The loss is not a number any more in epoch {epoch + 1}: the steps were too large."
            " Choose a lower learning rate or clip the gradients."
        )
    return loss


@contextmanager
def _quiet_torch(seed: int, threads: int) -> Iterator[None]:
    """Seed torch and set its threads; the caller finds both as they were."""
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)
