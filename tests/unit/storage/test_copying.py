"""Everything is the same in the other database, and nothing is done by halves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

import schema
from models import Job, JobStatus, User
from models.base import now
from services.errors import Conflict, Invalid, NotFound
from services.files.kept_files import FOLDERS
from storage import databases
from storage.copying import copy_database
from storage.tables import Sum
from tests.installations import execute, installation, sums

LONG_AGO = now() - timedelta(hours=1)
KINDS = ["sqlite", "postgresql"]


def copied(source: str, target: str):
    return copy_database(source, target, lambda shape, found: None)


@pytest.mark.parametrize("origin", KINDS, indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_all_tables_are_equal_in_both(source, kind, address):
    target = address(kind, "target")
    told: dict[str, Sum] = {}
    done = copy_database(source, target, lambda shape, found: told.update({shape.name: found}))
    assert min(found.count for found in told.values()) > 0
    assert done.sums == told == sums(source) == sums(target)
    with databases.opened(target) as engine, engine.connect() as connection:
        assert schema.is_current(connection)


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_row_gets_the_next_number(source, kind, address):
    target = address(kind, "target")
    copied(source, target)
    highest = "SELECT max(id) FROM users"
    with databases.opened(target) as engine, databases.replacing(engine) as connection:
        before = connection.scalar(text(highest))
        new = select(User.role, User.created_at, User.updated_at, text("'carla'")).limit(1)
        names = ["role", "created_at", "updated_at", "name"]
        connection.execute(insert(User.__table__).from_select(names, new))
        assert connection.scalar(text(highest)) == before + 1


def test_files_that_rows_name_are_found(source, address):
    keys = copied(source, address("sqlite", "target")).keys
    folders = {key.partition("/")[0] for key in keys}
    assert folders == set(FOLDERS)


def test_a_target_in_use_is_left_alone(source, address):
    target = address("sqlite", "target")
    copied(source, target)
    before = sums(target)
    with pytest.raises(Conflict, match="accounts already"):
        copied(source, target)
    assert sums(target) == before


def test_a_target_with_only_the_link_for_the_first_admin_counts_as_empty(source, address, tmp_path):
    target = address("sqlite", "target")
    schema.upgrade(installation(tmp_path, target))
    columns = "purpose, token_hash, created_at, expires_at"
    execute(target, text(f"INSERT INTO account_links ({columns}) VALUES ('setup', 'x', 0, 0)"))
    copied(source, target)
    assert sums(target) == sums(source)


def test_a_running_job_is_in_the_way(source, address):
    execute(source, update(Job.__table__).values(status=JobStatus.RUNNING, heartbeat_at=now()))
    with pytest.raises(Conflict, match="9 jobs run on the source"):
        copied(source, address("sqlite", "target"))


def test_a_job_whose_worker_died_is_not_in_the_way(source, address):
    execute(source, update(Job.__table__).values(status=JobStatus.RUNNING, heartbeat_at=LONG_AGO))
    copied(source, address("sqlite", "target"))


def test_tables_of_another_version_are_in_the_way(source, address):
    execute(source, text(f"UPDATE {schema.VERSION_TABLE} SET version_num = 'r0001'"))
    with pytest.raises(Conflict, match=r"older version.*migrate"):
        copied(source, address("sqlite", "target"))
    execute(source, text(f"UPDATE {schema.VERSION_TABLE} SET version_num = 'r9999'"))
    with pytest.raises(Conflict, match="newer version"):
        copied(source, address("sqlite", "target"))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_stays_of_what_goes_wrong_in_the_middle(source, kind, address):
    target = address(kind, "target")
    with databases.opened(source) as engine, engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("DELETE FROM recordings")
    with pytest.raises(Invalid, match="refuses rows of the table"):
        copied(source, target)
    with databases.opened(target) as engine, engine.connect() as connection:
        assert databases.is_unused(connection)
        assert schema.revision_of(connection) is None


def test_no_database_and_no_address_are_sentences(tmp_path, source):
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with pytest.raises(NotFound, match="no database at"):
        copied(f"sqlite:///{tmp_path / 'none.db'}", target)
    with pytest.raises(Invalid, match="SQLite and PostgreSQL are supported, got mysql"):
        copied("mysql://here/x", target)
    with pytest.raises(Invalid, match="looks like"):
        copied("here", target)
    with pytest.raises(Conflict, match="the same database"):
        copied(source, source)
