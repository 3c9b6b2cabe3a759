"""Bring back what an archive holds: checked before anything changes, and all of it or nothing.

Whoever is cut short finds the old state, until the rows are committed. From then on a mark lies
in the data folder until the rest is done, too: nothing starts on the folder, and the restore can
be done again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, inspect, select, update

import schema
from models import (
    Base,
    Event,
    Experiment,
    ExperimentEpoch,
    Job,
    JobKind,
    JobStatus,
    Upload,
    UserSession,
)
from models.base import now
from models.experiment_entries import is_described
from services.errors import Conflict, Invalid, NotFound
from services.experiments.runs import FOLDER as CHECKPOINTS
from services.files.artefacts import ArtefactStore
from services.files.staging import FOLDER as STAGING
from storage import databases
from storage.archive import ArchiveReader, Manifest, TablePart, sync_folder
from storage.backup import FORMAT_VERSION, Tell
from storage.files import keys_in
from storage.half_restored import MARK
from storage.tables import TYPES, Shape, read_lines, set_sequences, summed, write_lines

# What an installation has beside its rows and files, and an archive has not: it belongs to the
# rows that were there before.
LEFT_OVERS = ("uploads", CHECKPOINTS, STAGING, "fetched", "appendonlydir")
NEED_UPLOADS = (JobKind.PREVIEW_IMPORT, JobKind.IMPORT_RECORDINGS)
UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING, JobStatus.PAUSED)
NO_UPLOADS = "The uploaded files are not part of a backup. Upload them again, and import them."


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what became of work that had not ended."""

    manifest: Manifest
    upgraded: bool
    jobs_again: int
    jobs_given_up: int
    uploads_left_out: int


@contextmanager
def opened_archive(path: Path) -> Iterator[ArchiveReader]:
    """An archive that this version can read; its content is not checked yet.

    Raises
    ------
    Conflict
        If it was made by a newer version.
    Invalid
        If it is no archive, or is damaged.
    NotFound
        If there is no such file.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    with path.open("rb") as file:
        reader = ArchiveReader(file)
        manifest = reader.manifest
        known = manifest.format_version <= FORMAT_VERSION
        if not known or manifest.revision not in schema.known_revisions():
            raise Conflict(
                f"The backup was made by a newer version of Rotorscope (tables "
                f"{manifest.revision}, here {schema.newest_revision()}). Update Rotorscope first."
            )
        yield reader


def restore(
    archive: ArchiveReader,
    database: str,
    store: ArtefactStore,
    data_folder: Path,
    tell: Tell,
    *,
    replace: bool = False,
    keep_sessions: bool = False,
    last: Callable[[], None] = lambda: None,
) -> Restored:
    """Fill a database and a store with what is in an archive.

    Files come first and lie there unseen; then all rows, in one transaction; then goes what
    belonged to the rows before. ``last`` is what else has to be done before anything starts.
    ``keep_sessions`` when the secret key comes along: without it no browser that was signed in
    is recognised.

    Raises
    ------
    Conflict
        If the installation is in use and ``replace`` is not given.
    Invalid
        If the archive is damaged or its tables are not those of its revision.
    """
    archive.check()
    tell("The archive is complete and undamaged.")
    mark = data_folder / MARK
    with databases.opened(database) as engine, databases.replacing(engine) as connection:
        # Where a restore was cut short, the accounts may be those of the archive.
        if not replace and not mark.exists() and not databases.is_unused(connection):
            raise Conflict(
                "This installation is in use: it has accounts. Restore into an empty one, or say "
                "--replace-everything to lose all that is in it."
            )
        databases.check_letters(connection)
        _put_files(archive, store, tell)
        databases.clear(connection)
        _fill(archive, connection, tell)
        restored = _settle(archive.manifest, connection, keep_sessions=keep_sessions)
        _set(mark, archive.manifest)
    for folder in (data_folder / name for name in LEFT_OVERS):
        if folder.exists():
            shutil.rmtree(folder)
    last()
    mark.unlink()
    return restored


def _set(mark: Path, manifest: Manifest) -> None:
    with mark.open("w") as file:
        file.write(manifest.made_at)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(mark.parent)


def _put_files(archive: ArchiveReader, store: ArtefactStore, tell: Tell) -> None:
    files = archive.manifest.files
    for done, file in enumerate(files, 1):
        with archive.open(file) as content:
            store.keep(file.key, content)
        if done % 1000 == 0:
            tell(f"{done:,} of {len(files):,} files")


def _fill(archive: ArchiveReader, connection: Connection, tell: Tell) -> None:
    """Rows of the archive's revision first; then the migrations bring them to ours."""
    manifest = archive.manifest
    schema.upgrade_tables(connection, manifest.revision)
    found = [_shape(table) for table in manifest.tables]
    _check_shapes(found, connection)
    for shape, table in zip(found, manifest.tables, strict=True):
        write_lines(connection, shape, archive.lines(table))
        kept = summed(read_lines(connection, shape))
        if (kept.count, kept.sha256) != (table.rows, table.rows_sha256):
            raise Invalid(f"The rows of {shape.name} are others after they were restored.")
    lost = keys_in(connection, found) - {file.key for file in manifest.files}
    if lost != set(manifest.missing):
        raise Invalid("The archive is damaged: its rows name files that it does not hold.")
    set_sequences(connection, found)
    schema.upgrade_tables(connection)
    tell(f"{manifest.rows:,} rows and {len(manifest.files):,} files are back.")


def _shape(table: TablePart) -> Shape:
    if not table.columns or not set(table.columns.values()) <= TYPES.keys():
        raise Invalid(f"The archive is damaged: the columns of {table.name} are unknown.")
    return Shape(table.name, table.columns, tuple(table.key))


def _check_shapes(found: list[Shape], connection: Connection) -> None:
    """The names in an archive go into statements: only those that there are are let through."""
    there = {
        name: {
            column["name"]
            for column in inspect(connection).get_columns(name)
            if is_described("column", column["name"])
        }
        for name in inspect(connection).get_table_names()
        if name in Base.metadata.tables
    }
    given = {shape.name: set(shape.columns) for shape in found}
    keys = all(set(shape.key) <= set(shape.columns) and shape.key for shape in found)
    if given != there or len(given) != len(found) or not keys:
        raise Invalid("The archive is damaged: its tables are not those of its revision.")


def _settle(manifest: Manifest, connection: Connection, *, keep_sessions: bool) -> Restored:
    """Let what was under way begin anew, or end it where it cannot."""
    unfinished = Job.status.in_(UNFINISHED)
    given_up = connection.execute(
        update(Job)
        .where(unfinished, Job.kind.in_(NEED_UPLOADS))
        .values(status=JobStatus.FAILED, error=NO_UPLOADS, finished_at=now())
    )
    connection.execute(
        delete(ExperimentEpoch).where(
            ExperimentEpoch.experiment_id.in_(
                select(Experiment.id).join(Job, Job.id == Experiment.job_id).where(unfinished)
            )
        )
    )
    connection.execute(
        update(Job)
        .where(Job.status == JobStatus.RUNNING)
        .values(status=JobStatus.WAITING, heartbeat_at=None, fraction=0.0)
    )
    uploads = connection.execute(delete(Upload)).rowcount
    if not keep_sessions:
        connection.execute(delete(UserSession))
    connection.execute(
        insert(Event).values(
            type="backup.restored",
            actor="cli",
            object="backup",
            payload={"made_at": manifest.made_at, "rows": manifest.rows},
        )
    )
    waiting = select(func.count()).select_from(Job).where(Job.status == JobStatus.WAITING)
    return Restored(
        manifest,
        manifest.revision != schema.newest_revision(),
        connection.scalar(waiting) or 0,
        given_up.rowcount,
        uploads,
    )
