"""Rows of a table in a form that is the same on every database.

A *shape* says which columns a table has and of which kind each is. It is taken from the models,
or from the manifest of an archive, whose tables may be older than the models. A *line* is one
row as JSON: equal rows have equal lines, wherever they are kept.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Double,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeEngine

from models import Base
from models.base import UtcDateTime, plain_json
from services.errors import Invalid

ROWS_AT_ONCE = 1000
# The first that fits; UtcDateTime is asked for what it is made of.
KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "float"),
    (DateTime, "time"),
    (JSON, "json"),
    (String, "text"),
)
TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": Boolean(),
    "integer": BigInteger(),
    "float": Double(),
    "time": UtcDateTime(),
    "json": JSON(none_as_null=True),
    "text": String(),
}


@dataclass(frozen=True)
class Shape:
    """Name, columns with their kinds, and primary key of a table."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    @property
    def table(self) -> Table:
        """The table with plain types: a value that the models do not know is carried, too."""
        columns = (Column(name, TYPES[kind]) for name, kind in self.columns.items())
        return Table(self.name, MetaData(), *columns)


@dataclass(frozen=True)
class Sum:
    """How many rows a table has, and one hash over all of them."""

    count: int
    sha256: str


def shapes() -> list[Shape]:
    """All tables of the models; one that others point at comes before them."""
    return [
        Shape(
            table.name,
            {column.name: _kind(column.type) for column in table.columns},
            tuple(column.name for column in table.primary_key),
        )
        for table in Base.metadata.sorted_tables
    ]


def read_lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """The rows in the order of their key, a part of them at a time in memory."""
    table = shape.table
    order = [_alike(table.c[name], shape.columns[name], connection) for name in shape.key]
    encoders = [ENCODERS[kind] for kind in shape.columns.values()]
    found = connection.execute(
        select(table).order_by(*order), execution_options={"yield_per": ROWS_AT_ONCE}
    )
    for row in found:
        yield _line(encode(value) for encode, value in zip(encoders, row, strict=True))


def write_lines(connection: Connection, shape: Shape, lines: Iterable[bytes]) -> int:
    """Insert rows; how many there were.

    Raises
    ------
    Invalid
        If the database refuses one of them.
    """
    table, count = shape.table, 0
    names = list(shape.columns)
    decoders = [DECODERS[kind] for kind in shape.columns.values()]
    unread = iter(lines)
    while part := list(islice(unread, ROWS_AT_ONCE)):
        rows = [
            {
                name: decode(value)
                for name, decode, value in zip(names, decoders, json.loads(line), strict=True)
            }
            for line in part
        ]
        try:
            connection.execute(table.insert(), rows)
        except (DataError, IntegrityError) as error:
            raise Invalid(
                f"The database refuses rows of the table {shape.name}: {error.orig}"
            ) from error
        count += len(rows)
    return count


class Summing:
    """Lines that are counted and hashed on their way to somebody else."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self._count, self._digest = 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self._count += 1
            self._digest.update(line)
            yield line

    @property
    def sum(self) -> Sum:
        """Of the lines so far."""
        return Sum(self._count, self._digest.hexdigest())


def summed(lines: Iterable[bytes]) -> Sum:
    """Count and hash."""
    summing = Summing(lines)
    deque(summing, maxlen=0)
    return summing.sum


def set_sequences(connection: Connection, tables: Iterable[Shape]) -> None:
    """Let the next row of each table get the number after the highest."""
    if connection.dialect.name != "postgresql":
        return  # SQLite does so by itself
    owned = text("SELECT pg_get_serial_sequence(:table, :column)")
    for shape in tables:
        for name in shape.key:
            where = {"table": shape.name, "column": name}
            if shape.columns[name] != "integer":
                continue
            if (sequence := connection.scalar(owned, where)) is not None:
                highest = connection.scalar(select(func.max(shape.table.c[name])))
                connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))


def _kind(column_type: TypeEngine[Any]) -> str:
    plain = column_type.impl if isinstance(column_type, UtcDateTime) else column_type
    return next(kind for base, kind in KINDS if isinstance(plain, base))


def _alike(column: Column[Any], kind: str, connection: Connection) -> ColumnElement[Any]:
    """Text is put in order by its bytes: databases differ in what they think of letters."""
    if kind != "text":
        return column
    return column.collate("C" if connection.dialect.name == "postgresql" else "BINARY")


def _line(values: Iterable[Any]) -> bytes:
    return json.dumps(list(values), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _encode_float(value: float | None) -> float | str | None:
    if value is None or math.isnan(value):
        return None  # as SQLite keeps it
    return value + 0.0 if math.isfinite(value) else str(value)  # SQLite knows no -0.0


def _encode_time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")


def _as_it_is(value: Any) -> Any:
    return value


ENCODERS: dict[str, Callable[[Any], Any]] = {
    "boolean": _as_it_is,
    "integer": _as_it_is,
    "float": _encode_float,
    "time": _encode_time,
    "json": plain_json,
    "text": _as_it_is,
}
DECODERS: dict[str, Callable[[Any], Any]] = {
    "boolean": _as_it_is,
    "integer": _as_it_is,
    "float": lambda value: None if value is None else float(value),
    "time": lambda value: None if value is None else datetime.fromisoformat(value),
    "json": _as_it_is,
    "text": _as_it_is,
}
