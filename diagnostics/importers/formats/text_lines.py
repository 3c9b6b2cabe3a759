"""Text files as lines, whatever their encoding and packing, without holding them in memory."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits

GZIP_MAGIC = b"\x1f\x8b"
_BLOCK = 1 << 20
_UNPACKED_BYTES = 8
"""So many times the limit of memory may be unpacked from a packed table, piece by piece."""
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NO_TEXT = "This is not a text file, whatever its name says."
_BROKEN_GZIP = "The gzip file is broken or cut off."


@dataclass(frozen=True)
class Text:
    """A text file that was looked through once.

    Attributes
    ----------
    encoding
        By the marks at its start, or by what its first bytes can be.
    most_lines
        As many lines as it has, or a few less.
    """

    path: Path
    encoding: str
    most_lines: int

    @contextmanager
    def lines(self) -> Iterator[IO[str]]:
        """The file for reading; all kinds of line ends come out as one.

        Raises
        ------
        FileFormatError
            If it is packed and the packing is broken.
        """
        with _unpacked(self.path) as file:
            wrapped = io.TextIOWrapper(file, self.encoding, errors="replace", newline=None)
            yield wrapped
            wrapped.detach()

    def start(self, lines: int) -> list[str]:
        """The first lines, without their ends."""
        with self.lines() as file:
            return [line.rstrip("\n") for line, _ in zip(file, range(lines), strict=False)]


def is_packed(path: Path) -> bool:
    """Whether a file is compressed with gzip, whatever its name."""
    with path.open("rb") as file:
        return file.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def look_through(path: Path, limits: Limits) -> Text:
    """Find the encoding and count the lines, block by block.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Text

    Raises
    ------
    FileFormatError
        If this is no text, has lines longer than a megabyte, or more of them than the limits
        permit numbers.
    """
    encoding, lines, size = "", 1, 0
    most_bytes = _UNPACKED_BYTES * limits.bytes if is_packed(path) else limits.file_bytes
    with _unpacked(path) as file:
        while block := file.read(_BLOCK):
            encoding = encoding or _encoding(block)
            ends = _line_ends(block)
            if not ends and len(block) == _BLOCK:
                raise FileFormatError(
                    f"This is no table of numbers: it has a line of more than {_BLOCK:,} letters."
                )
            lines += ends
            size += len(block)
            Limits(most_bytes).check_bytes(size, "The table")
            limits.check_bytes(8 * lines, "The table")
    return Text(path, encoding or "utf-8", lines)


def _line_ends(block: bytes) -> int:
    found = block.count(b"\n")
    if returns := block.count(b"\r"):
        found += returns - block.count(b"\r\n")
    return found


def _encoding(start: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        return _utf_16(start)
    try:
        # The block may end within a letter.
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _utf_16(start: bytes) -> str:
    """UTF-16 without a mark: every other byte of western text is zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > 0.8 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.8 * half and odd < 0.1 * half:
        return "utf-16-be"
    raise FileFormatError(_NO_TEXT)


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    if not is_packed(path):
        with path.open("rb") as file:
            yield file
        return
    try:
        with gzip.open(path, "rb") as packed:
            yield packed  # type: ignore[misc]
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileFormatError(_BROKEN_GZIP) from error
