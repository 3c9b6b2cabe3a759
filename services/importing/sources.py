"""The files of an import: uploads, files of server folders, and what archives among them hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from diagnostics.errors import FileFormatError
from diagnostics.importers.archives import Archive, Member, is_archive
from diagnostics.importers.registry import (
    OpenedFile,
    companions_of,
    importer_for,
    open_file,
    table_of,
)
from services.files.room import check_room
from services.files.staging import staging
from services.importing.folders import held_open

_GONE = "The file is not there any more, or this site may not read it."


@dataclass(frozen=True)
class SourceFile:
    """A file to import: the name that people know, and where it lies.

    Attributes
    ----------
    key
        What values typed for this file alone go by; the upload, when it is one.
    path
        The file, or the archive that it is a ``member`` of.
    upload_id
        The upload that it came with.
    root
        The server folder that it must lie in when it is read.
    problem
        A sentence when nothing can be read from it.
    found
        It lay in a folder or an archive, and was not named by itself.
    """

    key: str
    name: str
    path: Path
    member: str = ""
    upload_id: str = ""
    root: Path | None = None
    problem: str = ""
    size: int = 0
    found: bool = False


class Sources:
    """The files of one import, archives replaced by what they hold; opened one at a time.

    To be used in a ``with``: an archive stays open while its members are read.
    """

    def __init__(self, given: Sequence[SourceFile]) -> None:
        self.left_out = 0
        self.files = [file for one in given for file in self._expand(one)]
        self._by_stem: dict[PurePosixPath, list[SourceFile]] = {}
        for file in self.files:
            self._by_stem.setdefault(_stem(file), []).append(file)
        self._by_name = {file.name: file for file in self.files}
        self._tables = {table_of(file.name): file.name for file in reversed(self.files)}
        self._archive: tuple[Path, Archive] | None = None

    def __enter__(self) -> Sources:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def bytes(self) -> int:
        """What all files take, unpacked."""
        return sum(file.size for file in self.files)

    def described_by(self, file: SourceFile) -> str | None:
        """The file that this one is a companion of."""
        if file.name in self._tables:
            return self._tables[file.name]
        for other in self._by_stem[_stem(file)]:
            if file.name in companions_of(other.name, [file.name]):
                return other.name
        return None

    def is_other_kind(self, file: SourceFile) -> bool:
        """Whether a file that cannot be read is one of those that lie beside measurements.

        A ``README`` has no ending, as have the files of some loggers: only its content shows.
        """
        other = file.found and not file.problem and not PurePosixPath(file.name).suffix
        self.left_out += other
        return other

    @contextmanager
    def open(self, file: SourceFile, profile: str) -> Iterator[OpenedFile]:
        """The opened file with its companions; what was unpacked for it is gone afterwards.

        Raises
        ------
        FileFormatError
            If it cannot be read.
        Unavailable
            If there is no room to unpack it.
        """
        with ExitStack() as held:
            beside = {other.name: other for other in self._by_stem[_stem(file)]}
            if (table := table_of(file.name)) in self._by_name:
                beside[table] = self._by_name[table]
            companions = {
                name: self._place(beside[name], held)
                for name in companions_of(file.name, list(beside))
            }
            path = self._place(file, held)
            try:
                opened = open_file(path, file.name, companions, profile)
            except OSError as error:
                raise FileFormatError(_GONE) from error
            yield opened

    def _place(self, file: SourceFile, held: ExitStack) -> Path:
        """Where the file can be read; a member of an archive is unpacked."""
        if file.problem:
            raise FileFormatError(file.problem)
        if not file.member:
            return held.enter_context(_readable(file))
        check_room(file.size, f"“{file.name}”")
        target = held.enter_context(staging()) / "file"
        self._open_archive(file).unpack(file.member, target)
        return target

    def _open_archive(self, file: SourceFile) -> Archive:
        if self._archive is None or self._archive[0] != file.path:
            self._close()
            self._archive = file.path, _open(file)
        return self._archive[1]

    def _close(self) -> None:
        if self._archive is not None:
            self._archive[1].close()
            self._archive = None

    def _expand(self, file: SourceFile) -> Iterator[SourceFile]:
        if file.problem or not is_archive(file.name):
            yield file
            return
        try:
            with _open(file) as found:
                members = found.members
        except FileFormatError as error:
            yield _refused(file, str(error))
            return
        read = [member for member in members if member.problem or is_read(member.name)]
        self.left_out += len(members) - len(read)
        if not read:
            yield _refused(file, "The archive holds no file of a kind that is read.")
        for member in read:
            yield _member(file, member)


def is_read(file_name: str) -> bool:
    """Whether files of this name are read, archives not counted."""
    try:
        importer_for(file_name)
    except FileFormatError:
        return False
    return True


def key_of(*parts: str) -> str:
    """A short key for a file that is no upload by itself; it tells nothing about its place."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


@contextmanager
def _readable(file: SourceFile) -> Iterator[Path]:
    """Where the bytes are; those of a server folder by a descriptor, see :func:`held_open`."""
    if file.root is None:
        yield file.path
        return
    with held_open(file.root, file.path.relative_to(file.root).as_posix()) as path:
        yield path


def _open(file: SourceFile) -> Archive:
    try:
        with _readable(file) as path:
            return Archive(path)
    except OSError as error:
        raise FileFormatError(_GONE) from error


def _member(file: SourceFile, member: Member) -> SourceFile:
    return SourceFile(
        key=key_of(file.key, member.name),
        name=f"{file.name}/{member.name}",
        path=file.path,
        member=member.name,
        upload_id=file.upload_id,
        root=file.root,
        problem=member.problem,
        size=0 if member.problem else member.size,
        found=True,
    )


def _refused(file: SourceFile, problem: str) -> SourceFile:
    return SourceFile(
        file.key, file.name, file.path, upload_id=file.upload_id, root=file.root, problem=problem
    )


def _stem(file: SourceFile) -> PurePosixPath:
    return PurePosixPath(file.name).with_suffix("")
