"""The formats of exports. To add one: write its function and list it here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from diagnostics.exporters.csv_tables import write_csv_tables
from diagnostics.exporters.hdf5 import write_hdf5
from diagnostics.exporters.matlab import write_matlab
from diagnostics.exporters.parquet import write_parquet
from diagnostics.exporters.record import ExportedDataset, ExportedRecording
from diagnostics.progress import Report

Write = Callable[[ExportedDataset, Iterable[ExportedRecording], Path, Report], None]


@dataclass(frozen=True)
class Format:
    """How data sets are written in one format.

    Attributes
    ----------
    size_factor, value_bytes
        Bytes of the file for one byte of the packed recordings, and beside that for one sample
        of one channel. Both roughly.
    """

    name: str
    title: str
    suffix: str
    media_type: str
    write: Write
    size_factor: float
    value_bytes: float = 0.0

    def estimate(self, packed_bytes: float, value_count: int) -> int:
        """About how many bytes a file will have."""
        return int(packed_bytes * self.size_factor + value_count * self.value_bytes)


FORMATS: tuple[Format, ...] = (
    Format("hdf5", "HDF5, one file", ".h5", "application/x-hdf5", write_hdf5, 1.0),
    Format("mat", "MATLAB v5, zipped", ".zip", "application/zip", write_matlab, 1.1),
    Format("csv", "CSV, zipped", ".zip", "application/zip", write_csv_tables, 1.5, 8.0),
    Format("parquet", "Parquet", ".parquet", "application/vnd.apache.parquet", write_parquet, 1.0),
)


def find_format(name: str) -> Format | None:
    """The format of a name; None when there is none.

    Examples
    --------
    >>> find_format("hdf5").suffix
    '.h5'
    """
    return next((one for one in FORMATS if one.name == name), None)
