"""MATLAB v7.3 files: HDF5 inside, with structs as groups and cells as references.

MATLAB counts the first dimension fastest and HDF5 the last, so all shapes are turned round.

Source: MathWorks, "MAT-File Versions"; the attribute ``MATLAB_class`` names the class.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits, plain_text
from diagnostics.importers.formats.hdf5 import BROKEN, SIGNATURE, opened

_USER_BLOCK = 512
_MAX_DEPTH = 8
_MAX_CELLS = 10_000
_MAX_LETTERS = 100_000
_OWN_GROUPS = ("#refs#", "#subsystem#")
_NOT_READ = "objects, functions and sparse arrays are not read"
_NUMBERS = {
    *("double", "single", "logical"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
}


def is_hdf5(path: Path, header: bytes) -> bool:
    """Whether a MATLAB file is of version 7.3, or plain HDF5 under the name of one."""
    if header.startswith(SIGNATURE):
        return True
    with path.open("rb") as file:
        file.seek(_USER_BLOCK)
        return header.startswith(b"MATLAB 7.3") or file.read(len(SIGNATURE)) == SIGNATURE


def open_matlab_hdf5(path: Path, limits: Limits) -> Contents:
    """The variables of a MATLAB v7.3 file; fields of structs as ``struct.field``.

    Parameters
    ----------
    path : Path
    limits : Limits
        Of each variable; the file may be larger.

    Returns
    -------
    Contents
        Arrays are read when they are asked for, rows of matrices alone.

    Raises
    ------
    FileFormatError
        If the file is broken.
    """
    file = opened(path)
    reader = _Reader(file, limits)
    try:
        for name in file:
            if name not in _OWN_GROUPS:
                reader.add(name, file, name, 0)
    except BROKEN as error:
        raise FileFormatError("The MATLAB file is broken or cut off.") from error
    return reader.found.contents()


class _Reader:
    """Walks the variables of one file."""

    def __init__(self, file: Any, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._cells = 0
        self.found = Collector(limits)

    def add(self, name: str, group: Any, key: str, depth: int) -> None:
        import h5py

        if isinstance(group.get(key, getlink=True), h5py.HardLink):
            self._add(name, group[key], depth)
        else:
            self.found.unread(name, (), "link", "links are not followed")

    def _add(self, name: str, item: Any, depth: int) -> None:
        import h5py

        if depth > _MAX_DEPTH:
            raise FileFormatError(f"Structs are nested more than {_MAX_DEPTH} deep.")
        self._cells += 1
        if self._cells > _MAX_CELLS:
            raise FileFormatError(f"The file nests more than {_MAX_CELLS:,} values. Simplify it.")
        kind = _class_of(item)
        if isinstance(item, h5py.Group):
            if kind not in ("struct", "") or "MATLAB_sparse" in item.attrs:
                self.found.unread(name, (), kind or "group", _NOT_READ)
                return
            self._limits.check_variables(len(item))
            for field in item:
                self.add(f"{name}.{field}", item, field, depth + 1)
        elif item.shape is None or "MATLAB_empty" in item.attrs or item.is_virtual or item.external:
            self.found.unread(name, item.shape or (), kind or "empty", "it is empty")
        elif h5py.check_ref_dtype(item.dtype) is not None:
            self._references(name, item, depth, kind)
        elif kind == "char":
            self.found.scalar(name, self._text(item), "char", item.shape[::-1])
        elif item.dtype.kind in "fiu" and kind in (*_NUMBERS, ""):
            self._numbers(name, item)
        else:
            self.found.unread(name, item.shape[::-1], kind or str(item.dtype), _NOT_READ)

    def _references(self, name: str, item: Any, depth: int, kind: str) -> None:
        """The cells of a cell array as ``name{1}``, elements of a struct array as ``name(1)``."""
        if self._cells + item.size > _MAX_CELLS:
            raise FileFormatError(f"The file nests more than {_MAX_CELLS:,} values. Simplify it.")
        for index, target in enumerate(_targets(self._file, item)):
            label = f"{name}{{{index + 1}}}" if kind == "cell" else _indexed(name, index + 1)
            self._add(label, target, depth + 1)

    def _numbers(self, name: str, item: Any) -> None:
        shape = item.shape[::-1]
        if item.size == 1:
            value = float(np.ravel(item[()])[0])
            self.found.scalar(name, value, str(item.dtype), shape)
            return
        part = partial(_rows, item, self._limits) if item.ndim > 1 else None
        read = partial(_whole, item, self._limits)
        self.found.array(name, shape, str(item.dtype), read, part=part)

    def _text(self, item: Any) -> str:
        if item.size > _MAX_LETTERS or item.dtype.kind != "u":
            return ""
        letters = np.ravel(item[()].T).astype("<u2").tobytes()
        return letters.decode("utf-16-le", "replace")


def _targets(file: Any, item: Any) -> Iterator[Any]:
    for reference in np.ravel(item[()].T):
        if reference:
            yield file[reference]


def _indexed(name: str, number: int) -> str:
    """The number behind the struct and not behind its field: ``bearing(2).gs``."""
    struct, dot, field = name.rpartition(".")
    return f"{struct}({number}).{field}" if dot else f"{name}({number})"


def _class_of(item: Any) -> str:
    value = item.attrs.get("MATLAB_class", b"")
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)


def _whole(item: Any, limits: Limits) -> NDArray[Any]:
    return _rows(item, limits, 0, item.shape[-1])


def _rows(item: Any, limits: Limits, start: int, stop: int) -> NDArray[Any]:
    name = plain_text(item.name.lstrip("/"))
    per_row = math.prod(item.shape[:-1]) * item.dtype.itemsize
    limits.check_bytes((stop - start) * per_row, name)
    try:
        return np.asarray(item[..., start:stop]).T
    except BROKEN as error:
        raise FileFormatError(f"{name} is broken or cut off.") from error
