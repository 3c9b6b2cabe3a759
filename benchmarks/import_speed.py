"""How fast files become recordings, against a script that only reads and stores them.

The script reads the same files with scipy or NumPy and writes the samples with h5py, with the
same chunks and compression. The import also checks the files, looks for what is
wrong with the samples, hashes them, makes the min-max pyramid and writes the rows.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import loadmat, savemat

import schema
from benchmarks.measure import Benchmark, Figure, at_least, main, median
from diagnostics.signals.recording_file import CHUNK, STORAGE
from models import Role
from server import create_server
from services import runtime
from services.actor import COMMAND_LINE, Actor, acting_as
from services.dataset_service import DatasetService
from services.import_service import ImportService, SourceFile
from services.user_service import UserService
from settings import Settings

REPEAT = 5
PROMISED_PERCENT = 60.0
LONG = 10_000_000
FILES, SHORT = 24, 120_000
STEP_G = 1 / 3276.8  # one step of a 16-bit converter over ± 10 g


def run() -> Benchmark:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for title, files in (
            (f"one NPY file, {LONG:,} samples", [_long_file(place)]),
            (f"{FILES} MATLAB files, 2 × {SHORT:,} samples each", _short_files(place)),
        ):
            figures += _compare(title, files, place)
    return Benchmark(
        name="import_speed",
        title="Import against a plain script",
        method=(
            "Vibration-like float64 samples in steps of a 16-bit converter. Script and import take "
            "turns; the ratio is the median over the pairs. Same chunks "
            f"({CHUNK:,} samples), gzip {STORAGE['compression_opts']} and shuffle on both sides."
        ),
        figures=figures,
        command="python -m benchmarks.import_speed",
    )


def _compare(title: str, files: list[Path], place: Path) -> list[Figure]:
    megabytes = sum(samples.nbytes for file in files for samples in _arrays(file)) / 1e6
    scripts, imports = [], []
    with _site(place) as owner:
        for number in range(REPEAT + 1):
            scripts.append(_seconds(lambda: _script(files, place)))
            imports.append(_seconds(lambda number=number: _import(files, owner, number)))
            DatasetService.delete_dataset(DatasetService.list_datasets()[0]["id"], delete_file=True)
    # The first round only warms up.
    ratios = [100 * s / i for s, i in zip(scripts[1:], imports[1:], strict=True)]
    return [
        at_least(
            f"{title}: of the script's speed", median(ratios), PROMISED_PERCENT, "%", n=REPEAT
        ),
        Figure(f"{title}: import", megabytes / median(imports[1:]), "MB/s", REPEAT),
        Figure(f"{title}: script", megabytes / median(scripts[1:]), "MB/s", REPEAT),
    ]


def _script(files: list[Path], place: Path) -> None:
    for number, file in enumerate(files):
        rows = np.stack([np.ravel(samples) for samples in _arrays(file)])
        with h5py.File(place / f"script-{number}.h5", "w") as stored:
            chunks = (1, min(CHUNK, rows.shape[1]))
            stored.create_dataset("samples", data=rows, chunks=chunks, **STORAGE)


def _import(files: list[Path], owner: Actor, number: int) -> None:
    sources = [SourceFile(file.name, file.name, file) for file in files]
    with acting_as(owner):
        dataset_id = DatasetService.create(f"run {number}")
        typed = {"sample_rate_hz": 25_600, "unit": "g", "speed_rpm": 1_500}
        result = ImportService.import_files(sources, dataset_id, shared=typed)
    if result["imported"] != len(files):
        raise RuntimeError(f"{result['imported']} of {len(files)} files were imported.")


def _arrays(file: Path) -> list[Any]:
    if file.suffix == ".npy":
        return [np.load(file)]
    return [value for name, value in loadmat(file).items() if not name.startswith("__")]


def _vibration(count: int, seed: int) -> np.ndarray[Any, Any]:
    noise = np.random.default_rng(seed).normal(scale=0.3, size=count)
    tone = np.sin(2 * np.pi * 25 * np.arange(count) / 25_600)
    return np.round((noise + tone) / STEP_G) * STEP_G


def _long_file(place: Path) -> Path:
    path = place / "long.npy"
    np.save(path, _vibration(LONG, 0))
    return path


def _short_files(place: Path) -> list[Path]:
    paths = []
    for number in range(FILES):
        path = place / f"short-{number}.mat"
        channels = {"one": _vibration(SHORT, 2 * number), "two": _vibration(SHORT, 2 * number + 1)}
        savemat(path, channels, do_compression=True)
        paths.append(path)
    return paths


@contextmanager
def _site(place: Path) -> Iterator[Actor]:
    """An installation of its own, with one analyst."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        settings = Settings.from_environment({"DATA_FOLDER": folder})
        schema.upgrade(settings)
        with create_server(settings).app_context(), acting_as(COMMAND_LINE):
            person = UserService.add_user("anna", Role.ANALYST)
            yield Actor(person["id"], person["role"], frozenset(), "cli", person["name"])
            runtime.engine().dispose()


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(run)
