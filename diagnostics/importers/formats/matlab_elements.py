"""The bytes of a MATLAB v5 file, unpacked within limits and checked before scipy reads them.

scipy trusts what the file claims: it allocates as many cells as the dimensions say and goes
as deep as the structs are nested. Here every claim is held against the bytes that are there,
and variables of kinds that hold no numbers or texts (objects, functions) are left out.

Source: MathWorks, "MAT-File Format", chapter on level 5 files.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits

HEADER = 128
MAX_DEPTH = 8
MAX_CELLS = 100_000
"""In all variables together: each becomes an object that is larger than its bytes."""
MAX_LETTERS = 10_000_000
"""In all texts together: a letter takes one byte in the file and four in memory."""
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR, _OPAQUE = 1, 2, 4, 17
_NUMERIC = range(6, 16)
_INT8, _INT32, _UINT32 = 1, 5, 6
# Bytes of one value by the type that it is stored in. scipy looks other types up in a table
# without asking whether they are in it.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
_UTF8 = 16
_TEXT_SIZES = {1: 1, 2: 1, 3: 2, 4: 2, _UTF8: 1, 17: 2, 18: 4}
_MOST_DIMENSIONS = 8
_BROKEN = "The MATLAB file is broken or cut off."


@dataclass(frozen=True)
class Element:
    """A variable as it lies in the file, unpacked: its tag and its bytes."""

    name: str
    readable: bool
    shape: tuple[int, ...]
    content: bytes


@dataclass
class _Spent:
    """What the variables of one file have taken so far."""

    cells: int = 0
    letters: int = 0


def byte_order(header: bytes) -> str:
    """``<`` or ``>`` for :mod:`struct`.

    Raises
    ------
    FileFormatError
        If this is not the header of a MATLAB v5 file.
    """
    if len(header) < HEADER:
        raise FileFormatError(_BROKEN)
    mark = header[126:128]
    if mark not in (b"IM", b"MI"):
        raise FileFormatError("This is not a MATLAB v5 file, although its name ends in .mat.")
    order = "<" if mark == b"IM" else ">"
    (version,) = struct.unpack(order + "H", header[124:126])
    if version == 0x0200:
        raise FileFormatError("The MATLAB v7.3 file is broken or cut off.")
    if version != 0x0100:
        raise FileFormatError(f"This MATLAB file has the version {version:#06x}, expected v5.")
    return order


def elements(content: bytes, limits: Limits) -> Iterator[Element]:
    """The variables of the file, one after the other.

    Raises
    ------
    FileFormatError
        If the bytes contradict themselves or unpack to more than the limits allow.
    """
    order = byte_order(content[:HEADER])
    position, left, spent = HEADER, limits.bytes, _Spent()
    while position < len(content):
        kind, size, start = _tag(content, position, order)
        end = start + size
        if end > len(content):
            raise FileFormatError(_BROKEN)
        whole = content[position:end]
        if kind == _COMPRESSED:
            whole = _inflate(content[start:end], left, limits)
        left -= len(whole)
        if left < 0:
            limits.check_bytes(limits.bytes - left, "The file")
        element = _Walk(whole, order, spent).variable()
        if element is not None:
            yield element
        position = end if kind == _COMPRESSED else end + -size % 8


def _inflate(packed: bytes, left: int, limits: Limits) -> bytes:
    unpack = zlib.decompressobj()
    try:
        plain = unpack.decompress(packed, left + 1)
    except zlib.error as error:
        raise FileFormatError(_BROKEN) from error
    if len(plain) > left:
        limits.check_bytes(limits.bytes + 1, "The file")
    return plain


def _tag(content: bytes, position: int, order: str) -> tuple[int, int, int]:
    """Type, number of bytes and where they start, of the element at a position."""
    if position + 8 > len(content):
        raise FileFormatError(_BROKEN)
    kind, size = struct.unpack_from(order + "II", content, position)
    if kind >> 16:  # a small element: up to four bytes share the place of the size
        size = kind >> 16
        if size > 4:
            raise FileFormatError(_BROKEN)
        return kind & 0xFFFF, size, position + 4
    return kind, size, position + 8


class _Walk:
    """Steps through one variable and holds every claim against its bytes."""

    def __init__(self, content: bytes, order: str, spent: _Spent) -> None:
        self._content = content
        self._order = order
        self._spent = spent

    def variable(self) -> Element | None:
        kind, size, start = _tag(self._content, 0, self._order)
        if kind != _MATRIX:
            return None
        if start + size > len(self._content):
            raise FileFormatError(_BROKEN)
        if size == 0:
            return None
        _, _, name = self._head(start, start + size)
        readable, shape, _ = self._matrix(start, start + size, 0)
        # The tag is followed by as many bytes as it says, whatever the packed part held more.
        return Element(name, readable, shape, self._content[: start + size])

    def _matrix(self, start: int, end: int, depth: int) -> tuple[bool, tuple[int, ...], int]:
        """Whether scipy may read it, its shape, and where its parts end."""
        if depth > MAX_DEPTH:
            raise FileFormatError(f"The file nests its data more than {MAX_DEPTH} deep.")
        if start == end:
            return True, (), end
        (array_class, is_complex), (shape, position), _ = self._head(start, end)
        count = math.prod(shape)
        if count > end - start:
            raise FileFormatError(
                f"The file claims an array of {count:,} values but has {end - start:,} bytes of it."
            )
        if array_class == _CHAR:
            self._spent.letters += count
            if self._spent.letters > MAX_LETTERS:
                raise FileFormatError(
                    f"The file has texts of more than {MAX_LETTERS:,} letters. Leave them out."
                )
        if array_class in _NUMERIC or array_class == _CHAR:
            for _ in range(2 if is_complex else 1):
                position = self._values(position, end, count, is_text=array_class == _CHAR)
            return True, shape, position
        if array_class == _STRUCT:
            position, fields = self._field_names(position, end)
            return self._nested(position, end, count * fields, depth, shape)
        if array_class == _CELL:
            return self._nested(position, end, count, depth, shape)
        return False, shape, end

    def _head(
        self, start: int, end: int
    ) -> tuple[tuple[int, bool], tuple[tuple[int, ...], int], str]:
        """Class and whether complex, shape with the position after the name, and name."""
        position, flags = self._part(start, end, _UINT32)
        if len(flags) != 8:
            raise FileFormatError(_BROKEN)
        (word,) = struct.unpack(self._order + "I", flags[:4])
        kind = word & 0xFF, bool(word & 0x0800)
        if kind[0] == _OPAQUE:  # no dimensions follow
            return kind, ((), end), "object"
        position, raw = self._part(position, end, _INT32)
        shape = struct.unpack(f"{self._order}{len(raw) // 4}i", raw[: len(raw) // 4 * 4])
        if not 2 <= len(shape) <= _MOST_DIMENSIONS or len(raw) % 4 or min(shape) < 0:
            raise FileFormatError(_BROKEN)
        position, name = self._part(position, end, _INT8)
        return kind, (shape, position), name.decode("latin-1")

    def _values(self, position: int, end: int, count: int, *, is_text: bool) -> int:
        """The position after the numbers or letters of an array."""
        kind, size, start = _tag(self._content, position, self._order)
        width = (_TEXT_SIZES if is_text else _SIZES).get(kind)
        if width is None or start + size > end:
            raise FileFormatError(_BROKEN)
        # A letter of UTF-8 takes one byte or several.
        if size < count if kind == _UTF8 else size != count * width:
            raise FileFormatError(_BROKEN)
        return self._after(position, size, start)

    def _field_names(self, position: int, end: int) -> tuple[int, int]:
        position, length = self._part(position, end, _INT32)
        position, names = self._part(position, end, _INT8)
        width = struct.unpack(self._order + "i", length)[0] if len(length) == 4 else 0
        if width <= 0 or len(names) % width:
            raise FileFormatError(_BROKEN)
        return position, len(names) // width

    def _nested(
        self, position: int, end: int, count: int, depth: int, shape: tuple[int, ...]
    ) -> tuple[bool, tuple[int, ...], int]:
        self._spent.cells += count
        if self._spent.cells > MAX_CELLS:
            raise FileFormatError(f"The file nests more than {MAX_CELLS:,} values. Simplify it.")
        readable = True
        for _ in range(count):
            if position + 8 > end:
                raise FileFormatError(_BROKEN)
            kind, size, start = _tag(self._content, position, self._order)
            if kind != _MATRIX or start + size > end:
                raise FileFormatError(_BROKEN)
            inner, _, position = self._matrix(start, start + size, depth + 1)
            # scipy goes on where the parts end, whatever the tag said.
            if position != start + size:
                raise FileFormatError(_BROKEN)
            readable &= inner
        return readable, shape, position

    def _part(self, position: int, end: int, expected: int) -> tuple[int, bytes]:
        """The position after the element, and its bytes."""
        kind, size, start = _tag(self._content, position, self._order)
        if kind != expected or start + size > end:
            raise FileFormatError(_BROKEN)
        return self._after(position, size, start), self._content[start : start + size]

    def _after(self, position: int, size: int, start: int) -> int:
        """Where the next element begins: small ones take 8 bytes, others are filled up to 8."""
        is_small = start == position + 4
        return position + 8 if is_small else start + size + -size % 8
