"""Blocks of rows into one Parquet file of ours, with the types that the other code knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagnostics.errors import FileFormatError
from diagnostics.tables.arrow_types import column_of
from diagnostics.tables.kinds import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    ROW_GROUP,
    Column,
    ReadTable,
    unique_names,
)
from diagnostics.tables.readers import Reading

Done = Callable[[int], None]


def write_table(reading: Reading, path: Path, done: Done = lambda _rows: None) -> ReadTable:
    """Write all rows as they come; columns of no type that can be used are left out and told.

    Rows at the end in which every cell is empty are left out, as spreadsheets leave them.

    Raises
    ------
    FileFormatError
        If there are no rows, or more than are read.
    """
    writer = _Writer(path)
    try:
        for batch in reading.batches:
            if batch is None:
                writer.begin_anew()
                continue
            writer.add(batch)
            done(writer.row_count)
        return writer.finish(reading.told())
    finally:
        writer.close()


class _Writer:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.begin_anew()

    def begin_anew(self) -> None:
        self._file: Any = None
        self._waiting: list[Any] = []
        self._waiting_rows = 0
        self._empty: list[Any] = []
        self._fields: list[tuple[int, Any, Column]] = []
        self._left_out: list[str] = []
        self.row_count = 0

    def add(self, batch: Any) -> None:
        import pyarrow as pa

        if self._file is None:
            self._open(batch.schema)
        columns = [batch.column(place).cast(kind) for place, kind, _ in self._fields]
        table = pa.table(columns, schema=self._schema)
        full = _last_filled(table)
        if full:
            for rows in (*self._empty, table.slice(0, full)):
                self._keep(rows)
            self._empty = []
        if full < len(table):
            self._empty.append(table.slice(full))

    def finish(self, notes: list[str]) -> ReadTable:
        if not self.row_count:
            raise FileFormatError("The table has no rows.")
        self._flush()
        self.close()
        told = [*notes]
        if self._left_out:
            told.append(f"Left out, since they hold no plain values: {', '.join(self._left_out)}.")
        empty = sum(map(len, self._empty))
        if empty:
            told.append(f"{empty:,} empty rows at the end are left out.")
        columns = tuple(column for _, _, column in self._fields)
        return ReadTable(self.row_count, columns, tuple(told))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, schema: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if len(schema) > MOST_COLUMNS:
            raise FileFormatError(
                f"At most {MOST_COLUMNS:,} columns are read, got {len(schema):,}."
            )
        names = unique_names([field.name for field in schema])
        for place, (field, name) in enumerate(zip(schema, names, strict=True)):
            found = column_of(field, name)
            if found is None:
                self._left_out.append(f"“{name}”")
            else:
                self._fields.append((place, *found))
        if not self._fields:
            raise FileFormatError("The table has no column with plain values.")
        self._schema = pa.schema([_field(column, kind) for _, kind, column in self._fields])
        self._file = pq.ParquetWriter(
            self._path, self._schema, compression="zstd", compression_level=1
        )

    def _keep(self, table: Any) -> None:
        self._waiting.append(table)
        self._waiting_rows += len(table)
        self.row_count += len(table)
        if self.row_count > MOST_ROWS or self.row_count * len(self._fields) > MOST_CELLS:
            raise FileFormatError(
                f"The table has more than {MOST_ROWS:,} rows, or more than {MOST_CELLS:,} cells. "
                "Split it."
            )
        if self._waiting_rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        """Whole groups of rows only, but for the last one, so that places can be counted."""
        import pyarrow as pa

        if self._waiting:
            table = pa.concat_tables(self._waiting)
            self._file.write_table(table, row_group_size=ROW_GROUP)
        self._waiting, self._waiting_rows = [], 0


def _last_filled(table: Any) -> int:
    """The number of rows up to the last one that has a value."""
    import numpy as np

    last = 0
    for column in table.columns:
        if column.null_count < len(column):
            filled = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
            last = max(last, int(filled[-1]) + 1)
    return last


def _field(column: Column, kind: Any) -> Any:
    import pyarrow as pa

    return pa.field(column.name, kind, metadata={b"unit": column.unit.encode()})
