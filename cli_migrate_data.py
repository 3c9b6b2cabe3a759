"""``python -m cli migrate-data``: move an installation to another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click
from sqlalchemy.exc import DBAPIError

from cli_settings import read_settings
from cli_up import stopped
from services.errors import ServiceError
from services.files.artefacts import ArtefactStore
from settings import Settings
from storage.copying import Copied, copy_database
from storage.files import copy_files, missing_files
from storage.tables import Shape, Sum

NAMED_MISSING = 5


@click.command("migrate-data")
@click.option("--from", "source", metavar="URL", help="[default: this installation's database]")
@click.option("--to", "target", metavar="URL", required=True, help="An empty database.")
@click.option("--storage", metavar="URL", help="Copy the files, too: to a folder or a bucket.")
def migrate_data(source: str | None, target: str, storage: str | None) -> None:
    """Copy all rows from one database to another, SQLite or PostgreSQL.

    Stop Rotorscope first. The target has to be empty; its tables are made. All of it happens
    in one transaction, and is kept only when counts and hashes of all tables are equal. The
    source stays as it is. Files stay where they are unless --storage says where to copy them.
    """
    settings = read_settings(log_level="WARNING")
    store = _store(settings, settings.storage_url)
    ours = source in (None, settings.database_url)
    with sentences(), stopped(settings) if ours else nullcontext():
        copied = copy_database(source or settings.database_url, target, _tell)
        click.echo(f"{len(copied.sums)} tables with {copied.rows:,} rows are equal in both.")
        if storage:
            done = copy_files(store, _store(settings, storage), sorted(copied.keys))
            click.echo(f"{done:,} files were copied to {storage}.")
    _tell_files(store, copied)
    _tell_next(settings, storage)


@contextmanager
def sentences() -> Iterator[None]:
    """Expected errors end the command with their sentence and exit code 1."""
    try:
        yield
    except ServiceError as error:
        raise click.ClickException(error.message) from error
    except DBAPIError as error:
        raise click.ClickException(f"The database cannot be used: {error.orig}") from error
    except OSError as error:
        raise click.ClickException(f"A file cannot be used: {error}") from error


def _store(settings: Settings, url: str) -> ArtefactStore:
    return ArtefactStore(url, settings.data_folder / "fetched")


def _tell(shape: Shape, found: Sum) -> None:
    click.echo(f"{shape.name:<20} {found.count:>10,} rows  sha256 {found.sha256}")


def _tell_files(store: ArtefactStore, copied: Copied) -> None:
    missing = missing_files(store, sorted(copied.keys))
    if not missing:
        click.echo(f"All {len(copied.keys):,} files that the rows name are in the store.")
        return
    named = ", ".join(missing[:NAMED_MISSING]) + (", …" if len(missing) > NAMED_MISSING else "")
    click.echo(
        f"Warning: {len(missing):,} of {len(copied.keys):,} files that the rows name are not in "
        f"the store of this installation ({named}). Are DATA_FOLDER and STORAGE_URL set as they "
        "are where Rotorscope runs?",
        err=True,
    )


def _tell_next(settings: Settings, storage: str | None) -> None:
    place = storage or settings.storage_url
    click.echo(
        "To work on the new database set DATABASE_URL to it, SECRET_KEY to one key for all "
        f"machines, and STORAGE_URL={place}, so that the files are found. Uploads that wait for "
        "their import and unfinished checkpoints lie in DATA_FOLDER: keep it, or they are lost."
    )
