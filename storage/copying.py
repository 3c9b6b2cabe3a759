"""Copy all rows to an empty database of another kind, and prove that they are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

import schema
from services.errors import Conflict
from storage import databases
from storage.files import keys_in
from storage.tables import (
    Shape,
    Sum,
    Summing,
    read_lines,
    set_sequences,
    shapes,
    summed,
    write_lines,
)

Tell = Callable[[Shape, Sum], None]


@dataclass(frozen=True)
class Copied:
    """What lies in both databases now."""

    sums: dict[str, Sum]
    keys: frozenset[str]

    @property
    def rows(self) -> int:
        return sum(one.count for one in self.sums.values())


def copy_database(source: str, target: str, tell: Tell) -> Copied:
    """Copy every table from one address to another, in one transaction.

    The target is brought to the present tables. Whoever wants to write to the source waits
    meanwhile; its rows stay. Counts and hashes are compared before the target is committed.

    Raises
    ------
    Conflict
        If the source is of another version, or jobs run on it, or the target is in use.
    Invalid
        If an address is wrong, or the target refuses a row.
    NotFound
        If there is no source.
    """
    if databases.shown(source) == databases.shown(target):
        raise Conflict("Both addresses are the same database.")
    with (
        databases.opened(source, must_exist=True) as here,
        databases.opened(target) as there,
        databases.snapshot(here, hold_writers=True) as reading,
    ):
        databases.check_current(reading, "The source")
        databases.check_at_rest(reading, "the source")
        with databases.replacing(there) as writing:
            _prepare(writing)
            sums = {shape.name: _copy(reading, writing, shape, tell) for shape in shapes()}
            set_sequences(writing, shapes())
        return Copied(sums, frozenset(keys_in(reading, shapes())))


def _prepare(connection: Connection) -> None:
    if not databases.is_unused(connection):
        raise Conflict(
            "The target has accounts already. Name an empty database: nothing is overwritten."
        )
    databases.check_letters(connection)
    databases.clear(connection)
    schema.upgrade_tables(connection)


def _copy(reading: Connection, writing: Connection, shape: Shape, tell: Tell) -> Sum:
    lines = Summing(read_lines(reading, shape))
    write_lines(writing, shape, lines)
    here = lines.sum
    there = summed(read_lines(writing, shape))
    if here != there:
        raise Conflict(
            f"The table {shape.name} differs after copying ({here.count} and {there.count} "
            "rows). Nothing was kept in the target."
        )
    tell(shape, here)
    return here
