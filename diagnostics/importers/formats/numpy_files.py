"""NPY files and NPZ archives of NumPy. Pickles inside them are refused, not opened."""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits, Variable, plain_text

_MAGIC = b"\x93NUMPY"
_BAD_HEADER = (ValueError, TypeError, SyntaxError, EOFError, OverflowError, tokenize.TokenError)
# Python's parser gives up on a header that nests too deep with one of these.
_TOO_DEEP = (MemoryError, RecursionError)
_BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def open_numpy(path: Path, limits: Limits) -> Contents:
    """The arrays of an NPZ archive, or the one of an NPY file, under the name of the file.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Contents
        Arrays of an archive are read when they are asked for.

    Raises
    ------
    FileFormatError
        If the file is of another kind, broken, or larger than the limits.
    """
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start == _MAGIC:
        return _single(path, limits)
    if start[:2] == b"PK":
        return _archive(path, limits)
    raise FileFormatError("This is neither an NPY file nor an NPZ archive, whatever its name says.")


def _single(path: Path, limits: Limits) -> Contents:
    # The array itself may be larger than the memory: rows of it are read alone.
    whole = replace(limits, bytes=limits.file_bytes)
    with path.open("rb") as file:
        variable = _variable("array", file, path.stat().st_size, whole)
    part = partial(_rows_of_npy, path, limits)
    return _collect([(variable, partial(_read_npy, path, limits), part)], limits)


def _archive(path: Path, limits: Limits) -> Contents:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
            limits.check_variables(len(members))
            limits.check_bytes(sum(member.file_size for member in members), "The archive")
            last = _Last(path)
            found = [
                (
                    _member(archive, member, limits),
                    partial(last.read, member.filename),
                    partial(last.rows, member.filename),
                )
                for member in members
            ]
    except _BAD_ARCHIVE as error:
        raise FileFormatError("The NPZ archive is broken or cut off.") from error
    if not found:
        raise FileFormatError("The archive holds no NumPy arrays.")
    return _collect(found, limits)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> Variable:
    name = plain_text(member.filename.removesuffix(".npy"))
    with archive.open(member) as file:
        return _variable(name, file, member.file_size, limits)


def _variable(name: str, file: IO[bytes], size: int, limits: Limits) -> Variable:
    """Shape and type from the header, held against the bytes that are there."""
    try:
        version = np.lib.format.read_magic(file)
        reader = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if reader is None:
            return Variable(name, (), "structured", "tables with named fields are not read")
        shape, _, dtype = reader(file)
    except (*_BAD_HEADER, *_TOO_DEEP) as error:
        raise FileFormatError(f"The array {name} is broken or cut off.") from error
    if min(shape, default=0) < 0:
        raise FileFormatError(f"The array {name} is broken or cut off.")
    if dtype.hasobject:
        note = "it holds Python objects (a pickle), which could run a program and is not opened"
        return Variable(name, shape, "object", note)
    claimed = math.prod(shape) * dtype.itemsize
    limits.check_bytes(claimed, f"The array {name}")
    if claimed > size - file.tell():
        raise FileFormatError(
            f"The array {name} claims {claimed:,} bytes but has {size - file.tell():,} of them: "
            "the file is cut off."
        )
    return Variable(name, shape, str(dtype), _why_not(dtype))


def _why_not(dtype: np.dtype[Any]) -> str:
    return "" if dtype.kind in "fiuU" else f"{dtype} is not read"


def _read_npy(path: Path, limits: Limits) -> NDArray[Any]:
    limits.check_bytes(path.stat().st_size, "The array")
    with path.open("rb") as file:
        return _read(file, "array")


def _rows_of_npy(path: Path, limits: Limits, start: int, stop: int) -> NDArray[Any]:
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except (*_BAD_HEADER, OSError) as error:
        raise FileFormatError("The array is broken or cut off.") from error
    limits.check_bytes((stop - start) * mapped[:1].nbytes, "Rows of the array")
    return np.array(mapped[start:stop])


class _Last:
    """The member of an archive that was read last, while its rows are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = ""
        self._values: NDArray[Any] = np.empty(0)
        self._error = ""

    def read(self, filename: str) -> NDArray[Any]:
        with zipfile.ZipFile(self._path) as archive, archive.open(filename) as file:
            return _read(file, filename.removesuffix(".npy"))

    def rows(self, filename: str, start: int, stop: int) -> NDArray[Any]:
        if filename != self._name:
            self._name, self._error = filename, ""
            try:
                self._values = self.read(filename)
            except FileFormatError as error:
                # Each of its rows would be looked for in vain.
                self._error = str(error)
        if self._error:
            raise FileFormatError(self._error)
        return self._values[start:stop]


def _read(file: IO[bytes], name: str) -> NDArray[Any]:
    try:
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    except (*_BAD_HEADER, *_BAD_ARCHIVE) as error:
        raise FileFormatError(f"The array {name} is broken or cut off.") from error


def _collect(
    found: list[tuple[Variable, partial[NDArray[Any]], partial[NDArray[Any]]]], limits: Limits
) -> Contents:
    collector = Collector(limits)
    for variable, load, part in found:
        name, shape, dtype = variable.name, variable.shape, variable.dtype
        if variable.note:
            collector.unread(name, shape, dtype, variable.note)
        elif math.prod(shape) != 1:
            collector.array(name, shape, dtype, load, part=part if len(shape) > 1 else None)
        else:
            value = load().ravel()[0]
            text = isinstance(value, np.str_)
            collector.scalar(name, str(value) if text else float(value), dtype, shape)
    return collector.contents()
