"""Rows of a database as blocks of a table, whatever the database calls its types."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Table, types

CELLS_AT_ONCE = 1_000_000
MOST_AT_ONCE = 50_000
LONGEST_TEXT = 1_000
LARGEST_WHOLE = 2**63
# Of an expression in a view of SQLite, until its first values are seen.
UNKNOWN = "unknown"


class Reader:
    """Blocks of the rows, and what is to be told of them at the end."""

    def __init__(self, table: Table, result: CursorResult[Any], limit: int) -> None:
        self._result, self._limit = result, limit
        self._columns = [
            (place, column.name, *kind)
            for place, column in enumerate(table.columns)
            if (kind := _kind(column.type)) is not None
        ]
        self._left_out = [one.name for one in table.columns if not self.reads(one.type)]
        self._odd: dict[str, int] = {}
        self._is_cut = False

    @staticmethod
    def reads(of_type: types.TypeEngine[Any]) -> bool:
        """Whether columns of this type hold plain values."""
        return _kind(of_type) is not None

    def batches(self) -> Iterator[Any]:
        """Record batches of Arrow."""
        import pyarrow as pa

        kinds = {
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
            "time": pa.timestamp("us"),
            "text": pa.string(),
        }
        size = min(MOST_AT_ONCE, max(1, CELLS_AT_ONCE // max(1, len(self._columns))))
        left = self._limit
        for rows in self._result.partitions(size):
            self._columns = [self._resolved(rows, *one) for one in self._columns]
            self._is_cut = len(rows) > left
            arrays = [
                pa.array(self._values(rows[:left], place, name, take), kinds[kind])
                for place, name, kind, take in self._columns
            ]
            names = [name for _, name, _, _ in self._columns]
            if left:
                yield pa.record_batch(arrays, names=names)
            left -= min(left, len(rows))

    def told(self) -> list[str]:
        """Sentences about what was left out."""
        found = []
        if self._is_cut:
            found.append(f"Only the first {self._limit:,} rows are read; there are more.")
        if self._left_out:
            names = ", ".join(f"“{one}”" for one in self._left_out)
            found.append(f"Left out, since they hold no plain values: {names}.")
        found += [
            f"{count:,} values of “{name}” are not of the column's type and count as missing."
            for name, count in self._odd.items()
        ]
        return found

    def _resolved(self, rows: Sequence[Any], place: int, name: str, kind: str, take: Take) -> Any:
        """A column of which nothing is known becomes numbers, or texts if it begins with one."""
        if kind != UNKNOWN:
            return place, name, kind, take
        first = next((row[place] for row in rows if row[place] is not None), None)
        if isinstance(first, str):
            return place, name, "text", _text
        return place, name, "number", _number

    def _values(self, rows: Sequence[Any], place: int, name: str, take: Take) -> list[Any]:
        values = []
        for row in rows:
            value = row[place]
            taken = None if value is None else take(value)
            if taken is None and value is not None:
                self._odd[name] = self._odd.get(name, 0) + 1
            values.append(taken)
        return values


Take = Callable[[Any], Any]


def _kind(of_type: types.TypeEngine[Any]) -> tuple[str, Take] | None:
    """What a column is read as, and how its values are taken; None for lists, bytes and the like.

    SQLite keeps any value in any column, so each is looked at.
    """
    known: tuple[tuple[Any, str, Take], ...] = (
        (types.Boolean, "boolean", _truth),
        (types.Integer, "integer", _whole),
        (types.Numeric | types.Float, "number", _number),
        (types.DateTime | types.Date, "time", _moment),
        (types.String | types.Uuid, "text", _text),
        (types.NullType, UNKNOWN, _text),
    )
    return next(((kind, take) for one, kind, take in known if isinstance(of_type, one)), None)


def _truth(value: Any) -> bool | None:
    return bool(value) if value in (0, 1) else None


def _whole(value: Any) -> int | None:
    is_whole = isinstance(value, int) and -LARGEST_WHOLE <= value < LARGEST_WHOLE
    return int(value) if is_whole else None


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    return datetime.combine(value, time.min) if isinstance(value, date) else None


def _text(value: Any) -> str | None:
    return str(value)[:LONGEST_TEXT] if isinstance(value, str | UUID) else None
