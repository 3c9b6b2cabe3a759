"""What all benchmarks share: the machine, the repetitions, the percentiles, the output.

A benchmark is a module with ``run() -> Benchmark`` and ``main(run)`` at its end. It
prints its figures and writes them to ``benchmarks/results/<name>.json``, from which
``docs/benchmarks.md`` is generated. No figure is ever typed.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import psutil

from diagnostics.training.cost import machine_name

RESULTS = Path(__file__).parent / "results"
# Public recordings that are not ours to ship.
DATA = Path(os.environ.get("ROTORSCOPE_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
LIBRARIES = ("numpy", "scipy", "torch", "dash", "plotly", "h5py", "celery", "sqlalchemy")


@dataclass(frozen=True)
class Figure:
    """One number of a table: what was measured, with unit and number of repetitions."""

    name: str
    value: float
    unit: str
    n: int = 1
    limit: str = ""  # what the project promises, e.g. "≤ 60 ms"
    holds: bool | None = None  # whether it was kept; None without a limit
    note: str = ""


def this_machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "processor": machine_name(),
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_version()} ({_speed():.0f} ms for a million additions)",
        **{name: found for name in LIBRARIES if (found := _version(name))},
    }


def _speed() -> float:
    """What tells a slow or busy machine from a quick one: a plain loop, in milliseconds."""

    def add() -> int:
        total = 0
        for number in range(1_000_000):
            total += number
        return total

    return min(seconds_of(add, repeat=5)) * 1e3


@dataclass(frozen=True)
class Benchmark:
    """The figures of one benchmark and how they came about."""

    name: str  # the file of the results, e.g. "waveform_zoom"
    title: str
    method: str  # a sentence or two: data, what is compared, what is counted
    figures: list[Figure]
    command: str
    date: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))
    machine: dict[str, str] = field(default_factory=this_machine)


def need_real_data() -> None:
    """End the program with a sentence where the public recordings are not there."""
    if not DATA.is_dir():
        raise SystemExit("The public recordings are needed: name them in ROTORSCOPE_REAL_DATA.")


def at_most(
    name: str, value: float, limit: float, unit: str, *, n: int = 1, note: str = ""
) -> Figure:
    """A figure with an upper limit."""
    return Figure(name, value, unit, n, f"≤ {limit:g} {unit}", value <= limit, note)


def at_least(
    name: str, value: float, limit: float, unit: str, *, n: int = 1, note: str = ""
) -> Figure:
    """A figure with a lower limit."""
    return Figure(name, value, unit, n, f"≥ {limit:g} {unit}", value >= limit, note)


def seconds_of(work: Callable[[], object], *, repeat: int, warm_up: int = 1) -> list[float]:
    """Wall time of each repetition in seconds, after some that do not count."""
    for _ in range(warm_up):
        work()
    return [seconds_once(work) for _ in range(repeat)]


def percentile(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(np.asarray(values, dtype=float), percent))


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def memory_mib(processes: Sequence[psutil.Process]) -> dict[str, float]:
    """Memory in MiB: ``rss`` counts shared pages once for each process, ``pss`` divides them."""
    found = [process.memory_full_info() for process in processes]
    return {
        "rss": sum(each.rss for each in found) / 2**20,
        "pss": sum(getattr(each, "pss", each.rss) for each in found) / 2**20,
    }


def write(benchmark: Benchmark, folder: Path = RESULTS) -> Path:
    """Keep the figures as JSON, from which the documentation is made."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{benchmark.name}.json"
    path.write_text(json.dumps(asdict(benchmark), indent=2, ensure_ascii=False) + "\n")
    return path


def lines(benchmark: Benchmark) -> list[str]:
    """The figures as a person reads them on a terminal."""
    return [benchmark.title, *(f"  {line(figure)}" for figure in benchmark.figures)]


def line(figure: Figure) -> str:
    verdict = {None: "", True: " kept", False: " NOT KEPT"}[figure.holds]
    limit = f"  (limit {figure.limit}:{verdict})" if figure.limit else ""
    note = f"  {figure.note}" if figure.note else ""
    return f"{figure.name}: {shown(figure.value)} {figure.unit}, n = {figure.n}{limit}{note}"


def shown(value: float) -> str:
    """Three significant digits; a benchmark does not know more."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main(run: Callable[[], Benchmark]) -> None:
    """Run a benchmark as a program; the exit code says whether its limits were kept."""
    benchmark = run()
    write(benchmark)
    sys.stdout.write("\n".join(lines(benchmark)) + "\n")
    sys.exit(any(figure.holds is False for figure in benchmark.figures))


def seconds_once(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
