"""Tables and views of databases that the settings name: look at them, and read their rows.

Nobody writes SQL: names are chosen among those that the database tells itself, and quoted. The
connection reads only, and every statement has its time. What is read is kept as Parquet, as the
rows of a file are, so that detections stay as they were when the database goes on.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypedDict
from urllib.parse import quote

from flask import current_app
from sqlalchemy import (
    Connection,
    Engine,
    Inspector,
    MetaData,
    NullPool,
    Table,
    create_engine,
    inspect,
    select,
    type_coerce,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from services import actor
from services.errors import Invalid, InvalidField, NotFound, Unavailable
from services.sources.database_rows import Reader

SQLITE = "sqlite:///"
CONNECT_WITHIN_S = 5
LOOK_WITHIN_S, READ_WITHIN_S = 10, 900
MOST_TABLES = 2_000
HIDDEN_SCHEMAS = ("information_schema", "pg_catalog")
LONGEST_NAME = 200


class TableView(TypedDict):
    """``schema`` is empty where the database has none (SQLite)."""

    schema: str
    name: str
    is_view: bool


class DatabaseColumnView(TypedDict):
    """``type`` as the database calls it; one that is not ``is_read`` holds no plain values."""

    name: str
    type: str
    is_read: bool


class SourceDatabaseService:
    """What there is in the databases that the settings name."""

    @staticmethod
    def list_databases() -> list[str]:
        """Their names; none unless the settings name some."""
        actor.writer()
        return sorted(_known())

    @staticmethod
    def list_tables(database: str) -> list[TableView]:
        """Tables and views, by schema and name.

        Raises
        ------
        NotFound
            If the settings name no such database.
        Unavailable
            If it cannot be reached.
        """
        actor.writer()
        with _connection(database, LOOK_WITHIN_S) as connection:
            found = [one for schema in _schemas(connection) for one in _tables(connection, schema)]
        return sorted(found, key=lambda one: (one["schema"], one["name"]))[:MOST_TABLES]

    @staticmethod
    def list_columns(database: str, schema: str, name: str) -> list[DatabaseColumnView]:
        """The columns of a table or view, in their order.

        Raises
        ------
        NotFound
            If there is no such database, or no such table in it.
        Unavailable
            If it cannot be reached.
        """
        actor.writer()
        with _connection(database, LOOK_WITHIN_S) as connection:
            table = _reflected(connection, schema, name)
            return [
                {
                    "name": column.name,
                    "type": str(column.type).lower(),
                    "is_read": Reader.reads(column.type),
                }
                for column in table.columns
            ]


def checked_view(given: Mapping[str, Any], most_rows: int) -> dict[str, Any]:
    """What a source is made from, once the database says that it is there.

    Raises
    ------
    Invalid
        If something is of a wrong kind or out of range.
    NotFound
        If there is no such database, table or column.
    Unavailable
        If the database cannot be reached.
    """
    texts = {name: given.get(name) or "" for name in ("database", "schema", "table", "order_by")}
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > LONGEST_NAME or "\x00" in text:
            raise InvalidField("config", f"{name} is a name.")
    rows = given.get("row_limit", most_rows)
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= most_rows:
        raise InvalidField("config", f"row_limit is 1 to {most_rows:,}.")
    with _connection(texts["database"], LOOK_WITHIN_S) as connection:
        table = _reflected(connection, texts["schema"], texts["table"])
        _order(table, texts["order_by"])
    place = ".".join(filter(None, (texts["schema"], texts["table"])))
    return {**texts, "row_limit": rows, "name": f"{texts['database']}: {place}"}


@contextmanager
def opened_rows(config: Mapping[str, Any]) -> Iterator[Reader]:
    """The rows of a table or view, read as they are asked for, in an order if it has one.

    Raises
    ------
    NotFound
        If it is gone.
    Unavailable
        If the database cannot be reached, or takes too long.
    """
    with _connection(config["database"], READ_WITHIN_S) as connection:
        table = _reflected(connection, config["schema"], config["table"])
        limit = int(config["row_limit"])
        # One more, to know whether there are more.
        asked = select(*_values(table)).order_by(*_order(table, config["order_by"]))
        streamed = connection.execution_options(stream_results=True, max_row_buffer=10_000)
        yield Reader(table, streamed.execute(asked.limit(limit + 1)), limit)


def _known() -> Mapping[str, str]:
    found: Mapping[str, str] = current_app.config["SOURCE_DATABASES"]
    return found


@contextmanager
def _connection(database: str, within_s: int) -> Iterator[Connection]:
    """A connection that can only read, and ends what takes too long."""
    url = _known().get(database)
    if url is None:
        raise NotFound(f"The settings name no database “{database:.40}”.")
    engine = _engine(url, within_s)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        # Its text may hold the address and the name of who signs in.
        current_app.logger.warning("The database %s could not be read: %s", database, error)
        raise Unavailable(
            f"The database “{database}” cannot be read now, or takes longer than {within_s} s. "
            "The log says more."
        ) from error
    finally:
        engine.dispose()


def _engine(url: str, within_s: int) -> Engine:
    if url.startswith(SQLITE):
        path = url.removeprefix(SQLITE)
        return create_engine(
            "sqlite://", creator=lambda: _sqlite(path, within_s), poolclass=NullPool
        )
    wait_ms = 1000 * within_s
    options = (
        "-c default_transaction_read_only=on "
        f"-c statement_timeout={wait_ms} -c lock_timeout={1000 * CONNECT_WITHIN_S} "
        f"-c idle_in_transaction_session_timeout={wait_ms}"
    )
    arguments = {"connect_timeout": CONNECT_WITHIN_S, "options": options}
    return create_engine(url, poolclass=NullPool, connect_args=arguments)


def _sqlite(path: str, within_s: int) -> sqlite3.Connection:
    address = f"file:{quote(path)}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=CONNECT_WITHIN_S)
    end = time.monotonic() + within_s
    connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)
    return connection


def _schemas(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        return [""]
    names = inspect(connection).get_schema_names()
    return [one for one in names if one not in HIDDEN_SCHEMAS and not one.startswith("pg_")]


def _tables(connection: Connection, schema: str) -> Iterator[TableView]:
    found: Inspector = inspect(connection)
    place = schema or None
    for name in found.get_table_names(place):
        yield {"schema": schema, "name": name, "is_view": False}
    views = found.get_view_names(place)
    if connection.dialect.name == "postgresql":
        views = [*views, *found.get_materialized_view_names(place)]
    for name in views:
        yield {"schema": schema, "name": name, "is_view": True}


def _reflected(connection: Connection, schema: str, name: str) -> Table:
    """The table, if it is among those that are shown."""
    shown = schema in _schemas(connection) and any(
        one["name"] == name for one in _tables(connection, schema)
    )
    if not shown:
        raise NotFound(f"There is no table or view “{name:.80}” in this database.")
    about = MetaData(info={"dialect": connection.dialect.name})
    place = schema or None
    return Table(name, about, schema=place, autoload_with=connection, resolve_fks=False)


def _values(table: Table) -> list[Any]:
    """The columns; of SQLite as they are stored, since any value may stand in any column."""
    if table.metadata.info.get("dialect") != "sqlite":
        return list(table.columns)
    return [type_coerce(column, NullType()).label(column.name) for column in table.columns]


def _order(table: Table, column: str) -> list[Any]:
    """By a column, then by the key; rows without an order would be another version each time."""
    keys = list(table.primary_key.columns)
    if not column:
        return keys
    if column not in table.columns:
        raise Invalid(f"There is no column “{column:.80}” to order by.")
    return [table.columns[column], *keys]
