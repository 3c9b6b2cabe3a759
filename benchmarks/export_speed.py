"""How fast a data set becomes a file, against a script that only writes the arrays.

For each format the script writes the same samples with the library of that format (h5py, scipy,
pyarrow) from arrays that lie in memory, with the same compression and in the same layout. The
export also reads the recordings from the store and writes what is known about them.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from scipy.io import savemat

from benchmarks.measure import Benchmark, Figure, main, median, seconds_once
from diagnostics.exporters.record import ExportedDataset, ExportedRecording, Record
from diagnostics.exporters.registry import FORMATS, Format
from diagnostics.progress import silent
from diagnostics.signals.recording_file import CHUNK, STORAGE, open_recording, write_recording
from diagnostics.signals.signal import Unit, single_channel

REPEAT = 3
RECORDINGS, SAMPLES, RATE_HZ = 40, 102_400, 20_480.0
STEP_G = 1 / 3276.8  # one step of a 16-bit converter over ± 10 g


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        signals = [_vibration(number) for number in range(RECORDINGS)]
        dataset, recordings = _stored(signals, place)
        figures: list[Figure] = []
        for one in FORMATS:
            figures += _compare(one, dataset, recordings, signals, place)
    return Benchmark(
        name="export_speed",
        title="Export against a plain script",
        method=(
            f"{RECORDINGS} recordings of {SAMPLES:,} float64 samples in steps of a 16-bit "
            "converter. Script and export take turns; the ratio is the median over the pairs. MB "
            "are those of the samples in memory. HDF5 is copied as it is stored, packed already."
        ),
        figures=figures,
        command="python -m benchmarks.export_speed",
    )


def _compare(
    one: Format,
    dataset: ExportedDataset,
    recordings: list[ExportedRecording],
    signals: list[Any],
    place: Path,
) -> list[Figure]:
    path = place / f"export{one.suffix}"
    scripts, exports = [], []
    for _ in range(REPEAT + 1):
        scripts.append(seconds_once(lambda: SCRIPTS[one.name](signals, place)))
        exports.append(seconds_once(lambda: one.write(dataset, recordings, path, silent)))
    # The first round only warms up.
    ratios = [100 * s / e for s, e in zip(scripts[1:], exports[1:], strict=True)]
    megabytes = sum(samples.nbytes for samples in signals) / 1e6
    size = path.stat().st_size / 1e6
    return [
        Figure(f"{one.title}: of the script's speed", median(ratios), "%", REPEAT),
        Figure(
            f"{one.title}: export",
            megabytes / median(exports[1:]),
            "MB/s",
            REPEAT,
            note=f"{megabytes:.0f} MB become {size:.1f} MB",
        ),
        Figure(f"{one.title}: script", megabytes / median(scripts[1:]), "MB/s", REPEAT),
    ]


def _hdf5(signals: list[Any], place: Path) -> None:
    with h5py.File(place / "script.h5", "w") as file:
        for number, samples in enumerate(signals):
            chunks = (1, CHUNK)
            file.create_dataset(str(number), data=samples[np.newaxis], chunks=chunks, **STORAGE)


def _mat(signals: list[Any], place: Path) -> None:
    path = place / "script.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, samples in enumerate(signals):
            content = io.BytesIO()
            savemat(content, {"x": samples[:, np.newaxis], "fs": RATE_HZ})
            archive.writestr(f"{number}.mat", content.getbuffer())


def _csv(signals: list[Any], place: Path) -> None:
    path = place / "script.zip"
    options = pacsv.WriteOptions(include_header=False)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, samples in enumerate(signals):
            with archive.open(f"{number}.csv", "w") as file:
                pacsv.write_csv(_long(number, samples), file, options)


def _long(number: int, samples: Any) -> pa.Table:
    count = samples.size
    position = np.arange(count)
    return pa.table(
        {
            "recording": np.full(count, number),
            "channel": pa.repeat(pa.scalar("signal"), count),
            "unit": pa.repeat(pa.scalar("g"), count),
            "sample": position,
            "time_s": position / RATE_HZ,
            "value": samples,
        }
    )


def _parquet(signals: list[Any], place: Path) -> None:
    column = {"values.list.element": "BYTE_STREAM_SPLIT"}
    schema = pa.schema([("recording", pa.int32()), ("values", pa.list_(pa.float64()))])
    with pq.ParquetWriter(
        place / "script.parquet",
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        column_encoding=column,
    ) as writer:
        for number, samples in enumerate(signals):
            edges = pa.array([0, samples.size], pa.int32())
            values = pa.ListArray.from_arrays(edges, pa.array(samples))
            writer.write_table(pa.table([pa.array([number], pa.int32()), values], schema=schema))


SCRIPTS: dict[str, Callable[[list[Any], Path], None]] = {
    "hdf5": _hdf5,
    "mat": _mat,
    "csv": _csv,
    "parquet": _parquet,
}


def _vibration(seed: int) -> Any:
    noise = np.random.default_rng(seed).normal(scale=0.3, size=SAMPLES)
    tone = np.sin(2 * np.pi * 25 * np.arange(SAMPLES) / RATE_HZ)
    return np.round((noise + tone) / STEP_G) * STEP_G


def _stored(signals: list[Any], place: Path) -> tuple[ExportedDataset, list[ExportedRecording]]:
    """The recordings as the store keeps them."""
    recordings = []
    for number, samples in enumerate(signals):
        signal = single_channel(samples, RATE_HZ, Unit.ACCELERATION_G)
        path = place / f"{number}.h5"
        write_recording(signal, path)
        record = Record(
            f"recording {number}", RATE_HZ, SAMPLES, signal.channels, label=f"class {number % 4}"
        )
        recordings.append(ExportedRecording(record, partial(open_recording, path)))
    return ExportedDataset("speed", 1, "", RECORDINGS, RECORDINGS * SAMPLES), recordings


if __name__ == "__main__":
    main(run)
