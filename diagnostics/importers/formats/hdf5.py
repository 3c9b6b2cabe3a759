"""HDF5 files: groups as dotted names, attributes as numbers and texts.

Nothing outside the file is read, though HDF5 offers several ways to ask for it: links to other
files, storage in other files, and virtual data sets are named and left alone.
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
from diagnostics.importers.declared import RATE_NAMES, UNIT_NAMES

SIGNATURE = b"\x89HDF\r\n\x1a\n"
BROKEN = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    AttributeError,
    MemoryError,
)
MAX_DEPTH = 16
MOST_TEXTS = 1_000_000
_HDF4 = b"\x0e\x03\x13\x01"
_WITHOUT_NAME = "/proc/self/fd"
_LINK = "links are not followed"


def open_hdf5(path: Path, limits: Limits) -> Contents:
    """The data sets of an HDF5 file.

    Parameters
    ----------
    path : Path
    limits : Limits
        Of each data set; the file may be larger.

    Returns
    -------
    Contents
        Data sets are read when they are asked for, rows of matrices alone.

    Raises
    ------
    FileFormatError
        If the file is of another kind or broken.
    """
    file = opened(path)
    found = Collector(limits)
    try:
        _attributes(found, "", file)
        for name, item in members(found, file, limits):
            add(found, name, item, limits)
    except BROKEN as error:
        raise FileFormatError("The HDF5 file is broken or cut off.") from error
    return found.contents()


def opened(path: Path) -> Any:
    """The file, read only.

    Raises
    ------
    FileFormatError
        If it is of another kind or broken.
    """
    import h5py

    with path.open("rb") as file:
        if file.read(len(_HDF4)) == _HDF4:
            raise FileFormatError("This is an HDF4 file, which is not read. Convert it to HDF5.")
    try:
        if path.is_relative_to(_WITHOUT_NAME):
            # HDF5 asks for the real path, which a file without a name has not.
            return h5py.File(path.open("rb"), "r")
        return h5py.File(path, "r", locking=False)
    except BROKEN as error:
        if not h5py.is_hdf5(path):
            raise FileFormatError("This is not an HDF5 file, whatever its name says.") from error
        raise FileFormatError("The HDF5 file is broken or cut off.") from error


def members(found: Collector, file: Any, limits: Limits) -> Iterator[tuple[str, Any]]:
    """Data sets under their dotted names; what is not followed goes to ``found``."""
    import h5py

    waiting = [("", file, 0)]
    seen = {_address(file)}
    while waiting:
        prefix, group, depth = waiting.pop(0)
        limits.check_variables(len(group))
        for key in group:
            name = f"{prefix}{key}"
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                found.unread(name, (), "link", _LINK)
                continue
            item = group[key]
            if _address(item) in seen:  # groups may hold one another
                continue
            seen.add(_address(item))
            limits.check_variables(len(seen))
            if isinstance(item, h5py.Dataset):
                yield name, item
            elif isinstance(item, h5py.Group):
                if depth >= MAX_DEPTH:
                    raise FileFormatError(f"Groups are nested more than {MAX_DEPTH} deep.")
                _attributes(found, name, item)
                waiting.append((f"{name}.", item, depth + 1))


def add(found: Collector, name: str, item: Any, limits: Limits) -> None:
    """One data set as a number, a text, an array or a column of texts."""
    import h5py

    note = _why_not(item)
    if item.shape is None:
        found.unread(name, (), "empty", "it is empty")
    elif note:
        found.unread(name, item.shape, str(item.dtype), note)
    elif h5py.check_string_dtype(item.dtype) is not None:
        if item.size == 1:
            found.scalar(name, _texts(item, limits)[0], "text", item.shape)
        elif item.ndim == 1 and item.size <= MOST_TEXTS:
            found.text(name, item.size, partial(_texts, item, limits))
        else:
            found.unread(name, item.shape, "text", "text is not read")
    elif item.size == 1 and item.dtype.kind in "fiub":
        found.scalar(name, float(np.ravel(item[()])[0]), str(item.dtype), item.shape)
        _attributes(found, name, item)
    else:
        _add_array(found, name, item, limits)


def whole(item: Any, limits: Limits) -> NDArray[Any]:
    """All values of a data set, as they lie in the file.

    Raises
    ------
    FileFormatError
        If they are broken or more than the limit.
    """
    limits.check_bytes(item.size * item.dtype.itemsize, plain_text(item.name.lstrip("/")))
    return rows(item, limits, 0, item.shape[0])


def rows(item: Any, limits: Limits, start: int, stop: int) -> NDArray[Any]:
    """Rows ``start`` to ``stop`` of a data set.

    Raises
    ------
    FileFormatError
        If they are broken or more than the limit.
    """
    name = plain_text(item.name.lstrip("/"))
    per_row = math.prod(item.shape[1:]) * item.dtype.itemsize
    limits.check_bytes((stop - start) * per_row, f"{stop - start:,} rows of {name}")
    try:
        return np.asarray(item[start:stop])
    except BROKEN as error:
        raise FileFormatError(f"{name} is broken or cut off.") from error


def _add_array(found: Collector, name: str, item: Any, limits: Limits) -> None:
    rate, unit = None, None
    for key, value in _small_attributes(item):
        if isinstance(value, float) and value > 0 and RATE_NAMES.search(key):
            rate = value, f"attribute {key} of {name}"
        elif isinstance(value, str) and value and UNIT_NAMES.search(key):
            unit = value, f"attribute {key} of {name}"
        else:
            found.scalar(f"{name}.{key}", value)
    part = partial(rows, item, limits) if item.ndim > 1 else None
    read = partial(whole, item, limits)
    found.array(name, item.shape, str(item.dtype), read, part=part, rate=rate, unit=unit)


def _why_not(item: Any) -> str:
    """Why the values of a data set are not read; empty when they are."""
    if item.is_virtual or item.external:
        return "it lies in other files, which are not opened"
    if item.dtype.kind in "fiubSO" and item.dtype.names is None:
        return "references are not followed" if _is_reference(item) else ""
    return f"{item.dtype} is not read"


def _is_reference(item: Any) -> bool:
    import h5py

    kind = item.dtype
    if h5py.check_ref_dtype(kind) is not None or h5py.check_vlen_dtype(kind) is not None:
        return h5py.check_string_dtype(kind) is None
    return False


def _texts(item: Any, limits: Limits) -> tuple[str, ...]:
    limits.check_bytes(item.size * max(item.dtype.itemsize, 8), "Texts")
    try:
        values = np.ravel(item[()])
    except BROKEN as error:
        raise FileFormatError("A text of the HDF5 file is broken or cut off.") from error
    return tuple(plain_text(_decoded(value)) for value in values)


def _decoded(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _attributes(found: Collector, name: str, item: Any) -> None:
    for key, value in _small_attributes(item):
        found.scalar(f"{name}.{key}" if name else key, value)


def _small_attributes(item: Any) -> Iterator[tuple[str, float | str]]:
    """Attributes of one number or text; those of netCDF and MATLAB for their own use are not."""
    import h5py

    for key in item.attrs:
        attribute = item.attrs.get_id(key)
        if math.prod(attribute.shape or (0,)) > 1 or attribute.shape is None:
            continue
        kind = attribute.dtype
        if kind.kind in "fiub" and kind.names is None:
            yield key, float(np.ravel(item.attrs[key])[0])
        elif h5py.check_string_dtype(kind) is not None:
            yield key, _decoded(np.ravel(item.attrs[key])[0])


def _address(item: Any) -> int:
    import h5py

    return int(h5py.h5o.get_info(item.id).addr)
