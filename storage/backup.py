"""Write everything that an installation keeps into one archive, while it goes on working."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

import schema
from services.errors import NotFound
from services.files.artefacts import ArtefactStore
from storage import databases
from storage.archive import (
    ArchiveWriter,
    FilePart,
    Manifest,
    MemberPart,
    TablePart,
    member_of,
    new_archive,
)
from storage.files import keys_in
from storage.sealing import seal
from storage.tables import Shape, Sum, Summing, read_lines, shapes

FORMAT, FORMAT_VERSION = "rotorscope-backup", 1
# A file may go between the look at the rows and its turn. Then everything is looked at again,
# the last time with nobody deleting, so that what is missing then is truly lost.
LOOKS = 3
PACKED = 6
KEY_MEMBER = "secret-key.json"

Tell = Callable[[str], None]


@dataclass
class _Seen:
    """The rows at one moment, kept in a folder until their turn."""

    sums: dict[str, Sum]
    keys: set[str]


@dataclass
class _Files:
    """Files that are in the archive by now. ``place`` is where the rows wait for their end."""

    place: Path
    parts: dict[str, FilePart] = field(default_factory=dict)

    def add(self, archive: ArchiveWriter, store: ArtefactStore, keys: set[str], tell: Tell) -> bool:
        """Copy those that are not there yet; whether all of them were in the store."""
        complete = True
        due = sorted(keys - self.parts.keys())
        for done, key in enumerate(due, 1):
            os.utime(self.place)  # the cleaning takes away what nobody wrote to for a day
            try:
                with store.open(key) as content:
                    part = archive.add(member_of(key, len(self.parts)), content)
            except (NotFound, FileNotFoundError):  # an object store tells while it is read
                complete = False
                continue
            self.parts[key] = FilePart(key=key, **part.model_dump())
            if done % 1000 == 0:
                tell(f"{done:,} of {len(due):,} files")
        return complete


def make_backup(
    path: Path,
    database: str,
    store: ArtefactStore,
    place: Path,
    tell: Tell,
    key: tuple[str, str] | None = None,
) -> Manifest:
    """Write database and files as they are at one moment to a new file.

    Others go on reading and writing. ``place`` is an empty folder for the rows on their way.
    ``key`` is the secret key with the passphrase to seal it with. Left out are uploads that
    wait for their import, checkpoints of trainings that have not ended, the queue and caches.

    Raises
    ------
    Conflict
        If the file is there already, or the database is of another version.
    Invalid
        If the passphrase is too short.
    """
    sealed = seal(*key) if key else None
    with databases.opened(database, must_exist=True) as engine, new_archive(path) as archive:
        files = _Files(place)
        for look in range(1, LOOKS + 1):
            with _look(engine, is_last=look == LOOKS) as connection:
                made_at = datetime.now(UTC)
                seen = _export(connection, place)
                tell(f"{sum(one.count for one in seen.sums.values()):,} rows")
                if look == LOOKS:
                    files.add(archive, store, seen.keys, tell)
            if look == LOOKS or files.add(archive, store, seen.keys, tell):
                break
            tell("Files went meanwhile: the rows are read again.")
        return _finish(archive, engine, place, seen, files, sealed, made_at)


def _look(engine: Engine, *, is_last: bool) -> AbstractContextManager[Connection]:
    return databases.snapshot_with_files(engine) if is_last else databases.snapshot(engine)


def _export(connection: Connection, place: Path) -> _Seen:
    databases.check_current(connection, "The database")
    sums = {shape.name: _pack(connection, shape, place) for shape in shapes()}
    return _Seen(sums, keys_in(connection, shapes()))


def _pack(connection: Connection, shape: Shape, place: Path) -> Sum:
    lines = Summing(read_lines(connection, shape))
    with gzip.open(_packed(place, shape), "wb", compresslevel=PACKED) as file:
        file.writelines(lines)
    return lines.sum


def _finish(
    archive: ArchiveWriter,
    engine: Engine,
    place: Path,
    seen: _Seen,
    files: _Files,
    sealed: bytes | None,
    made_at: datetime,
) -> Manifest:
    manifest = Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        made_at=made_at.isoformat(timespec="seconds"),
        database=engine.dialect.name,
        revision=schema.newest_revision(),
        tables=[_add_table(archive, shape, place, seen.sums[shape.name]) for shape in shapes()],
        files=[files.parts[key] for key in sorted(seen.keys & files.parts.keys())],
        missing=sorted(seen.keys - files.parts.keys()),
        secret_key=None if sealed is None else archive.add(KEY_MEMBER, io.BytesIO(sealed)),
    )
    archive.finish(manifest)
    return manifest


def _add_table(archive: ArchiveWriter, shape: Shape, place: Path, found: Sum) -> TablePart:
    with _packed(place, shape).open("rb") as content:
        part: MemberPart = archive.add(f"tables/{shape.name}.jsonl.gz", content)
    return TablePart(
        name=shape.name,
        columns=shape.columns,
        key=list(shape.key),
        rows=found.count,
        rows_sha256=found.sha256,
        **part.model_dump(),
    )


def _packed(place: Path, shape: Shape) -> Path:
    return place / f"{shape.name}.jsonl.gz"
