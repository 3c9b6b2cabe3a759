"""A table of ours, stored as Parquet: numbers of columns, rows anywhere in it, in blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.tables.arrow_types import column_of
from diagnostics.tables.kinds import Column

Numbers = NDArray[np.float64]
Block = tuple[NDArray[Any], ...]


class StoredTable:
    """Open a table that :func:`diagnostics.tables.writing.write_table` wrote.

    Parameters
    ----------
    path : Path
    missing_codes : sequence of str
        Numbers that stand for a missing value (``"-200"``), and texts that do.
    """

    def __init__(self, path: Path, missing_codes: Sequence[str] = ()) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise FileFormatError("A stored table cannot be read. Import it again.") from error
        self.row_count: int = self._file.metadata.num_rows
        found = [column_of(field) for field in self._file.schema_arrow]
        self.columns: tuple[Column, ...] = tuple(one[1] for one in found if one is not None)
        self._texts = set(missing_codes)
        self._codes = [n for n in map(_number, missing_codes) if n is not None]
        sizes = [
            self._file.metadata.row_group(n).num_rows
            for n in range(self._file.metadata.num_row_groups)
        ]
        self._starts = np.concatenate([[0], np.cumsum(sizes)])

    def column(self, name: str) -> Any:
        """A column as an Arrow array, with texts that stand for nothing as nulls."""
        return self._known(self._file.read(columns=[name]).column(0).combine_chunks())

    def blocks(self, columns: Sequence[str]) -> Iterator[tuple[int, Block]]:
        """Group after group of rows: where it begins, and an array for each column.

        Numbers are float64 with NaN where there is no value or one that stands for none, moments
        seconds since 1970, texts objects with None.
        """
        for group in range(len(self._starts) - 1):
            table = self._file.read_row_group(group, columns=list(columns))
            yield int(self._starts[group]), self._arrays(table, columns)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> Block:
        """Rows anywhere in the table, ascending, as :meth:`blocks` gives them."""
        groups = np.searchsorted(self._starts, rows, side="right") - 1
        parts = []
        for group in np.unique(groups):
            table = self._file.read_row_group(int(group), columns=list(columns))
            inside = rows[groups == group] - self._starts[group]
            parts.append(self._arrays(table.take(inside), columns))
        if not parts:
            return tuple(np.empty(0) for _ in columns)
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def numbers(self, name: str) -> Numbers:
        """A whole column as numbers: shape (rows,)."""
        return self.to_numbers(self._file.read(columns=[name]).column(0))

    def cells(self, rows: NDArray[np.int64], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows as plain values by column, in the order that is asked for.

        None where a value is missing, or infinite: JSON has no word for that.
        """
        found: dict[int, dict[str, Any]] = {}
        for row, table, place in self._rows(rows, columns):
            found[row] = table.slice(place, 1).to_pylist()[0]
        return [{name: self._cell(found[int(row)][name]) for name in columns} for row in rows]

    def to_numbers(self, column: Any) -> Numbers:
        """An Arrow column as numbers; moments as seconds since 1970, texts not at all."""
        import pyarrow as pa

        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64()).cast(pa.float64())
            scale = 1e-6
        else:
            column, scale = column.cast(pa.float64(), safe=False), 1.0
        values = np.array(column.to_numpy(zero_copy_only=False), dtype=np.float64)
        for code in self._codes:
            values[values == code] = np.nan
        return values * scale if scale != 1.0 else values

    def _arrays(self, table: Any, columns: Sequence[str]) -> Block:
        import pyarrow as pa

        found: list[NDArray[Any]] = []
        for name in columns:
            column = table.column(name)
            if pa.types.is_string(column.type):
                known = self._known(column.combine_chunks())
                found.append(known.to_numpy(zero_copy_only=False))
            else:
                found.append(self.to_numbers(column))
        return tuple(found)

    def _rows(
        self, rows: NDArray[np.int64], columns: Sequence[str]
    ) -> Iterator[tuple[int, Any, int]]:
        wanted = np.unique(rows)
        groups = np.searchsorted(self._starts, wanted, side="right") - 1
        for group in np.unique(groups):
            table = self._file.read_row_group(int(group), columns=list(columns))
            for row in wanted[groups == group]:
                yield int(row), table, int(row - self._starts[group])

    def _known(self, column: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self._texts or not pa.types.is_string(column.type):
            return column
        missing = pc.is_in(column, value_set=pa.array(sorted(self._texts)))
        return pc.if_else(missing, pa.scalar(None, pa.string()), column)

    def _cell(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return None if value in self._texts else value
        if isinstance(value, int | float):
            known = math.isfinite(value) and value not in self._codes
            return value if known else None
        return value.isoformat()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def columns_of(path: Path) -> tuple[tuple[Column, ...], int]:
    """The columns of a stored table, and how many rows there are.

    Raises
    ------
    FileFormatError
        If it cannot be read.
    """
    table = StoredTable(path)
    return table.columns, table.row_count
