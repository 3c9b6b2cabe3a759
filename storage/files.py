"""Which files of the artefact store the rows of a database name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from services.files.artefacts import ArtefactStore
from storage.tables import ROWS_AT_ONCE, Shape

# So ends the name of every column that holds the key of a file.
KEY = "_key"


def key_columns(shape: Shape) -> list[str]:
    """Columns that name a file each."""
    return [name for name in shape.columns if name.endswith(KEY)]


def keys_in(connection: Connection, tables: list[Shape]) -> set[str]:
    """Keys of all files that rows name."""
    return {
        key
        for shape in tables
        for name in key_columns(shape)
        for key in _keys(connection, shape, name)
    }


def _keys(connection: Connection, shape: Shape, name: str) -> Iterator[str]:
    column = shape.table.c[name]
    named = select(column).where(column.is_not(None)).distinct()
    yield from connection.scalars(named, execution_options={"yield_per": ROWS_AT_ONCE})


def missing_files(store: ArtefactStore, keys: Iterable[str]) -> list[str]:
    """Those that the store does not have."""
    return [key for key in keys if not store.exists(key)]


def copy_files(source: ArtefactStore, target: ArtefactStore, keys: Iterable[str]) -> int:
    """Copy files that the target does not have; how many there were."""
    count = 0
    for key in keys:
        if source.exists(key) and not target.exists(key):
            with source.open(key) as file:
                target.keep(key, file)
            count += 1
    return count
