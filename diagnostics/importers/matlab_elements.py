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
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMERIC = range(6, 16)
_INT8, _INT32, _UINT32 = 1, 5, 6
_BROKEN = "The MATLAB file is broken or cut off."


@dataclass(frozen=True)
class Element:
    """A variable as it lies in the file, unpacked: its tag and its bytes."""

    name: str
    readable: bool
    shape: tuple[int, ...]
    content: bytes


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
        raise FileFormatError(
            "This is a MATLAB 7.3 file, which is not read. Save it in MATLAB with -v7."
        )
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
    position, left = HEADER, limits.bytes
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
        element = _Walk(whole, order).variable()
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

    def __init__(self, content: bytes, order: str) -> None:
        self._content = content
        self._order = order
        self._cells = 0

    def variable(self) -> Element | None:
        kind, size, start = _tag(self._content, 0, self._order)
        if kind != _MATRIX:
            return None
        if start + size > len(self._content):
            raise FileFormatError(_BROKEN)
        if size == 0:
            return None
        _, _, name = self._head(start, start + size)
        readable, shape = self._matrix(start, start + size, 0)
        # The tag is followed by as many bytes as it says, whatever the packed part held more.
        return Element(name, readable, shape, self._content[: start + size + -size % 8])

    def _matrix(self, start: int, end: int, depth: int) -> tuple[bool, tuple[int, ...]]:
        """Whether scipy may read it, and its shape."""
        if depth > MAX_DEPTH:
            raise FileFormatError(f"The file nests its data more than {MAX_DEPTH} deep.")
        if start == end:
            return True, ()
        array_class, (shape, position), _ = self._head(start, end)
        count = math.prod(shape)
        if count > end - start:
            raise FileFormatError(
                f"The file claims an array of {count:,} values but has {end - start:,} bytes of it."
            )
        if array_class in _NUMERIC or array_class == _CHAR:
            self._check_values(position, end, count)
            return True, shape
        if array_class == _STRUCT:
            position, fields = self._field_names(position, end)
            return self._nested(position, end, count * fields, depth), shape
        if array_class == _CELL:
            return self._nested(position, end, count, depth), shape
        return False, shape

    def _head(self, start: int, end: int) -> tuple[int, tuple[tuple[int, ...], int], str]:
        """Class, shape with the position after the name, and name."""
        position, flags = self._part(start, end, _UINT32)
        if len(flags) != 8:
            raise FileFormatError(_BROKEN)
        array_class = struct.unpack(self._order + "I", flags[:4])[0] & 0xFF
        if array_class == 17:  # an object of a newer kind: no dimensions follow
            return array_class, ((), end), "object"
        position, raw = self._part(position, end, _INT32)
        shape = struct.unpack(f"{self._order}{len(raw) // 4}i", raw[: len(raw) // 4 * 4])
        if len(shape) < 2 or min(shape) < 0:
            raise FileFormatError(_BROKEN)
        position, name = self._part(position, end, _INT8)
        return array_class, (shape, position), name.decode("latin-1")

    def _check_values(self, position: int, end: int, count: int) -> None:
        _, size, start = _tag(self._content, position, self._order)
        if start + size > end or size < count:
            raise FileFormatError(_BROKEN)

    def _field_names(self, position: int, end: int) -> tuple[int, int]:
        position, length = self._part(position, end, _INT32)
        position, names = self._part(position, end, _INT8)
        width = struct.unpack(self._order + "i", length)[0] if len(length) == 4 else 0
        if names and (width <= 0 or len(names) % width):
            raise FileFormatError(_BROKEN)
        return position, len(names) // width if names else 0

    def _nested(self, position: int, end: int, count: int, depth: int) -> bool:
        self._cells += count
        if self._cells > MAX_CELLS:
            raise FileFormatError(f"The file nests more than {MAX_CELLS:,} values. Simplify it.")
        readable = True
        for _ in range(count):
            if position + 8 > end:
                raise FileFormatError(_BROKEN)
            kind, size, start = _tag(self._content, position, self._order)
            if kind != _MATRIX or start + size > end:
                raise FileFormatError(_BROKEN)
            readable &= self._matrix(start, start + size, depth + 1)[0]
            position = start + size
        return readable

    def _part(self, position: int, end: int, expected: int) -> tuple[int, bytes]:
        """The position after the element, and its bytes."""
        kind, size, start = _tag(self._content, position, self._order)
        small = start == position + 4
        if kind != expected or start + size > end:
            raise FileFormatError(_BROKEN)
        after = position + 8 if small else start + size + -size % 8
        return after, self._content[start : start + size]
