"""How long a model takes on this machine, as percentiles: a mean hides the slow calls."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.session import open_model
from diagnostics.progress import Progress, Report, silent

RUNS, WARM_UP = 100, 10
BATCHES = (1, 8, 32)
_FEWEST, _PATIENCE_S = 10, 4.0


@dataclass(frozen=True)
class Timing:
    """Times in milliseconds of one call with a batch; ``throughput`` is windows in a second.

    ``runs`` are fewer than 100 where 100 would have taken too long; below that, p99 says little
    more than the slowest call.
    """

    batch: int
    threads: int
    runs: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    std_ms: float
    min_ms: float
    max_ms: float
    throughput: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def time_calls(
    call: Callable[[], object],
    batch: int,
    threads: int,
    runs: int = RUNS,
    patience_s: float = _PATIENCE_S,
) -> Timing:
    """Time a call after some that are not counted.

    Parameters
    ----------
    call : function
    batch : int
        Windows in a call.
    threads : int
        That it uses; only told.
    runs : int
        At most.
    patience_s : float
        After this no further run begins, but for the first ten.
    """
    began = time.perf_counter()
    for _ in range(WARM_UP):
        call()
        if time.perf_counter() - began > patience_s / 2:
            break
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < runs:
        start = time.perf_counter()
        call()
        end = time.perf_counter()
        taken.append((end - start) * 1e3)
        if end - began > patience_s and len(taken) >= min(runs, _FEWEST):
            break
    times = np.array(taken)
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    mean = float(times.mean())
    return Timing(
        batch=batch,
        threads=threads,
        runs=len(taken),
        mean_ms=mean,
        p50_ms=float(p50),
        p95_ms=float(p95),
        p99_ms=float(p99),
        std_ms=float(times.std()),
        min_ms=float(times.min()),
        max_ms=float(times.max()),
        throughput=batch / (mean / 1e3),
    )


def time_model(
    content: bytes,
    windows: NDArray[np.float32],
    report: Report = silent,
    batches: Sequence[int] = BATCHES,
    patience_s: float = _PATIENCE_S,
) -> list[Timing]:
    """Time an exported model, with one thread and with one for each core.

    Parameters
    ----------
    content : bytes
    windows : array of shape (windows, channels, samples)
        Real ones; repeated where a batch needs more.
    report : function
    batches : sequence of int
    patience_s : float
        For each batch size and number of threads.
    """
    cores = os.cpu_count() or 1
    threads = [1] if cores == 1 else [1, cores]
    found: list[Timing] = []
    for count in threads:
        model = open_model(content, threads=count)
        for batch in batches:
            report(Progress("time", len(found), len(threads) * len(batches)))
            given = np.ascontiguousarray(np.resize(windows, (batch, *windows.shape[1:])))
            call = partial(model.scores, given)
            found.append(time_calls(call, batch, count, patience_s=patience_s))
    return found


def noise_windows(count: int, channels: int, samples: int) -> NDArray[np.float32]:
    """White noise to time a model with, where no measured windows are at hand.

    Zeros would not do: some processors multiply them, and numbers close to them, at another pace.

    Examples
    --------
    >>> noise_windows(2, 1, 8).shape
    (2, 1, 8)
    """
    noise = np.random.default_rng(0).standard_normal((count, channels, samples))
    return noise.astype(np.float32)


def machine() -> str:
    """Which processor it was measured on."""
    from diagnostics.training.cost import machine_name

    return f"{machine_name()}, {os.cpu_count() or 1} cores"
