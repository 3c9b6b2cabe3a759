"""Learning curves of several trainings as one: their mean, and from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Epochs = Sequence[Mapping[str, float | None]]


@dataclass(frozen=True)
class Band:
    """``runs`` have reached the epoch; those that ended before are not in it."""

    epoch: int
    runs: int
    mean: float
    low: float
    high: float


def band_of(runs: Sequence[Epochs], name: str) -> list[Band]:
    """Mean, lowest and highest value of all runs, epoch by epoch.

    Parameters
    ----------
    runs : sequence of sequences of mappings
        Each with ``epoch`` and the value of the name, which may be None.
    name : str

    Examples
    --------
    >>> first = [{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 0.5}]
    >>> band_of([first, [{"epoch": 1, "loss": 3.0}]], "loss")[0]
    Band(epoch=1, runs=2, mean=2.0, low=1.0, high=3.0)
    """
    values: dict[int, list[float]] = {}
    for epochs in runs:
        for one in epochs:
            value, epoch = one[name], one["epoch"]
            if value is not None and epoch is not None:
                values.setdefault(int(epoch), []).append(value)
    return [
        Band(epoch, len(of), sum(of) / len(of), min(of), max(of))
        for epoch, of in sorted(values.items())
    ]


def whole_until(bands: Sequence[Band], runs: int) -> int:
    """The last epoch that all runs have reached; 0 if there is none.

    Examples
    --------
    >>> whole_until([Band(1, 3, 0.5, 0.1, 0.9), Band(2, 2, 0.5, 0.1, 0.9)], 3)
    1
    """
    return max((band.epoch for band in bands if band.runs == runs), default=0)
