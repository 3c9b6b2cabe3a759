"""Rows of a stored table as detectors read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.table import ArrayTable, Block, Column, ColumnKind, Rows, Table
from diagnostics.tables.stored import StoredTable

CELLS_IN_MEMORY = 16_000_000
"""A table with fewer is read once and whole."""
_SEED = 42
_KINDS = {"text": ColumnKind.TEXT, "boolean": ColumnKind.BOOLEAN}


@dataclass(frozen=True, eq=False)
class ChosenRows:
    """Columns of a stored table, and some of its rows.

    Attributes
    ----------
    places : array of shape (rows,), or None
        The rows in the stored table, ascending; None for all.
    """

    stored: StoredTable
    columns: tuple[Column, ...]
    places: NDArray[np.int64] | None = None

    @property
    def rows(self) -> int:
        return self.stored.row_count if self.places is None else len(self.places)

    def blocks(self, rows: int) -> Iterator[Block]:
        names = [column.name for column in self.columns]
        if self.places is None:
            for _, block in self.stored.blocks(names):
                for start in range(0, len(block[0]), rows):
                    yield tuple(array[start : start + rows] for array in block)
            return
        for start in range(0, len(self.places), rows):
            yield self.stored.take(names, self.places[start : start + rows])

    def take(self, rows: Rows) -> Block:
        places = rows if self.places is None else self.places[rows]
        names = [column.name for column in self.columns]
        return self.stored.take(names, np.asarray(places, dtype=np.int64))


def rows_for_detector(
    stored: StoredTable, names: Sequence[str], places: NDArray[np.int64] | None = None
) -> Table:
    """The named columns; a small table is in memory then.

    Moments are taken as seconds since 1970.
    """
    types = {column.name: column.type for column in stored.columns}
    columns = tuple(Column(n, _KINDS.get(types[n], ColumnKind.NUMBER)) for n in names)
    chosen = ChosenRows(stored, columns, places)
    if chosen.rows * len(names) > CELLS_IN_MEMORY or not names:
        return chosen
    parts = list(chosen.blocks(max(1, chosen.rows)))
    arrays: list[Any] = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return ArrayTable(columns, tuple(arrays))


def sampled_rows(row_count: int, size: int | None) -> NDArray[np.int64] | None:
    """So many rows drawn without bias, always the same, ascending; None for all.

    Examples
    --------
    >>> sampled_rows(5, 9) is None, len(sampled_rows(1000, 100))
    (True, 100)
    """
    if size is None or size >= row_count:
        return None
    drawn = np.random.default_rng(_SEED).choice(row_count, size, replace=False)
    return np.sort(drawn).astype(np.int64)
