"""The tables of the database: bring them to the present models, and see whether they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models.experiment_entries import is_described
from server import create_server
from services import runtime
from settings import Settings

VERSION_TABLE = "rotorscope_alembic"
SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(settings: Settings) -> None:
    """Bring the database to the present models."""
    with _connection(settings) as connection:
        upgrade_tables(connection)


def upgrade_tables(connection: Connection, revision: str = "head") -> None:
    """Bring the database to a revision, in the transaction of the connection."""
    command.upgrade(alembic_config(connection), revision)


def downgrade_tables(connection: Connection, revision: str) -> None:
    """Take migrations back down to a revision, in the transaction of the connection."""
    command.downgrade(alembic_config(connection), revision)


def write_migration(settings: Settings, message: str) -> None:
    """Write a migration from what the models changed, under the number after the newest."""
    number = f"r{int(newest_revision().removeprefix('r')) + 1:04}"
    with _connection(settings) as connection:
        command.revision(alembic_config(connection), message, autogenerate=True, rev_id=number)


def is_current(connection: Connection) -> bool:
    """Whether every migration has been carried out."""
    return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """The last migration that was carried out; None for a database without our tables."""
    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def newest_revision() -> str:
    """The revision of the present models."""
    return known_revisions()[-1]


def known_revisions() -> list[str]:
    """Revisions that this version can bring a database to, oldest first."""
    scripts = ScriptDirectory(str(SCRIPTS))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _is_described(name: str | None, kind: str, _parents: Any) -> bool:
    return is_described(kind, name)


# To compare a database with the models; what it keeps beyond them is its own affair.
COMPARISON: dict[str, Any] = {"version_table": VERSION_TABLE, "include_name": _is_described}


@contextmanager
def _connection(settings: Settings) -> Iterator[Connection]:
    """One transaction on the database, of which nothing stays open."""
    with create_server(settings).app_context():
        try:
            with runtime.engine().begin() as connection:
                yield connection
        finally:
            runtime.engine().dispose()
