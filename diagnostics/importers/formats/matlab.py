"""MATLAB files: v5 (``save -v6`` and ``-v7``), and v7.3 by :mod:`matlab_hdf5`."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits, Variable, plain_text
from diagnostics.importers.formats.matlab_elements import HEADER, byte_order, elements
from diagnostics.importers.formats.matlab_hdf5 import is_hdf5, open_matlab_hdf5

_NOT_READ = "objects, functions and sparse arrays are not read"
_BROKEN = (ValueError, TypeError, IndexError, KeyError, OSError, OverflowError, zlib.error)


def open_matlab(path: Path, limits: Limits) -> Contents:
    """The variables of a MATLAB file; fields of structs as ``struct.field``.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Contents

    Raises
    ------
    FileFormatError
        If the file is of another kind, broken, or larger than the limits.
    """
    with path.open("rb") as file:
        header = file.read(HEADER)
    if is_hdf5(path, header):
        return open_matlab_hdf5(path, limits)
    byte_order(header)
    limits.check_bytes(path.stat().st_size, "The file")
    content = path.read_bytes()
    kept, left_out = [_plain_header(content)], []
    for element in elements(content, limits):
        if element.readable:
            kept.append(element.content)
        else:
            left_out.append(Variable(plain_text(element.name), element.shape, "object", _NOT_READ))
        limits.check_variables(len(kept) + len(left_out))
    leaves = dict(_leaves(_load(b"".join(kept))))
    return _contents(leaves, left_out, limits)


def _plain_header(content: bytes) -> bytes:
    # Without what the file says about itself, from which scipy may take it for another
    # version, and without the pointer to data of a subsystem, which is left out.
    return b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + content[124:HEADER]


def _load(content: bytes) -> dict[str, Any]:
    import warnings

    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError, MatReadWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MatReadWarning)  # a name that occurs twice: the last counts
        try:
            found: dict[str, Any] = loadmat(io.BytesIO(content))
        except (*_BROKEN, MatReadError) as error:
            raise FileFormatError("The MATLAB file is broken or cut off.") from error
    return {name: value for name, value in found.items() if not name.startswith("__")}


def _leaves(values: dict[str, Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, value in values.items():
        yield from _flatten(name, value)


def _flatten(name: str, value: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    if not isinstance(value, np.ndarray):
        return
    if value.dtype.names:
        for index, item in enumerate(value.ravel()):
            at = name if value.size == 1 else f"{name}({index + 1})"
            for field in value.dtype.names:
                yield from _flatten(f"{at}.{field}", item[field])
    elif value.dtype == object:
        for index, item in enumerate(value.ravel()):
            yield from _flatten(f"{name}{{{index + 1}}}", item)
    else:
        yield plain_text(name), value


def _contents(
    leaves: dict[str, NDArray[Any]], left_out: list[Variable], limits: Limits
) -> Contents:
    found = Collector(limits)
    for name, value in leaves.items():
        kind, dtype, shape = value.dtype.kind, value.dtype.name, value.shape
        if kind == "U" and value.size == 1:
            found.scalar(name, str(value.ravel()[0]), dtype, shape)
        elif kind in "fiu" and value.size == 1:
            found.scalar(name, float(value.ravel()[0]), dtype, shape)
        elif kind in "fiu":
            found.array(name, shape, dtype, value.__array__, part=partial(_rows, value))
        else:
            found.unread(name, shape, dtype, f"{value.dtype} is not read")
    for variable in left_out:
        found.unread(variable.name, variable.shape, variable.dtype, variable.note)
    return found.contents()


def _rows(values: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
    return values[start:stop]
