"""How fast files become recordings, against a script that only reads and stores them.

The script reads the same files with the library that is made for them and writes the samples with
h5py, with the same chunks and compression. The import also checks the files, looks for what is
wrong with the samples, hashes them, makes the min-max pyramid and writes the rows; most formats
are read by another process, and chunks are packed by a few threads, where h5py packs them one by
one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow.parquet as pq
import pyuff
import soundfile
from nptdms import TdmsFile
from python_calamine import CalamineWorkbook
from scipy.io import loadmat, savemat

import schema
from benchmarks.measure import Benchmark, Figure, at_least, at_most, main, median, seconds_once
from diagnostics.importers import isolation
from diagnostics.importers.registry import open_file
from diagnostics.signals.recording_file import CHUNK, STORAGE
from models import Role
from server import create_server
from services import runtime
from services.actor import COMMAND_LINE, Actor, acting_as
from services.dataset_service import DatasetService
from services.import_service import ImportService
from services.importing.sources import SourceFile
from services.user_service import UserService
from settings import Settings
from tests.unit.diagnostics.importers.files import write

ROOT = Path(__file__).parents[1]
REPEAT = 5
PROMISED_PERCENT = 60.0
LONG = 10_000_000
FILES, SHORT = 24, 120_000
FEW, SMALL_FILES = 6, 41
LONG_TABLE = 2_000_000
FORMATS = {
    ".73.mat": "MATLAB v7.3",
    ".h5": "HDF5",
    ".parquet": "Parquet",
    ".wav": "WAV",
    ".flac": "FLAC",
    ".tdms": "TDMS",
    ".uff": "UFF 58b",
    ".csv": "CSV",
    ".csv.gz": "packed CSV",
    ".xlsx": "Excel",
    ".ods": "OpenDocument",
}
SHEETS = (".xlsx", ".ods")
MEASURE = """
import sys
from pathlib import Path
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.text_tables import open_table
def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
before = most()
contents = open_table(Path(sys.argv[1]), Limits())
held = sum(read().nbytes for read in contents.arrays.values())
sys.stdout.write(str((most() - before) / held))
"""
STEP_G = 1 / 3276.8  # one step of a 16-bit converter over ± 10 g


def run() -> Benchmark:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        figures += _reader(place)
        figures += _memory_of_a_table(place)
        for title, files in (
            (f"one NPY file, {LONG:,} samples", [_long_file(place)]),
            (f"{FILES} MATLAB files, 2 × {SHORT:,} samples each", _short_files(place)),
        ):
            figures += _compare(title, files, place, promised=True)
        for title, files in _each_format(place):
            figures += _compare(title, files, place, promised=False)
    return Benchmark(
        name="import_speed",
        title="Import against a plain script",
        method=(
            "Vibration-like float64 samples in steps of a 16-bit converter. Script and import take "
            "turns; the ratio is the median over the pairs. Same chunks "
            f"({CHUNK:,} samples), gzip {STORAGE['compression_opts']} and shuffle on both sides. "
            "Script and import are compared by the clock: the script is one thread, as h5py is; "
            "the import packs with several and reads in another process. "
            "MB are those of the samples as numbers of 8 bytes. Memory of a table: the most that a "
            "fresh process holds above what it holds before, over the size of the numbers."
        ),
        figures=figures,
        command="python -m benchmarks.import_speed",
    )


def _compare(title: str, files: list[Path], place: Path, *, promised: bool) -> list[Figure]:
    megabytes = 8 * sum(samples.size for file in files for samples in _arrays(file)) / 1e6
    scripts, imports = [], []
    with _site(place) as owner:
        for number in range(REPEAT + 1):
            scripts.append(seconds_once(lambda: _script(files, place)))
            imports.append(seconds_once(partial(_import, files, owner, number)))
            DatasetService.delete_dataset(DatasetService.list_datasets()[0]["id"], delete_file=True)
    # The first round only warms up.
    ratios = [100 * s / i for s, i in zip(scripts[1:], imports[1:], strict=True)]
    ratio = f"{title}: of the script's speed", median(ratios)
    compared = (
        at_least(*ratio, PROMISED_PERCENT, "%", n=REPEAT)
        if promised
        else Figure(*ratio, "%", REPEAT)
    )
    return [
        compared,
        Figure(f"{title}: import", megabytes / median(imports[1:]), "MB/s", REPEAT),
        Figure(f"{title}: script", megabytes / median(scripts[1:]), "MB/s", REPEAT),
    ]


def _reader(place: Path) -> list[Figure]:
    """What it costs that another process reads: once, and for each file of a batch."""
    paths = []
    for number in range(SMALL_FILES):
        paths.append(place / f"small-{number}.mat")
        savemat(paths[-1], {"x": _vibration(1000, number)})
    starts = []
    for _ in range(REPEAT):
        isolation.close()
        starts.append(seconds_once(lambda: open_file(paths[0], paths[0].name)))
    each = [seconds_once(partial(open_file, path, path.name)) for path in paths[1:]]
    return [
        Figure(
            "first small file, with the start of its reader", 1e3 * median(starts), "ms", REPEAT
        ),
        at_most("each further small file", 1e3 * median(each), 60, "ms", n=len(each)),
    ]


def _memory_of_a_table(place: Path) -> list[Figure]:
    path = place / "memory.csv"
    write(path, {"one": _vibration(LONG_TABLE, 0), "two": _vibration(LONG_TABLE, 1)})
    measured = [
        float(subprocess.check_output([sys.executable, "-c", MEASURE, str(path)], cwd=ROOT))
        for _ in range(3)
    ]
    title = f"table of 2 × {LONG_TABLE:,} numbers: memory over that of the numbers"
    return [at_most(title, median(measured), 2.5, "", n=len(measured))]


def _each_format(place: Path) -> Iterator[tuple[str, list[Path]]]:
    for ending, title in FORMATS.items():
        count = 10_000 if ending in SHEETS else SHORT
        paths = []
        for number in range(FEW):
            values = {
                "one": _vibration(count, 2 * number) / 10,
                "two": _vibration(count, 2 * number + 1) / 10,
            }
            paths.append(write(place / f"few-{number}{ending}", values))
        yield f"{FEW} {title} files, 2 × {count:,} samples each", paths


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
    """The samples as a person reads them who knows the file."""
    return READ[next(ending for ending in READ if file.name.endswith(ending))](file)


def _columns(table: Any) -> list[Any]:
    return list(np.asarray(table).T)


def _of_hdf5(file: Path) -> list[Any]:
    with h5py.File(file) as stored:
        return [item[()] for item in stored.values()]


def _of_tdms(file: Path) -> list[Any]:
    with TdmsFile.read(file) as stored:
        return [channel[:] for group in stored.groups() for channel in group.channels()]


def _of_sheet(file: Path) -> list[Any]:
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    return _columns(np.array(rows[1:], dtype=float))


READ = {
    ".73.mat": _of_hdf5,
    ".mat": lambda file: [v for name, v in loadmat(file).items() if not name.startswith("__")],
    ".npy": lambda file: [np.load(file)],
    ".h5": _of_hdf5,
    ".csv": lambda file: _columns(np.loadtxt(file, delimiter=",", skiprows=1)),
    ".csv.gz": lambda file: _columns(np.loadtxt(file, delimiter=",", skiprows=1)),
    ".parquet": lambda file: [c.to_numpy() for c in pq.read_table(file).columns],
    ".wav": lambda file: _columns(soundfile.read(file)[0]),
    ".flac": lambda file: _columns(soundfile.read(file)[0]),
    ".tdms": _of_tdms,
    ".uff": lambda file: [each["data"] for each in pyuff.UFF(str(file)).read_sets()],
    ".xlsx": _of_sheet,
    ".ods": _of_sheet,
}


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


if __name__ == "__main__":
    main(run)
