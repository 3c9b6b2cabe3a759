"""What detectors read: a table of any length, block by block or by chosen rows."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import DetectionError

Rows = NDArray[np.intp]
Block = tuple[NDArray[Any], ...]
"""An array for each column: float64 with NaN where nothing is known; text as objects or strings,
with None or an empty string where nothing is known."""


class ColumnKind(enum.StrEnum):
    """What a column holds. Times are no measurements: leave them out or turn them to numbers."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"


@dataclass(frozen=True)
class Column:
    """A column that is looked at."""

    name: str
    kind: ColumnKind = ColumnKind.NUMBER


class Table(Protocol):
    """Rows that may be too many for the memory, in a fixed order."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    @property
    def rows(self) -> int: ...

    def blocks(self, rows: int) -> Iterator[Block]:
        """All rows in their order, at most so many at a time."""

    def take(self, rows: Rows) -> Block:
        """Some rows; their places are ascending."""


@dataclass(frozen=True, eq=False)
class ArrayTable:
    """A table in memory.

    Examples
    --------
    >>> table = ArrayTable.of({"speed": [1.0, 2.0], "state": ["on", "off"]})
    >>> table.rows, [column.kind.value for column in table.columns]
    (2, ['number', 'text'])
    """

    columns: tuple[Column, ...]
    arrays: Block

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> ArrayTable:
        """Columns by their names; the kind follows from the values.

        Raises
        ------
        DetectionError
            If the columns are not equally long.
        """
        arrays = [np.asarray(values) for values in columns.values()]
        if len({len(array) for array in arrays}) > 1:
            raise DetectionError("The columns of a table must be equally long.")
        kinds = [_kind(array) for array in arrays]
        named = tuple(Column(str(n), k) for n, k in zip(columns, kinds, strict=True))
        return cls(named, tuple(arrays))

    @classmethod
    def of_values(
        cls, values: NDArray[np.floating], names: Sequence[str] | None = None
    ) -> ArrayTable:
        """A table of numbers, shape (rows, columns)."""
        names = names or [f"c{number}" for number in range(values.shape[1])]
        return cls.of(dict(zip(names, np.asarray(values).T, strict=True)))

    @property
    def rows(self) -> int:
        return len(self.arrays[0]) if self.arrays else 0

    def blocks(self, rows: int) -> Iterator[Block]:
        for start in range(0, self.rows, rows):
            yield tuple(array[start : start + rows] for array in self.arrays)

    def take(self, rows: Rows) -> Block:
        return tuple(array[rows] for array in self.arrays)


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks one below the other."""
    return tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))


def _kind(array: NDArray[Any]) -> ColumnKind:
    if array.dtype.kind == "b":
        return ColumnKind.BOOLEAN
    return ColumnKind.NUMBER if array.dtype.kind in "iuf" else ColumnKind.TEXT
