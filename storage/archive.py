"""One file with everything: a tar that is complete or not there, and that nobody has to trust.

Its members are plain files: ``tables/<name>.jsonl.gz``, ``files/<key>`` as they lie in the store,
and at the end ``manifest.json`` with the SHA-256 of each, and that of itself. A reader takes no
member by its own name or type: what the manifest does not list is not touched, links are refused.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import time
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.errors import Conflict, Invalid, NotFound

BLOCK = tarfile.BLOCKSIZE
PIECE = 1 << 20
MANIFEST, MANIFEST_SUM = "manifest.json", "manifest.json.sha256"
# Longer names would need a header of their own, which our reader does not take.
LONGEST_MEMBER = 100
LARGEST_MANIFEST = 256 << 20
LARGEST_SMALL_MEMBER = 1 << 20
LONGEST_LINE = 64 << 20
PLAIN_FILE = (tarfile.REGTYPE, tarfile.AREGTYPE)
KEY = r"[\w-]+(/[\w-][\w.-]*)+"
NAME = r"[a-z][a-z0-9_]*"
SHA256 = r"[0-9a-f]{64}"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class MemberPart(_Part):
    """A member of the archive as it has to be."""

    member: str = Field(max_length=LONGEST_MEMBER)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=f"^{SHA256}$")


class TablePart(MemberPart):
    """Rows as lines; the second hash is over the lines before they were packed."""

    name: str = Field(pattern=f"^{NAME}$", max_length=63)
    columns: dict[str, str]
    key: list[str]
    rows: int = Field(ge=0)
    rows_sha256: str = Field(pattern=f"^{SHA256}$")


class FilePart(MemberPart):
    """A file of the store."""

    key: str = Field(pattern=f"^{KEY}$", max_length=1000)


class Manifest(_Part):
    """What is in an archive."""

    format: str = Field(pattern="^rotorscope-backup$")
    format_version: int
    made_at: str
    database: str
    revision: str
    tables: list[TablePart]
    files: list[FilePart]
    # Keys that rows name although the store had lost their files.
    missing: list[str]
    secret_key: MemberPart | None

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def file_bytes(self) -> int:
        return sum(file.size for file in self.files)


class _Place(NamedTuple):
    offset: int
    size: int


class Hashing(io.RawIOBase):
    """A file that is hashed while somebody reads it; not more than so many bytes."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self.left = file, size
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = self._file.read(min(len(buffer), self.left))
        self.left -= len(content)
        self._digest.update(content)
        buffer[: len(content)] = content
        return len(content)

    def sha256(self) -> str:
        """The hash of what was read."""
        return self._digest.hexdigest()


class ArchiveWriter:
    """Adds members; nothing of it is called an archive before the manifest is in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, member: str, content: IO[bytes]) -> MemberPart:
        """Copy a file, from its beginning. One that cannot be read to its end leaves nothing."""
        start = self._file.tell()
        try:
            return self._copy(member, content)
        except BaseException:
            self._file.seek(start)
            self._file.truncate()
            raise

    def finish(self, manifest: Manifest) -> None:
        part = self.add(MANIFEST, io.BytesIO(manifest.model_dump_json(indent=1).encode()))
        self.add(MANIFEST_SUM, io.BytesIO(part.sha256.encode()))
        self._file.write(bytes(2 * BLOCK))

    def _copy(self, member: str, content: IO[bytes]) -> MemberPart:
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        info = tarfile.TarInfo(member)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        self._file.write(info.tobuf(tarfile.GNU_FORMAT))
        hashing = Hashing(content, size)
        shutil.copyfileobj(io.BufferedReader(hashing, PIECE), self._file, PIECE)
        if hashing.left:
            raise Conflict(f"{member} became shorter while it was copied. Try again.")
        self._file.write(bytes(-size % BLOCK))
        return MemberPart(member=member, size=size, sha256=hashing.sha256())


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive under another name; it gets its own when it is complete and on the disk.

    Raises
    ------
    Conflict
        If there is such a file already, or another backup writes it.
    NotFound
        If there is no such folder.
    """
    if path.exists():
        raise Conflict(f"{path} is there already. Name a new file: a backup replaces none.")
    if not path.parent.is_dir():
        raise NotFound(f"There is no folder {path.parent}. Make it first.")
    part = path.with_name(f".{path.name}.part")
    # What a backup left that was killed is written over.
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another backup writes {path} just now.") from error
        try:
            file.truncate(0)
            yield ArchiveWriter(file)
            file.flush()
            os.fsync(file.fileno())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


class ArchiveReader:
    """An archive whose manifest has been read; :meth:`check` looks at all the rest.

    Raises
    ------
    Invalid
        If it is no archive of ours, is damaged, or was cut off.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places = dict(_places(file))
        self.manifest = self._read_manifest()

    def check(self) -> None:
        """Compare every member with its hash.

        Raises
        ------
        Invalid
            If one is damaged or missing.
        """
        for table in self.manifest.tables:
            deque(self.lines(table), maxlen=0)
        for file in self.manifest.files:
            with self.open(file):
                pass  # it is read to its end all the same
        if self.manifest.secret_key:
            self.small(self.manifest.secret_key)

    @contextmanager
    def open(self, part: MemberPart) -> Iterator[IO[bytes]]:
        """The content of a member; at the end of the block it is known to be undamaged."""
        place = self._places.get(part.member)
        if place is None or place.size != part.size:
            raise Invalid(f"The archive is damaged: {part.member} is missing or was cut off.")
        self._file.seek(place.offset)
        hashing = Hashing(self._file, place.size)
        content = io.BufferedReader(hashing, PIECE)
        yield content
        while content.read(PIECE):
            pass
        if hashing.sha256() != part.sha256:
            raise Invalid(f"The archive is damaged: the content of {part.member} has changed.")

    def lines(self, table: TablePart) -> Iterator[bytes]:
        """The rows of a table, one at a time.

        Raises
        ------
        Invalid
            If they are not what the manifest says.
        """
        digest, count = hashlib.sha256(), 0
        broken = Invalid(f"The archive is damaged: the rows of {table.name} cannot be read.")
        with self.open(table) as content, gzip.open(content) as unpacked:
            try:
                while line := unpacked.readline(LONGEST_LINE):
                    count += 1
                    if count > table.rows or not line.endswith(b"\n"):
                        raise broken
                    digest.update(line)
                    yield line
            except (OSError, EOFError, zlib.error) as error:
                raise broken from error
        if (count, digest.hexdigest()) != (table.rows, table.rows_sha256):
            raise broken

    def small(self, part: MemberPart) -> bytes:
        """All of a member that is never large."""
        if part.size > LARGEST_SMALL_MEMBER:
            raise Invalid(f"The archive is damaged: {part.member} is too large.")
        with self.open(part) as content:
            return content.read()

    def _read_manifest(self) -> Manifest:
        content = self._unlisted(MANIFEST, LARGEST_MANIFEST)
        if self._unlisted(MANIFEST_SUM, 64) != hashlib.sha256(content).hexdigest().encode():
            raise Invalid("The archive is damaged: its manifest has changed.")
        try:
            return Manifest.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise Invalid(
                f"The manifest of the archive cannot be used: {where}: {first['msg']}."
            ) from error

    def _unlisted(self, member: str, largest: int) -> bytes:
        place = self._places.get(member)
        if place is None or place.size > largest:
            raise Invalid(
                "This is no backup of Rotorscope, or it was cut off: it has no manifest at its end."
            )
        self._file.seek(place.offset)
        return self._file.read(place.size)


def member_of(key: str, number: int) -> str:
    """The name of the member that holds a file of the store."""
    name = f"files/{key}"
    return name if len(name.encode()) < LONGEST_MEMBER else f"files/{number}"


def _places(file: IO[bytes]) -> Iterator[tuple[str, _Place]]:
    """Where the content of each member lies. All of them are plain files.

    The headers are read one by one: the reader of the standard library would follow links, and
    take headers of any length for long names into memory.
    """
    end = file.seek(0, os.SEEK_END)
    seen: set[str] = set()
    offset = 0
    while offset + BLOCK <= end:
        file.seek(offset)
        header = file.read(BLOCK)
        if not any(header):
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise Invalid("This is no backup of Rotorscope, or it is damaged.") from error
        offset += BLOCK
        if info.type not in PLAIN_FILE or info.name in seen or info.size < 0:
            raise Invalid("The archive holds something else than files, each of its own name.")
        if offset + info.size > end:
            raise Invalid("The archive was cut off. Take another copy of it.")
        seen.add(info.name)
        yield info.name, _Place(offset, info.size)
        offset += -(-info.size // BLOCK) * BLOCK


def sync_folder(folder: Path) -> None:
    """See that the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
