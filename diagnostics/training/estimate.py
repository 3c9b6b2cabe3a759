"""How long a training will take and how much memory, from what was measured before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.training.card import Family
from diagnostics.training.config import TrainingConfig

MEMORY_LIMIT = 512 * 2**20
"""Bytes of windows that are kept in memory; a larger set is read again for each batch."""
STEP_PASSES = 3
"""A training step costs about three times what it costs to ask: forward, and backward through
outputs and weights."""
_BYTES = 4
# Weights, gradients, two moments of the optimiser, the best weights.
_COPIES = 5


@dataclass(frozen=True)
class Work:
    """Windows of a training: ``seen`` in one epoch, and those of the other sides."""

    seen: int
    train: int
    validation: int
    test: int


def seconds_by_throughput(config: TrainingConfig, work: Work, windows_per_s: float) -> float:
    """Time from the throughput of earlier trainings, which counts whole epochs.

    Parameters
    ----------
    windows_per_s : float
        Training windows over the time of an epoch with its look at the validation part.

    Returns
    -------
    float
        In s, if no early stop ends it sooner.

    Examples
    --------
    >>> from diagnostics.training.config import GroupFractions
    >>> config = TrainingConfig(GroupFractions(), epochs=10)
    >>> seconds_by_throughput(config, Work(500, 500, 100, 300), 1000.0)
    5.1
    """
    epochs = config.epochs if config.card.family is Family.NETWORK else 1
    test = work.test / STEP_PASSES if config.card.family is Family.NETWORK else work.test
    return (epochs * work.seen + test) / windows_per_s


def seconds_by_latency(config: TrainingConfig, work: Work, latency_ms: float) -> float:
    """Time from what it costs to ask about one window; batches are often quicker.

    Returns
    -------
    float
        In s, if no early stop ends it sooner.

    Examples
    --------
    >>> from diagnostics.training.config import GroupFractions
    >>> config = TrainingConfig(GroupFractions(), epochs=10)
    >>> seconds_by_latency(config, Work(500, 500, 100, 300), 2.0)
    32.6
    """
    if config.card.family is Family.NETWORK:
        passes = config.epochs * (STEP_PASSES * work.seen + work.validation) + work.test
    else:
        passes = work.train + work.validation + work.test
    return passes * latency_ms / 1000


def least_bytes(config: TrainingConfig, work: Work, numbers: int) -> int:
    """Memory for windows, weights and optimiser; what a network holds of a batch comes on top.

    Parameters
    ----------
    numbers : int
        That the network learns.

    Examples
    --------
    >>> from diagnostics.training.config import GroupFractions
    >>> least_bytes(TrainingConfig(GroupFractions(), hop=64), Work(10, 10, 0, 5), 1000)
    101920
    """
    one = config.window * len(config.channels) * _BYTES
    kept = [one * count for count in (work.train, work.validation)]
    windows = sum(size if size <= MEMORY_LIMIT else 0 for size in kept)
    return windows + numbers * _BYTES * _COPIES


def alike(config: TrainingConfig, other: Mapping[str, object]) -> bool:
    """Whether an earlier training tells how long this one takes: the same work for a window."""
    mine = config.to_dict()
    same = ["classifier", "parameters", "window"]
    if config.card.family is Family.NETWORK:
        same += ["batch_size", "draw"]
    channels = other.get("channels")
    return (
        all(mine[name] == other.get(name, mine[name]) for name in same)
        # Numbers that are stored are read; all others are computed.
        and bool(config.feature_set) == bool(other.get("feature_set"))
        and isinstance(channels, list)
        and len(channels) == len(config.channels)
    )
