"""Zip archives: what is in them, and one member after the other unpacked within limits.

An archive tells its sizes itself and may lie: members are counted while they are unpacked, and
what an archive can claim before that (its table of contents) is bounded too.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import plain_text

SUFFIX = ".zip"
NESTED = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
# What programs leave in archives beside what a person packed.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30
_BLOCK = 1 << 20
_LONGEST_NAME = 200
_LARGEST_TABLE = 8 << 20
"""Bytes of the table of contents: 20,000 members with names of 350 letters."""
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
)


@dataclass(frozen=True)
class ArchiveLimits:
    """What one archive may hold at most.

    Attributes
    ----------
    members
        Files in the archive.
    bytes
        All members unpacked.
    member_bytes
        One member unpacked.
    ratio
        Unpacked bytes for one packed byte, over the whole archive: measurements shrink to a
        third or a tenth, bombs to a thousandth. Archives below ``ratio_from`` bytes may have any.
    """

    members: int = 20_000
    bytes: int = 8 << 30
    member_bytes: int = 1 << 30
    ratio: int = 200
    ratio_from: int = 64 << 20


@dataclass(frozen=True)
class Member:
    """A file in an archive; ``problem`` is a sentence when it must not be unpacked."""

    name: str
    size: int
    problem: str = ""


class Archive:
    """An open zip archive.

    Parameters
    ----------
    path : Path
    limits : ArchiveLimits, optional

    Raises
    ------
    FileFormatError
        If it is no archive, is broken, or holds more than the limits.
    """

    def __init__(self, path: Path, limits: ArchiveLimits | None = None) -> None:
        self._limits = limits or ArchiveLimits()
        self._file = _Guarded(io.FileIO(path))
        try:
            self._zip = zipfile.ZipFile(self._file)
        except _BROKEN as error:
            self._file.close()
            raise FileFormatError("The zip archive is broken or cut off.") from error
        except FileFormatError:
            self._file.close()
            raise
        self._packed = path.stat().st_size
        try:
            self.members = self._list()
        except FileFormatError:
            self.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def unpack(self, name: str, target: Path) -> None:
        """Write one member to a new file, which is gone again when that fails.

        Raises
        ------
        FileFormatError
            If the member has a problem, is broken, or is larger than it says.
        """
        member = self._by_name.get(name)
        if member is None:
            raise FileFormatError(f"The archive has no file {plain_text(name)}.")
        if member.problem:
            raise FileFormatError(member.problem)
        try:
            with self._zip.open(self._infos[name]) as packed, target.open("xb") as file:
                _copy(packed, file, member.size)
        except _BROKEN as error:
            target.unlink(missing_ok=True)
            raise FileFormatError("It is broken in the archive or cut off.") from error
        except FileFormatError:
            target.unlink(missing_ok=True)
            raise

    def _list(self) -> tuple[Member, ...]:
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > self._limits.members:
            raise FileFormatError(
                f"The archive holds {len(infos):,} files; at most {self._limits.members:,} are "
                "unpacked. Split it."
            )
        self._check_bytes(sum(info.file_size for info in infos))
        _check_overlaps(infos)
        named = [(_clean(info.filename), info) for info in infos]
        times = Counter(name for name, _ in named)
        kept = [(name, info) for name, info in named if not _is_litter(name)]
        self._infos = dict(kept)
        members = tuple(
            Member(
                plain_text(name), info.file_size, _problem(name, info, times[name], self._limits)
            )
            for name, info in kept
        )
        self._by_name = {member.name: member for member in members}
        return members

    def _check_bytes(self, unpacked: int) -> None:
        limits = self._limits
        if unpacked > limits.bytes:
            raise FileFormatError(
                f"The archive holds {min(unpacked, 10**15) / 1e6:,.0f} MB unpacked; at most "
                f"{limits.bytes / 1e6:,.0f} MB are read from one archive. Split it."
            )
        if unpacked > limits.ratio_from and unpacked > limits.ratio * self._packed:
            raise FileFormatError(
                f"The archive would grow to {unpacked / max(self._packed, 1):,.0f} times its size; "
                f"at most {limits.ratio} times are unpacked. Upload its files by themselves."
            )


class _Guarded(io.BufferedReader):
    """A file of which nobody reads very much at once: a table of contents has a size, too."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_TABLE:
            raise FileFormatError(
                f"The archive's table of contents claims {min(size, 10**15) / 1e6:,.0f} MB; "
                f"at most {_LARGEST_TABLE / 1e6:,.0f} MB are read. Split the archive."
            )
        return super().read(size)


def is_archive(file_name: str) -> bool:
    """Whether a name is that of an archive whose members are the files.

    Examples
    --------
    >>> is_archive("set.ZIP"), is_archive("set.npz")
    (True, False)
    """
    return file_name.lower().endswith(SUFFIX)


def _clean(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


def _is_litter(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith(_LITTER[0]) or last in _LITTER or last.startswith("._")


def _problem(name: str, info: zipfile.ZipInfo, times: int, limits: ArchiveLimits) -> str:
    """Why a member must not be unpacked; empty when it may."""
    return _name_problem(name, times) or _content_problem(name, info, limits)


def _name_problem(name: str, times: int) -> str:
    if name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts:
        return "Its name leaves the folder of the archive. Pack it anew."
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        return (
            f"Its name has more than {_LONGEST_NAME} characters or some that cannot be shown. "
            "Rename it."
        )
    if times > 1:
        return "The archive has several files of this name. Rename them."
    return ""


def _content_problem(name: str, info: zipfile.ZipInfo, limits: ArchiveLimits) -> str:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link to another file, which is not followed. Pack the file itself."
    if info.flag_bits & _ENCRYPTED:
        return "It is encrypted. Pack it without a password."
    if info.compress_type not in _METHODS:
        return "It is packed in a way that is not read. Pack it as an ordinary zip archive."
    if name.lower().endswith(NESTED):
        return "It is an archive inside the archive, which is not opened. Upload it by itself."
    if info.file_size == 0:
        return "The file is empty."
    if info.file_size > limits.member_bytes:
        return (
            f"It has {info.file_size / 1e6:,.0f} MB unpacked; at most "
            f"{limits.member_bytes / 1e6:,.0f} MB are read from one file. Split it."
        )
    return ""


def _check_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Members that share bytes make a small archive a large one."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise FileFormatError(
                "Files in the archive lie over one another, as in an archive that was made to "
                "fill the disk. Pack it anew."
            )
        end = info.header_offset + _LOCAL_HEADER + info.compress_size


def _copy(packed: IO[bytes], file: IO[bytes], size: int) -> None:
    """Unpack block by block; neither more nor less than the archive says."""
    written = 0
    while block := packed.read(_BLOCK):
        written += len(block)
        if written > size:
            break
        file.write(block)
    if written != size:
        raise FileFormatError(
            f"The archive says that it has {size:,} bytes, but it has "
            f"{'more' if written > size else f'{written:,}'}. Pack it anew."
        )
