"""How fast recordings are generated, and how fast they also come to lie in the store.

On one core: the libraries' threads are held to one before they are loaded.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402

import psutil  # noqa: E402

import schema  # noqa: E402
from benchmarks.measure import Benchmark, Figure, at_least, main, median  # noqa: E402
from diagnostics.progress import silent  # noqa: E402
from diagnostics.synthesis.config import SynthesisConfig, usual_config  # noqa: E402
from diagnostics.synthesis.config_json import as_json  # noqa: E402
from diagnostics.synthesis.faults import FAULTS, Fault, Kind  # noqa: E402
from diagnostics.synthesis.motion import SpeedProfile  # noqa: E402
from diagnostics.synthesis.recordings import PlannedRecording, generate  # noqa: E402
from models import Role  # noqa: E402
from server import create_server  # noqa: E402
from services import runtime  # noqa: E402
from services.actor import COMMAND_LINE, Actor, acting_as  # noqa: E402
from services.user_service import UserService  # noqa: E402
from settings import Settings  # noqa: E402
from tasks.synthesis import generate_dataset  # noqa: E402

PROMISED = 40.0
EACH = 12
ROUNDS = 3
UNIT = "recordings/s"


def run() -> Benchmark:
    process = psutil.Process()
    allowed = process.cpu_affinity()
    process.cpu_affinity(allowed[:1])
    try:
        figures = [*_generated(), *_kept()]
    finally:
        process.cpu_affinity(allowed)
    return Benchmark(
        name="synthesis_speed",
        title="Generated recordings",
        method=(
            "Recordings of 5 s at 20 480 Hz, one channel, default noise, all severities, six "
            f"machines, one core. {EACH} recordings of each class, the median of {ROUNDS} rounds; "
            "the average is that of all classes together, in seconds of the processor. Kept: the "
            "job by the clock, with its self-test, storing, hashing and the rows."
        ),
        figures=figures,
        command="python -m benchmarks.synthesis_speed",
    )


def _generated() -> Iterator[Figure]:
    seconds = _by_class(usual_config(Kind.JOURNAL))
    average = len(seconds) / sum(seconds.values())
    yield at_least("journal bearings, average of 11 classes", average, PROMISED, UNIT, n=11 * EACH)
    for fault, one in seconds.items():
        yield Figure(f"journal: {fault.value.replace('_', ' ')}", 1 / one, UNIT, EACH)
    changing = _by_class(usual_config(Kind.JOURNAL, speed_profile=SpeedProfile.RANDOM_WALK))
    average = len(changing) / sum(changing.values())
    yield Figure("journal bearings, speed as a random walk", average, UNIT, 11 * EACH)
    rolling = _by_class(usual_config(Kind.ROLLING))
    average = len(rolling) / sum(rolling.values())
    yield Figure("rolling elements, average of 5 classes", average, UNIT, 5 * EACH)


def _by_class(config: SynthesisConfig) -> dict[Fault, float]:
    """Seconds for one recording of each class."""
    return {
        fault: median([_seconds(config, fault) for _ in range(ROUNDS)]) / EACH
        for fault in FAULTS[config.kind]
    }


def _seconds(config: SynthesisConfig, fault: Fault) -> float:
    planned = [PlannedRecording(fault, 1 + n % 6, 1 + n // 6) for n in range(EACH)]
    # Of the processor and not of the clock: the promise is for each core.
    started = time.process_time()
    for one in planned:
        generate(config, one)
    return time.process_time() - started


def _kept() -> Iterator[Figure]:
    config = usual_config(Kind.JOURNAL, bearings=2)
    rates, used = [], 0
    with _site() as (owner, folder), acting_as(owner):
        for number in range(ROUNDS):
            started = time.perf_counter()
            generate_dataset(silent, f"set {number}", as_json(config) | {"seed": number}, "b")
            rates.append(config.recording_count / (time.perf_counter() - started))
        used = sum(file.stat().st_size for file in folder.rglob("*.h5"))
    yield Figure("the whole job, kept", median(rates), UNIT, ROUNDS * config.recording_count)
    size = used / (ROUNDS * config.recording_count * config.sample_count)
    yield Figure("room in the store", size, "bytes a sample", ROUNDS * config.recording_count)


@contextmanager
def _site() -> Iterator[tuple[Actor, Path]]:
    """An installation of its own, with one analyst."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"DATA_FOLDER": folder})
        schema.upgrade(settings)
        with create_server(settings).app_context(), acting_as(COMMAND_LINE):
            person = UserService.add_user("anna", Role.ANALYST)
            actor = Actor(person["id"], person["role"], frozenset(), "cli", person["name"])
            yield actor, Path(folder)
            runtime.engine().dispose()


if __name__ == "__main__":
    main(run)
