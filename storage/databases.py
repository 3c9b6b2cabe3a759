"""Open a database by its address, and hold still what is read from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    func,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

import schema
from models import Base, Job, JobStatus, User
from models.base import now
from services import locks, runtime
from services.errors import Conflict, Invalid, NotFound
from services.files import kept_files

LOCK_WAIT_MS = 30_000
HEARD_WITHIN = timedelta(minutes=2)
PLAIN_POSTGRESQL = ("postgres", "postgresql")


@contextmanager
def opened(address: str, *, must_exist: bool = False) -> Iterator[Engine]:
    """An engine of its own, apart from that of the application.

    Raises
    ------
    Invalid
        If the address is none of SQLite or PostgreSQL.
    NotFound
        If there is no file at the address and there must be one.
    """
    url = _read(address)
    is_file = url.get_backend_name() == "sqlite"
    if is_file and must_exist and not Path(url.database or "").is_file():
        raise NotFound(f"There is no database at {shown(address)}.")
    engine = create_engine(url, poolclass=NullPool)
    runtime.prepare(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def snapshot(engine: Engine, *, hold_writers: bool = False) -> Iterator[Connection]:
    """Read everything as it is at one moment, while others go on writing.

    ``hold_writers``: they wait until the end, so that nothing is written that we do not see.
    """
    options: dict[str, Any] = {"writing": hold_writers}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if hold_writers and engine.dialect.name == "postgresql":
            # Before the first query, because that is the moment that is seen.
            _wait_not_for_ever(connection)
            names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
            connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
        yield connection


@contextmanager
def snapshot_with_files(engine: Engine) -> Iterator[Connection]:
    """As :func:`snapshot`; the files that the rows name stay in the store until the end.

    Whoever deletes files waits. On SQLite all writers do; on PostgreSQL only those who write
    rows of files, and only behind one who deletes. Tables are not locked there: a lock on one
    after the other could meet a writer who takes them the other way round.
    """
    if engine.dialect.name != "postgresql":
        with snapshot(engine, hold_writers=True) as connection:
            yield connection
        return
    with Session(engine) as session, session.begin():
        # In a transaction of its own, before the first query of the one that is read.
        _wait_not_for_ever(session.connection())
        locks.together(session, kept_files.LOCK)
        with snapshot(engine) as connection:
            yield connection


@contextmanager
def replacing(engine: Engine) -> Iterator[Connection]:
    """One transaction that fills a database: all of it stays, or nothing."""
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        _wait_not_for_ever(connection)
        yield connection


def check_current(connection: Connection, whose: str) -> None:
    """See that the tables are those of this version.

    Raises
    ------
    Conflict
        If they are older or newer.
    """
    revision = schema.revision_of(connection)
    if revision is None:
        raise Conflict(f"{whose} has no tables of Rotorscope.")
    if revision not in schema.known_revisions():
        raise Conflict(
            f"{whose} has the tables of a newer version ({revision}). Update Rotorscope first."
        )
    if revision != schema.newest_revision():
        raise Conflict(
            f"{whose} has the tables of an older version ({revision}, this one has "
            f"{schema.newest_revision()}). Run “python -m cli migrate” on it first."
        )


def check_at_rest(connection: Connection, whose: str) -> None:
    """See that no job runs: one that gave no sign of life for long was cut short.

    Raises
    ------
    Conflict
        If one does.
    """
    alive = Job.heartbeat_at > now() - HEARD_WITHIN
    running = select(func.count()).where(Job.status == JobStatus.RUNNING, alive)
    if count := connection.scalar(running):
        jobs = "1 job runs" if count == 1 else f"{count} jobs run"
        raise Conflict(
            f"{jobs} on {whose}. Wait for the end or cancel it, stop Rotorscope, and try again."
        )


def check_letters(connection: Connection) -> None:
    """See that the database takes all letters.

    Raises
    ------
    Conflict
        If it was made with an encoding that does not.
    """
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise Conflict(
                f"The database has the encoding {encoding}. Make one with "
                "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
            )


def is_unused(connection: Connection) -> bool:
    """Whether nobody has an account in it yet: then all that can be there is a link to make one."""
    if User.__tablename__ not in inspect(connection).get_table_names():
        return True
    return connection.scalar(select(func.count()).select_from(table(User.__tablename__))) == 0


def clear(connection: Connection) -> None:
    """Drop our tables, and no others."""
    Base.metadata.drop_all(connection)
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {schema.VERSION_TABLE}")


def shown(address: str) -> str:
    """The address without its password."""
    return _read(address).render_as_string(hide_password=True)


def _wait_not_for_ever(connection: Connection) -> None:
    """For others' locks; SQLite's patience is set for each connection."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")


def _read(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise Invalid(
            "The address of a database looks like sqlite:////folder/rotorscope.db or "
            "postgresql+psycopg://user@host/name."
        ) from error
    if url.drivername in PLAIN_POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise Invalid(f"SQLite and PostgreSQL are supported, got {url.drivername}.")
    return url
