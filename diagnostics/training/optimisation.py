"""How the weights move: optimiser, schedule of the learning rate, clipping.

The cosine falls to 0 at the last epoch, the steps divide the rate by ten after each third.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn, optim
from torch.optim import lr_scheduler

from diagnostics.training.config import Optimiser, Schedule, TrainingConfig

_MOMENTUM = 0.9
_PLATEAU_FACTOR = 0.5
_PLATEAU_PATIENCE = 3
_STEPS = 3
_STEP_FACTOR = 0.1
_WARMUP_START = 0.1


class Stepper:
    """One optimiser with its schedule, moved batch by batch and epoch by epoch.

    Parameters
    ----------
    network : Module
    config : TrainingConfig
    batches : int
        In an epoch.
    """

    def __init__(self, network: nn.Module, config: TrainingConfig, batches: int) -> None:
        self._network = network
        self._clip = config.gradient_clip
        self._kind = config.schedule
        self._optimiser = _optimiser(network, config)
        self._schedule = _schedule(self._optimiser, config, batches)

    @property
    def learning_rate(self) -> float:
        return float(self._optimiser.param_groups[0]["lr"])

    def batch(self, loss: Tensor) -> None:
        """One step against the gradient of the loss, which is given back at once."""
        loss.backward()  # type: ignore[no-untyped-call]
        if self._clip:
            nn.utils.clip_grad_norm_(self._network.parameters(), self._clip)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        if self._kind is Schedule.ONE_CYCLE:
            self._schedule.step()  # type: ignore[union-attr]

    def epoch(self, validation_loss: float | None) -> None:
        """What the schedule does at the end of an epoch."""
        if isinstance(self._schedule, lr_scheduler.ReduceLROnPlateau):
            if validation_loss is not None:
                self._schedule.step(validation_loss)
        elif self._schedule is not None and self._kind is not Schedule.ONE_CYCLE:
            self._schedule.step()

    def state_dict(self) -> dict[str, Any]:
        schedule = None if self._schedule is None else self._schedule.state_dict()
        return {"optimiser": self._optimiser.state_dict(), "schedule": schedule}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._optimiser.load_state_dict(state["optimiser"])
        if self._schedule is not None and state["schedule"] is not None:
            self._schedule.load_state_dict(state["schedule"])


def _optimiser(network: nn.Module, config: TrainingConfig) -> optim.Optimizer:
    weights = network.parameters()
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimiser is Optimiser.SGD:
        return optim.SGD(weights, rate, momentum=_MOMENTUM, nesterov=True, weight_decay=decay)
    kind = optim.AdamW if config.optimiser is Optimiser.ADAMW else optim.Adam
    return kind(weights, rate, weight_decay=decay)


def _schedule(
    optimiser: optim.Optimizer, config: TrainingConfig, batches: int
) -> lr_scheduler.LRScheduler | None:
    if config.schedule is Schedule.ONE_CYCLE:
        steps = config.epochs * batches
        return lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=steps)
    if config.schedule is Schedule.PLATEAU:
        return lr_scheduler.ReduceLROnPlateau(
            optimiser, factor=_PLATEAU_FACTOR, patience=_PLATEAU_PATIENCE
        )
    if config.schedule is Schedule.COSINE and not config.warmup_epochs:
        return lr_scheduler.CosineAnnealingLR(optimiser, config.epochs)
    shape = _shape(config)
    return None if shape is None else lr_scheduler.LambdaLR(optimiser, shape)


def _shape(config: TrainingConfig) -> Callable[[int], float] | None:
    """The share of the learning rate in each epoch, counted from 0; None if it stays."""
    warmup, left = config.warmup_epochs, config.epochs - config.warmup_epochs

    def share(epoch: int) -> float:
        if epoch < warmup:
            return _WARMUP_START + (1 - _WARMUP_START) * epoch / warmup
        done = (epoch - warmup) / left
        if config.schedule is Schedule.COSINE:
            return (1 + math.cos(math.pi * min(done, 1.0))) / 2
        if config.schedule is Schedule.STEP:
            return float(_STEP_FACTOR ** min(int(done * _STEPS), _STEPS - 1))
        return 1.0

    return None if config.schedule is Schedule.NONE and not warmup else share
