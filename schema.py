"""The tables of the database: bring them to the present models, and see whether they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server import create_server
from services import runtime
from settings import Settings

VERSION_TABLE = "rotorscope_alembic"


def upgrade(settings: Settings) -> None:
    """Bring the database to the present models."""
    with _connection(settings) as connection:
        command.upgrade(alembic_config(connection), "head")


def write_migration(settings: Settings, message: str) -> None:
    """Write a migration from what the models changed."""
    with _connection(settings) as connection:
        command.revision(alembic_config(connection), message, autogenerate=True)


def is_current(connection: Connection) -> bool:
    """Whether every migration has been carried out."""
    scripts = ScriptDirectory.from_config(alembic_config(connection))
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return set(context.get_current_heads()) == set(scripts.get_heads())


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(settings: Settings) -> Iterator[Connection]:
    """One transaction on the database, of which nothing stays open."""
    with create_server(settings).app_context():
        try:
            with runtime.engine().begin() as connection:
                yield connection
        finally:
            runtime.engine().dispose()
