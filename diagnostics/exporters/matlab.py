"""A data set as a zip archive with a MATLAB v5 file for each recording.

A single file would end at what MATLAB reads of one variable, and has to be loaded as a whole.
``recordings/000001_pump.mat`` holds

==============  ===================================================================
``x``           samples × channels, double or single
``fs``          Hz
``unit``        of the channels, a cell array of texts
``channels``    their names, a cell array of texts
``fault``       the label; empty when there is none
``metadata``    a struct: name, machine, bearing, load, speed_rpm and so on, as texts
                and numbers for people
``rotorscope``  the same and all attributes, exactly: JSON in UTF-8 as uint8
                (``jsondecode(native2unicode(rotorscope, 'UTF-8'))``)
==============  ===================================================================
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np

from diagnostics.errors import FileFormatError
from diagnostics.exporters.record import (
    JSON_TEXTS,
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

MARK = "rotorscope"
LARGEST_BYTES = 2**31 - 1
"""Of one variable in a MATLAB v5 file."""
_LONGEST_STEM = 60
# Numbers of the format: MAT-File Format, MathWorks, tables 1-1 to 1-3.
_MI_INT8, _MI_INT32, _MI_UINT32, _MI_SINGLE, _MI_DOUBLE, _MI_MATRIX = 1, 5, 6, 7, 9, 14
_MX_DOUBLE, _MX_SINGLE = 6, 7


def write_matlab(
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

    Raises
    ------
    FileFormatError
        If a recording is larger than a MATLAB v5 file can hold.
    """
    counter = Counter(dataset, report)
    with (
        finished_file(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for number, exported in enumerate(recordings, start=1):
            name = f"recordings/{number:06d}_{_stem(exported.record.name)}.mat"
            with exported.open() as recording, archive.open(name, "w", force_zip64=True) as file:
                record = replace(exported.record, dtype=recording.dtype.name)
                _check_size(record, recording)
                file.write(_head(record))
                _write_samples(file, recording, counter, record.name)


def _stem(name: str) -> str:
    """Only what every file system and program takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:_LONGEST_STEM] or "recording"


def _check_size(record: Record, recording: RecordingFile) -> None:
    size = recording.sample_count * len(record.channels) * recording.dtype.itemsize
    if size > LARGEST_BYTES:
        raise FileFormatError(
            f"“{record.name}” has {size / 1e9:.1f} GB of samples; a MATLAB v5 file holds 2.1 GB. "
            "Export the data set as HDF5, which MATLAB reads too."
        )


def _head(record: Record) -> bytes:
    """The file up to its samples."""
    from scipy.io import savemat

    plain = to_plain(record)
    told = {
        "name": record.name,
        "sample_count": float(record.sample_count),
        "content_hash": record.content_hash,
        **{name: to_json(plain[name]) for name in JSON_TEXTS},
        **record.texts,
    }
    if record.speed_rpm is not None:
        told["speed_rpm"] = record.speed_rpm
    exact = to_json(plain).encode()
    content = io.BytesIO()
    values = {
        "fs": float(record.sample_rate_hz),
        "unit": np.array([[c.unit.value for c in record.channels]], dtype=object),
        "channels": np.array([[c.name for c in record.channels]], dtype=object),
        "fault": record.label,
        "metadata": told,
        MARK: np.frombuffer(exact, dtype=np.uint8),
    }
    savemat(content, values)
    # The head says when it was written; the same data set shall make the same file.
    return b"MATLAB 5.0 MAT-file, Rotorscope".ljust(116) + content.getvalue()[116:]


def _write_samples(file: IO[bytes], recording: RecordingFile, counter: Counter, name: str) -> None:
    """The variable ``x``, column after column. scipy would need all of it in memory."""
    single = recording.dtype == np.float32
    count, channels = recording.sample_count, len(recording.channels)
    size = count * channels * recording.dtype.itemsize
    padding = -size % 8
    about = struct.pack(
        "<4I2I2i2I2I",
        *(_MI_UINT32, 8, _MX_SINGLE if single else _MX_DOUBLE, 0),
        *(_MI_INT32, 8, count, channels),
        *(_MI_INT8 | 1 << 16, ord("x")),
        *(_MI_SINGLE if single else _MI_DOUBLE, size),
    )
    file.write(struct.pack("<2I", _MI_MATRIX, len(about) + size + padding) + about)
    for channel in range(channels):
        for _, block in blocks(recording, channel):
            file.write(block.astype(block.dtype.newbyteorder("<"), copy=False).tobytes())
            counter.add(block.size, name)
    file.write(bytes(padding))
