"""What it costs to ask a classifier: how many numbers it learns, its arithmetic, its time.

Nothing here says how right the answers are: that depends on the data, and only an experiment
shows it.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.card import Card, Family
from diagnostics.training.classifiers import trainable
from diagnostics.training.config import LONGEST_WINDOW, SHORTEST_WINDOW

VERSION = 1
"""Goes up when other numbers come out, so that kept ones are not shown any more."""

_MOST_CHANNELS, _MOST_CLASSES = 64, 1000
_WARM_UP, _RUNS, _FEWEST = 3, 50, 5
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class CostQuestion:
    """What decides the cost of a classifier.

    Parameters
    ----------
    classifier : str
        Name in the registry.
    parameters : dict
        Of the classifier; missing ones get their defaults.
    window : int
        Samples.
    channels, classes : int
        How many.

    Raises
    ------
    TrainingError
        If a value is of the wrong kind or out of bounds.

    Examples
    --------
    >>> CostQuestion("svm", {}, 2048, 1, 4).parameters
    {'penalty': 10.0, 'gamma': 0.0}
    """

    classifier: str
    parameters: Mapping[str, Any]
    window: int
    channels: int
    classes: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", self.card.check(self.parameters))
        for title, value, low, high in (
            ("window", self.window, SHORTEST_WINDOW, LONGEST_WINDOW),
            ("number of channels", self.channels, 1, _MOST_CHANNELS),
            ("number of classes", self.classes, 2, _MOST_CLASSES),
        ):
            if not isinstance(value, int) or not low <= value <= high:
                raise TrainingError(
                    f"The {title} must be a whole number from {low} to {high}, got {value!r}."
                )

    @property
    def card(self) -> Card:
        return trainable(self.classifier)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Latency:
    """How long one window took, on one thread.

    Attributes
    ----------
    median_ms : float
        Over the runs, those for warming up left out.
    runs : int
    machine : str
        Name of the processor.
    """

    median_ms: float
    runs: int
    machine: str


@dataclass(frozen=True)
class Cost:
    """The cost of one window.

    Attributes
    ----------
    numbers : int
        That are learned.
    operations : int
        For one window.
    counted : str
        What the operations are, and what is left out.
    latency : Latency
    """

    numbers: int
    operations: int
    counted: str
    latency: Latency

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure_cost(question: CostQuestion, report: Report = silent) -> Cost:
    """Count and time a classifier that is new (a network) or was fitted to noise.

    Parameters
    ----------
    question : CostQuestion
    report : function
        What it raises ends the measurement.

    Returns
    -------
    Cost
    """
    report(Progress("measure", 0, 1, "building the classifier"))
    if question.card.family is Family.NETWORK:
        from diagnostics.networks.cost import network_cost

        return network_cost(question, report)
    from diagnostics.classical.cost import classical_cost

    return classical_cost(question, report)


def time_runs(ask: Callable[[], object], report: Report = silent) -> Latency:
    """The median time of some runs, after a few that are not counted.

    Fewer runs are made when they take long, five at least.

    Examples
    --------
    >>> found = time_runs(lambda: sum(range(100)))
    >>> found.runs, 0 < found.median_ms < 100
    (50, True)
    """
    for _ in range(_WARM_UP):
        ask()
    seconds: list[float] = []
    while len(seconds) < _RUNS and (sum(seconds) < _PATIENCE_S or len(seconds) < _FEWEST):
        report(Progress("measure", len(seconds), _RUNS, "timing one window"))
        begun = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - begun)
    return Latency(1000 * statistics.median(seconds), len(seconds), machine_name())


def machine_name() -> str:
    """What the processor is called."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for row in path.read_text().splitlines():
            if row.startswith("model name"):
                return row.partition(":")[2].strip()
    return platform.processor() or platform.machine()
