"""A table of features for other programs: a row for each window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diagnostics.features.table_file import TableFile, TableRows
from diagnostics.spreadsheets import csv_lines, harmless

WINDOW_COLUMNS = (
    "recording_id",
    "recording",
    "first_sample",
    "start_s",
    "stop_s",
    "label",
    "group",
)
"""What stands before the features in every row."""


def write_parquet(table: TableFile, path: Path) -> None:
    """Write a table as Parquet; the units are metadata of its columns.

    Parameters
    ----------
    table : TableFile
        Read some thousand windows at a time.
    path : Path
        A file of that name is replaced.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"recording_id": pa.int64(), "first_sample": pa.int64()}
    kinds |= {"start_s": pa.float64(), "stop_s": pa.float64()}
    heads = [pa.field(name, kinds.get(name, pa.string())) for name in WINDOW_COLUMNS]
    heads += [
        pa.field(name, pa.float64(), metadata={b"unit": unit.encode()})
        for name, unit in zip(table.columns, table.units, strict=True)
    ]
    columns = pa.schema(heads)
    with pq.ParquetWriter(path, columns, compression="zstd", compression_level=1) as writer:
        for rows in table.blocks(16_384):
            # NaN stays NaN: a number that is unknown is no missing row.
            parts = [*_known(rows), *rows.values.T]
            arrays = [
                pa.array(part, type=head.type) for part, head in zip(parts, heads, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=columns))


def csv_pieces(table: TableFile) -> Iterator[str]:
    """The table as CSV, some thousand lines at a time; an unknown number is an empty cell.

    Numbers have as many digits as it takes to read the same number again. A text that a
    spreadsheet would take for a formula has a ``'`` before it.

    Yields
    ------
    str
    """
    yield csv_lines([[*WINDOW_COLUMNS, *map(harmless, table.columns)]])
    for rows in table.blocks():
        known = zip(*_known(rows), strict=True)
        yield csv_lines(
            [
                [*map(_cell, about), *(_cell(value) for value in values)]
                for about, values in zip(known, rows.values.tolist(), strict=True)
            ]
        )


def _known(rows: TableRows) -> list[Any]:
    """In the order of WINDOW_COLUMNS."""
    return [
        rows.recording_ids.tolist(),
        list(rows.recordings),
        rows.first_samples.tolist(),
        rows.starts_s.tolist(),
        rows.stops_s.tolist(),
        list(rows.labels),
        list(rows.groups),
    ]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return "" if value != value else value
