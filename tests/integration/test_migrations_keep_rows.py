"""Up and down and up again, with rows in every table: what both revisions know is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import schema
from models import Base
from storage import databases
from storage.tables import Shape, Sum, read_lines, shapes, summed
from tests import postgresql
from tests.installations import make_filled

REVISIONS = schema.known_revisions()
HEAD = REVISIONS[-1]
# Tables that came after r0001: their rows cannot outlive the way down.
NEW_TABLES = {
    *("import_profiles", "import_preview_files", "dataset_exports"),
    *("feature_sets", "feature_analyses"),
    *("tags", "experiment_tags", "saved_searches"),
    *("experiment_entries", "experiment_texts", "experiment_values"),
    "evaluations",
    "experiment_counterparts",
    *("repeated_experiments", "repeated_runs"),
    *("ensembles", "ensemble_members"),
    *("campaigns", "campaign_trials", "campaign_runs"),
    "leases",
    "experiment_feature_sets",
    *("two_factors", "backup_codes", "second_steps", "two_factor_roles"),
    *("alarms", "metric_samples"),
    "notification_preferences",
    *("mails", "mail_attempts", "digests", "digest_entries"),
    *("webhooks", "webhook_deliveries", "webhook_attempts"),
    *("sources", "source_versions", "row_labels"),
    *("detections", "detection_explanations", "detection_comparisons"),
    *("detection_batches", "detection_batch_items"),
    *("api_keys", "kept_answers", "api_requests", "api_request_sums", "api_request_hours"),
    "api_key_sums",
    *("model_variants", "served_models", "served_versions", "served_aliases"),
    *("served_batches", "served_batch_rows"),
    *("stream_sessions", "stream_checkpoints", "stream_shards", "stream_alerts"),
}
# What r0004 writes of the experiments that there are, and a look into its full text.
SEARCHED = ("experiment_entries", "experiment_texts", "experiment_values")
FOUND = {
    "sqlite": "SELECT count(*) FROM experiment_words WHERE experiment_words MATCH 'exper*'",
    "postgresql": "SELECT count(*) FROM experiment_texts WHERE document @@ 'exper:*'",
}
# What r0002 counts again on its way up; what it cannot count is unknown then.
COUNTED = {
    "recordings": ["warning_count"],
    "dataset_versions": [
        *("duration_s", "class_count", "warned_count"),
        *("added_count", "removed_count", "relabelled_count"),
    ],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/rows.db"
        make_filled(tmp_path, url)
        yield url
        return
    server = request.getfixturevalue("postgresql_server")
    with postgresql.new_database(server, "with_rows") as url:
        make_filled(tmp_path, url)
        yield url


def known_at(connection: Connection) -> list[Shape]:
    """The tables and columns that there are at a revision."""
    there = inspect(connection)
    tables = there.get_table_names()
    found = []
    for shape in shapes():
        if shape.name in tables:
            names = {column["name"] for column in there.get_columns(shape.name)}
            columns = {name: kind for name, kind in shape.columns.items() if name in names}
            found.append(Shape(shape.name, columns, shape.key))
    return found


def sums_of(connection: Connection, wanted: list[Shape]) -> dict[str, Sum]:
    return {shape.name: summed(read_lines(connection, shape)) for shape in wanted}


def step(url: str, revision: str) -> None:
    with databases.opened(url) as engine, databases.replacing(engine) as connection:
        older = schema.revision_of(connection) > revision
        (schema.downgrade_tables if older else schema.upgrade_tables)(connection, revision)


def test_no_row_is_lost_on_the_way_down_and_up(address):
    with databases.opened(address) as engine:
        step(address, "r0001")
        with engine.connect() as connection:
            old = known_at(connection)
            before = sums_of(connection, old)
        assert {name for name, found in before.items() if found.count == 0} == set()
        assert {shape.name for shape in shapes()} - before.keys() == NEW_TABLES
        for revision in (*reversed(REVISIONS), HEAD):
            step(address, revision)
            with engine.connect() as connection:
                assert sums_of(connection, old) == before


def test_what_r0002_counts_is_what_the_services_counted(address):
    counted = [
        Shape(shape.name, {name: shape.columns[name] for name in names}, shape.key)
        for shape in shapes()
        if (names := [*shape.key, *COUNTED.get(shape.name, [])]) and shape.name in COUNTED
    ]
    with databases.opened(address) as engine:
        step(address, "r0001")
        step(address, "r0002")
        with engine.connect() as connection:
            versions = connection.execute(
                text(
                    "SELECT duration_s, class_count, added_count, warned_count, recording_count "
                    "FROM dataset_versions"
                )
            ).one()
            assert versions.duration_s == pytest.approx(12 * 4096 / 2000)
            assert versions[1:] == (2, 12, 0, 12)
            first = sums_of(connection, counted)
            warned = text("SELECT count(*) FROM recordings WHERE warning_count = 1")
            assert connection.scalar(warned) == 1
        step(address, "r0001")
        step(address, "r0002")
        with engine.connect() as connection:
            assert sums_of(connection, counted) == first


def test_what_r0004_writes_for_searches_is_what_the_services_wrote(address):
    wanted = [shape for shape in shapes() if shape.name in SEARCHED]
    with databases.opened(address) as engine:
        with databases.replacing(engine) as connection:
            # Tags and notes go on the way down, and with them what was read of them.
            for column in ("tag_words", "note_words"):
                connection.execute(text(f"UPDATE experiment_texts SET {column} = ''"))
            connection.execute(text("DELETE FROM experiment_values WHERE name = 'leak'"))
            # And so does what an experiment is a run of.
            connection.execute(
                text("UPDATE experiment_entries SET is_run = false, repeated_id = NULL")
            )
        with engine.connect() as connection:
            before = {shape.name: list(read_lines(connection, shape)) for shape in wanted}
        assert all(before.values())
        step(address, "r0003")
        step(address, "r0004")
        step(address, HEAD)
        with engine.connect() as connection:
            after = {shape.name: list(read_lines(connection, shape)) for shape in wanted}
            assert after == before
            assert connection.scalar(text(FOUND[engine.dialect.name])) == 1


def test_the_way_ends_at_the_models(address):
    step(address, "r0001")
    step(address, HEAD)
    with databases.opened(address) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=schema.COMPARISON)
        assert compare_metadata(context, Base.metadata) == []
        assert connection.scalar(text("SELECT count(*) FROM users")) > 0
