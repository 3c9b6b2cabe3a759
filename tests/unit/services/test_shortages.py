from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from callbacks.errors import message_for
from services.shortages import AWAY, BUSY, DISK_FULL, shortage


def of(driver: type[Exception], words: str, *, invalidated: bool = False) -> OperationalError:
    return OperationalError("INSERT", {}, driver(words), connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (of(sqlite3.OperationalError, "database or disk is full"), DISK_FULL),
        (of(psycopg.errors.DiskFull, "could not extend file"), DISK_FULL),
        (OSError(28, "No space left on device"), DISK_FULL),
        (of(psycopg.OperationalError, "connection failed: secret"), AWAY),
        (of(psycopg.errors.AdminShutdown, "terminating", invalidated=True), AWAY),
    ],
)
def test_what_is_no_fault_of_the_program_is_told(error, told, caplog):
    known = shortage(error)
    assert known is not None
    assert known.message == told
    assert message_for(error) == told
    assert "on our side" not in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(),
        of(sqlite3.OperationalError, "no such column: x"),
        of(psycopg.errors.UndefinedColumn, "no such column"),
    ],
)
def test_anything_else_may_be_our_fault(error):
    assert shortage(error) is None
    assert "broke on our side" in message_for(error)


def test_a_database_that_another_one_writes_to_is_busy(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}", connect_args={"timeout": 0})
    with engine.begin() as first:
        first.execute(text("create table t (a)"))
    with engine.connect() as first, engine.connect() as second:
        first.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError) as caught:
            second.exec_driver_sql("BEGIN IMMEDIATE")
    engine.dispose()
    assert shortage(caught.value).message == BUSY
