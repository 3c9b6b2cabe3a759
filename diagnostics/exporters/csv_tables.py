"""A data set as a zip archive of tables: what is known, and the samples in long form.

``recordings.csv`` has a row for each recording; ``samples/000001.csv`` the samples of the first::

    recording,channel,unit,sample,time_s,value
    1,"drive end","g",0,0,0.0531

One row per sample and not one column: recordings of any length and rate fit into the same
columns, and the files can be put one below the other. Numbers have as many digits as it takes to
read the same number again, in the type that ``recordings.csv`` names.

A text that a spreadsheet would take for a formula has a ``'`` before it, and so has a text that
begins with one: taking one ``'`` off gives the text again.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from diagnostics.exporters.record import (
    JSON_TEXTS,
    TEXTS,
    Counter,
    ExportedDataset,
    ExportedRecording,
    Record,
    blocks,
    finished_file,
    to_json,
    to_plain,
)
from diagnostics.progress import Report, silent
from diagnostics.signals.recording_file import RecordingFile
from diagnostics.spreadsheets import FORMULA_SIGNS

RECORDINGS = "recordings.csv"
SAMPLES = "samples"
HEADER = "recording,channel,unit,sample,time_s,value"
COLUMNS = (
    "recording",
    "name",
    *TEXTS,
    "speed_rpm",
    "sample_rate_hz",
    "sample_count",
    "dtype",
    "channels",
    *JSON_TEXTS,
    "content_hash",
)
SIGNS = (*FORMULA_SIGNS, "'")
_ROWS = 1 << 17
_IN_MEMORY = 8 << 20


def write_csv_tables(
    dataset: ExportedDataset,
    recordings: Iterable[ExportedRecording],
    path: Path,
    report: Report = silent,
) -> None:
    """Write the data set; the archive appears when all of it is there.

    Parameters
    ----------
    dataset : ExportedDataset
    recordings : iterable of ExportedRecording
        Read block by block.
    path : Path
        Ends in ``.zip``. A file of that name is replaced.
    report : callable, optional
        Told after each block.
    """
    counter = Counter(dataset, report)
    with (
        finished_file(path) as temporary,
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as rows,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        # The mark tells spreadsheets that it is UTF-8.
        rows.write("\ufeff".encode() + _line(COLUMNS))
        for number, exported in enumerate(recordings, start=1):
            name = f"{SAMPLES}/{number:06d}.csv"
            with exported.open() as recording, archive.open(name, "w", force_zip64=True) as file:
                _write_samples(file, number, recording, counter, exported.record.name)
                record = replace(exported.record, dtype=recording.dtype.name)
            rows.write(_line(_cells(number, record)))
        rows.seek(0)
        with archive.open(RECORDINGS, "w", force_zip64=True) as file:
            while block := rows.read(_IN_MEMORY):
                file.write(block)


def harmless(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> harmless("=A1"), harmless("'x"), harmless("pump")
    ("'=A1", "''x", 'pump')
    """
    return f"'{text}" if text.startswith(SIGNS) else text


def original(text: str) -> str:
    """What :func:`harmless` was given.

    Examples
    --------
    >>> original("'=A1"), original("pump")
    ('=A1', 'pump')
    """
    return text.removeprefix("'")


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _cells(number: int, record: Record) -> list[str]:
    texts, plain = record.texts, to_plain(record)
    return [
        str(number),
        harmless(record.name),
        *(harmless(texts.get(name, "")) for name in TEXTS),
        "" if record.speed_rpm is None else repr(float(record.speed_rpm)),
        repr(float(record.sample_rate_hz)),
        str(record.sample_count),
        record.dtype,
        *(to_json(plain[name]) for name in ("channels", *JSON_TEXTS)),
        record.content_hash,
    ]


def _write_samples(
    file: IO[bytes], number: int, recording: RecordingFile, counter: Counter, name: str
) -> None:
    file.write(f"{HEADER}\n".encode())
    for channel in range(len(recording.channels)):
        for start, block in blocks(recording, channel):
            for first in range(0, block.size, _ROWS):
                values = block[first : first + _ROWS]
                _write_rows(file, number, recording, channel, start + first, values)
            counter.add(block.size, name)


def _write_rows(
    file: IO[bytes], number: int, recording: RecordingFile, channel: int, start: int, values: Any
) -> None:
    import pyarrow as pa
    from pyarrow.csv import WriteOptions, write_csv

    count = values.size
    samples = np.arange(start, start + count, dtype=np.int64)
    said = recording.channels[channel]
    table = pa.table(
        [
            np.full(count, number, dtype=np.int32),
            pa.repeat(pa.scalar(harmless(said.name)), count),
            pa.repeat(pa.scalar(said.unit.value), count),
            samples,
            samples / recording.sample_rate_hz,
            values,
        ],
        names=HEADER.split(","),
    )
    write_csv(table, file, WriteOptions(include_header=False))
