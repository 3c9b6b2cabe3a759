"""State of a detector as bytes: a JSON head and raw arrays. Nothing in it can be run."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from diagnostics.errors import StreamError

MARK = b"RSS1"
KINDS = ("float64", "int64", "int32", "uint64", "uint8", "bool")
_HEAD = struct.Struct("<4sI")

Arrays = Mapping[str, np.ndarray[Any, Any]]


def pack(values: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Plain values and arrays as bytes.

    Parameters
    ----------
    values : mapping
        What JSON can hold.
    arrays : mapping of ndarray
        Of the kinds in ``KINDS``, any shape.
    """
    listed, blocks = [], []
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array)
        if plain.dtype.name not in KINDS:
            raise StreamError(f"An array of {plain.dtype.name} cannot be kept.")
        listed.append([name, plain.dtype.name, list(plain.shape)])
        blocks.append(plain.tobytes())
    head = json.dumps({"values": values, "arrays": listed}).encode()
    return b"".join([_HEAD.pack(MARK, len(head)), head, *blocks])


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """What :func:`pack` made, with arrays that may be changed.

    Raises
    ------
    StreamError
        If the bytes are something else or incomplete.
    """
    try:
        mark, length = _HEAD.unpack_from(data)
        if mark != MARK:
            raise StreamError("These bytes are no state of a detector.")
        head = json.loads(data[_HEAD.size : _HEAD.size + length])
        arrays, at = {}, _HEAD.size + length
        for name, kind, shape in head["arrays"]:
            if kind not in KINDS:
                raise StreamError(f"An array of {kind} cannot be read.")
            count = int(np.prod(shape, dtype=np.int64))
            read = np.frombuffer(data, dtype=kind, count=count, offset=at)
            arrays[name] = read.reshape(shape).copy()
            at += read.nbytes
        return head["values"], arrays
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise StreamError("The state of the detector is damaged.") from error
