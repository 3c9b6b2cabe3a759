"""What is known after each epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EpochRecord:
    """Losses are means over windows; accuracies are shares of windows, 0 to 1.

    ``train_loss`` and ``train_accuracy`` are gathered while the weights change, with dropout;
    validation figures come from the weights at the end of the epoch. ``windows_per_s`` counts
    training windows over the time of the whole epoch. ``head_errors`` has, for each quantity that
    is estimated beside the class, the mean absolute error over windows, in its unit, by side:
    ``train`` and ``validation``. Losses are then the sum of what the heads come to.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    windows_per_s: float
    seconds: float
    head_errors: dict[str, dict[str, float]] = field(default_factory=dict)


OnEpoch = Callable[[EpochRecord], None]


def not_kept(record: EpochRecord) -> None:
    """The default listener: nobody keeps the records."""
