"""A job that extracts 10 000 windows: how fast, and in how much memory.

The whole job runs here as a worker would run it: it claims its row, reads stored recordings
piece by piece, computes, writes the table as HDF5 and Parquet, and leaves its result.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # as in a worker; before the libraries are loaded

import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

import numpy as np  # noqa: E402
import psutil  # noqa: E402

import schema  # noqa: E402
from benchmarks.measure import Benchmark, Figure, at_most, main  # noqa: E402
from diagnostics.signals.signal import Unit, single_channel  # noqa: E402
from models import JobStatus, Origin, Role  # noqa: E402
from server import create_server  # noqa: E402
from services import runtime  # noqa: E402
from services.actor import COMMAND_LINE, Actor, acting_as  # noqa: E402
from services.dataset_service import DatasetService  # noqa: E402
from services.datasets.recording_store import About, store_samples  # noqa: E402
from services.feature_service import FeatureService  # noqa: E402
from services.job_service import JobService  # noqa: E402
from services.user_service import UserService  # noqa: E402
from settings import Settings  # noqa: E402
from tasks.features import extract_features  # noqa: E402
from tasks.runner import run_job  # noqa: E402

RATE_HZ, WINDOW, OVERLAP = 20_480.0, 20_480, 0.5
SAMPLES = 50 * WINDOW
FEW, MANY = 10, 102
LOOK_EVERY_S = 0.02
MOST_MIB = 64.0


class Memory:
    """The most that this process holds beyond what it held at the beginning, in MiB."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._before = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.grown_mib = 0.0
        self.looks = 0

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            grown = self._process.memory_info().rss - self._before
            self.grown_mib = max(self.grown_mib, grown / 2**20)
            self.looks += 1


def run() -> Benchmark:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"DATA_FOLDER": folder})
        schema.upgrade(settings)
        server = create_server(settings)
        runtime.send_with(server, lambda *_: None)
        with server.app_context(), acting_as(_person()):
            few, many = _dataset("few", FEW), _dataset("many", MANY)
            _extracted(few, "warm-up")
            for dataset_id in (few, many):
                windows, seconds, memory = _extracted(dataset_id, "measured")
                name = f"a job of {windows:,} windows"
                figures += [
                    Figure(f"{name}, by the clock", windows / seconds, "windows/s"),
                    at_most(
                        f"{name}: memory grown", memory.grown_mib, MOST_MIB, "MiB", n=memory.looks
                    ),
                ]
            runtime.engine().dispose()
    return Benchmark(
        name="feature_job",
        title="Features of ten thousand windows as a job",
        method=(
            f"Recordings of {SAMPLES:,} float32 samples of noise at 20 480 Hz, stored; windows "
            f"of {WINDOW:,} samples that overlap by half, all domains. One process with one thread "
            "does the whole job: row, reading, computing, HDF5 and Parquet, result. The resident "
            "memory of the process is read every 20 ms, after a first job that warms up."
        ),
        figures=figures,
        command="python -m benchmarks.feature_job",
    )


def _person() -> Actor:
    with acting_as(COMMAND_LINE):
        user_id = UserService.add_user("analyst", Role.ANALYST)["id"]
    return Actor(user_id, Role.ANALYST, frozenset(), "page", "analyst")


def _dataset(name: str, recordings: int) -> int:
    rng = np.random.default_rng(0)
    dataset_id = DatasetService.create(name)
    for number in range(recordings):
        samples = rng.standard_normal(SAMPLES, dtype=np.float32)
        signal = single_channel(samples, RATE_HZ, Unit.ACCELERATION_G)
        stored = store_samples(signal, About(f"{name} {number}", Origin.IMPORTED))
        DatasetService.add_recordings(dataset_id, [stored], "to be measured")
    return dataset_id


def _extracted(dataset_id: int, name: str) -> tuple[int, float, Memory]:
    config = {"window": WINDOW, "overlap": OVERLAP}
    job_id = FeatureService.submit_extraction(dataset_id, name, ["all"], config)
    begun = time.perf_counter()
    with Memory() as memory:
        run_job(job_id, extract_features)
    seconds = time.perf_counter() - begun
    job = JobService.get_job(job_id)
    if job["status"] is not JobStatus.DONE:
        raise RuntimeError(f"the job is {job['status']}: {job['error']}")
    return int((job["result"] or {})["row_count"]), seconds, memory


if __name__ == "__main__":
    main(run)
