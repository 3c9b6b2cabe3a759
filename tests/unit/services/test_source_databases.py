"""Sources made of tables and views of databases that the settings name."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import NullPool, create_engine, text

from models import Job, JobStatus, SourceVersion
from services.errors import Invalid, InvalidField, NotFound, Unavailable
from services.runtime import unit_of_work
from services.source_service import SourceService
from services.sources import databases
from services.sources.databases import SourceDatabaseService
from services.sources.making import SourceMakingService
from tests import anomalous, postgresql

ROWS = """
CREATE TABLE "reading; DROP" (id INTEGER PRIMARY KEY, at TIMESTAMP, g REAL, is_on BOOLEAN,
    state TEXT, raw BLOB);
INSERT INTO "reading; DROP" VALUES
    (2, '2024-01-01T00:00:02', 2.5, 0, 'off', x'00'),
    (1, '2024-01-01 00:00:01', 1.5, 1, 'on', NULL),
    (3, 'long ago', 'broken', NULL, NULL, NULL);
CREATE VIEW doubled AS SELECT id, 2 * g AS twice, state || '!' AS loud FROM "reading; DROP"
    WHERE id < 3;
"""


@pytest.fixture
def plant(server, tmp_path):
    path = tmp_path / "plant.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS)
    server.config["SOURCE_DATABASES"] = {"plant": f"sqlite:///{path}"}
    return path


def made(table: str, **more) -> str:
    config = {"database": "plant", "table": table, **more}
    source_id = SourceService.create_source("database_view", config)
    SourceMakingService.make_version(source_id)
    return source_id


def end_reading(source_id: str) -> None:
    job_id = SourceService.get_source(source_id)["job_id"]
    with unit_of_work() as session:
        session.get_one(Job, job_id).status = JobStatus.DONE


def rows_of(source_id: str) -> list[list]:
    return SourceService.get_profile(source_id)["rows"]


def test_tables_and_views_are_offered_by_name_only(plant, analyst):
    assert SourceDatabaseService.list_databases() == ["plant"]
    assert SourceDatabaseService.list_tables("plant") == [
        {"schema": "", "name": "doubled", "is_view": True},
        {"schema": "", "name": "reading; DROP", "is_view": False},
    ]
    columns = SourceDatabaseService.list_columns("plant", "", "reading; DROP")
    assert [one["name"] for one in columns if not one["is_read"]] == ["raw"]


def test_rows_are_read_by_type_in_the_order_of_their_key(plant, analyst):
    source = SourceService.get_source(source_id := made("reading; DROP"))
    assert (source["name"], source["time_column"]) == ("plant: reading; DROP", "at")
    types = {one["name"]: one["type"] for one in source["columns"]}
    assert types == {"id": "integer", "at": "time", "g": "number", "is_on": "boolean"} | {
        "state": "text"
    }
    first, second, third = rows_of(source_id)
    assert first == [1, "2024-01-01T00:00:01", 1.5, True, "on"]
    assert second[:2] == [2, "2024-01-01T00:00:02"]
    assert third == [3, None, None, None, None]
    told = " ".join(source["notes"])
    for part in ("Left out", "“raw”", "1 values of “at”", "1 values of “g”"):
        assert part in told


def test_expressions_of_a_view_are_numbers_or_texts(plant, analyst):
    source_id = made("doubled", order_by="twice")
    assert rows_of(source_id) == [[1, 3.0, "on!"], [2, 5.0, "off!"]]


def test_rows_beyond_the_limit_are_left_out_and_told(plant, analyst):
    source = SourceService.get_source(made("reading; DROP", row_limit=2, order_by="id"))
    assert source["row_count"] == 2
    assert "Only the first 2 rows are read; there are more." in source["notes"]


def test_reading_again_makes_a_version_when_rows_have_changed(plant, analyst):
    source_id = made("doubled")
    for rows, versions in ((2, 1), (1, 2)):
        if rows == 1:
            with closing(sqlite3.connect(plant)) as connection, connection:
                connection.execute('DELETE FROM "reading; DROP" WHERE id = 2')
        with unit_of_work() as session:
            before = session.query(SourceVersion).count()
        SourceMakingService.make_version(source_id)
        found = SourceService.get_source(source_id)
        assert (found["row_count"], found["version"]) == (rows, versions)
        assert before == 1


def test_only_what_is_read_again_can_be(plant, analyst):
    source_id = made("doubled")
    end_reading(source_id)
    assert SourceService.update_source(source_id, read_again=True)["status"] == "pending"
    with pytest.raises(InvalidField, match="read once"):
        SourceService.update_source(anomalous.source(), read_again=True)


@pytest.mark.parametrize(
    ("given", "kind", "told"),
    [
        ({"database": "other", "table": "doubled"}, NotFound, "no database"),
        ({"database": "plant", "table": "doubled; DROP"}, NotFound, "no table"),
        ({"database": "plant", "table": "sqlite_master"}, NotFound, "no table"),
        ({"database": "plant", "table": "doubled", "schema": "temp"}, NotFound, "no table"),
        ({"database": "plant", "table": "doubled", "order_by": "1"}, Invalid, "no column"),
        ({"database": "plant", "table": "doubled", "row_limit": 0}, InvalidField, "row_limit"),
        ({"database": "plant", "table": "doubled", "row_limit": "9"}, InvalidField, "row_limit"),
        ({"database": "plant", "table": ["doubled"]}, InvalidField, "table"),
        ({"database": "plant", "table": "doubled", "sql": "SELECT 1"}, InvalidField, "sql"),
        ({"database": "plant"}, InvalidField, "table"),
    ],
)
def test_what_is_not_there_is_refused(plant, analyst, given, kind, told):
    with pytest.raises(kind, match=told):
        SourceService.create_source("database_view", given)


def test_nothing_can_be_written_and_long_questions_end(plant, analyst, monkeypatch, caplog):
    with pytest.raises(Unavailable), databases._connection("plant", 5) as connection:
        connection.execute(text('DELETE FROM "reading; DROP"'))
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(Unavailable, match="longer"), databases._connection("plant", 0) as slow:
        slow.execute(text(endless)).all()
    assert len(SourceDatabaseService.list_tables("plant")) == 2


def test_a_database_that_is_away_is_told_without_its_address(server, analyst, tmp_path, caplog):
    server.config["SOURCE_DATABASES"] = {"gone": f"sqlite:///{tmp_path / 'secret-place.db'}"}
    with caplog.at_level(logging.WARNING), pytest.raises(Unavailable) as told:
        SourceDatabaseService.list_tables("gone")
    assert "secret-place" not in told.value.message


def test_views_of_postgresql_are_read_and_nothing_is_written(server, analyst, postgresql_server):
    with postgresql.new_database(postgresql_server, "plant") as url:
        with create_engine(url, poolclass=NullPool).begin() as connection:
            for statement in (
                "CREATE SCHEMA plant",
                "CREATE TABLE plant.reading (at timestamptz, g numeric, ok boolean, tags text[])",
                "INSERT INTO plant.reading VALUES ('2024-01-01 01:00+01', 1.25, true, '{a}')",
                "CREATE VIEW plant.latest AS SELECT * FROM plant.reading",
            ):
                connection.execute(text(statement))
        server.config["SOURCE_DATABASES"] = {"plant": url}
        assert {"schema": "plant", "name": "latest", "is_view": True} in (
            SourceDatabaseService.list_tables("plant")
        )
        source_id = made("latest", schema="plant", order_by="at")
        assert rows_of(source_id) == [["2024-01-01T00:00:00", 1.25, True]]
        with pytest.raises(Unavailable), databases._connection("plant", 5) as connection:
            connection.execute(text("DELETE FROM plant.reading"))
        with pytest.raises(Unavailable), databases._connection("plant", 1) as connection:
            connection.execute(text("SELECT pg_sleep(30)"))
        with pytest.raises(NotFound):
            made("pg_authid", schema="pg_catalog")
