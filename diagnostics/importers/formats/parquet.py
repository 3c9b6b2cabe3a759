"""Parquet files: columns of numbers, read one at a time."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits, plain_text
from diagnostics.importers.declared import RATE_NAMES, UNIT_NAMES

_BATCH = 1 << 20
_LONGEST_VALUE = 1000
_OWN_KEYS = ("ARROW:schema", "pandas", "huggingface", "PARQUET:field_id")


def open_parquet(path: Path, limits: Limits) -> Contents:
    """The columns of a Parquet file.

    Units and sampling rates are taken from the metadata of columns (``unit``, ``fs``), other
    numbers and texts from the metadata of the file.

    Parameters
    ----------
    path : Path
    limits : Limits
        Of each column; the file may be larger.

    Returns
    -------
    Contents
        Columns are read when they are asked for. A column of lists of one length is a matrix.

    Raises
    ------
    FileFormatError
        If the file is of another kind or broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        schema, count = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError("This is no Parquet file, or it is broken or cut off.") from error
    limits.check_variables(len(schema))
    found = Collector(limits)
    for key, value in _metadata(schema):
        found.scalar(key, value)
    for field in schema:
        _add(found, file, field, count, limits)
    return found.contents()


def _add(found: Collector, file: Any, field: Any, count: int, limits: Limits) -> None:
    import pyarrow.types as types

    name, kind = field.name, field.type
    if file.schema_arrow.get_field_index(name) < 0 or "." in name:
        # The reader takes a dot for a part of a struct and cannot tell two columns apart.
        note = "its name has a dot in it or occurs twice; rename the column"
        found.unread(name, (count,), str(kind), note)
    elif types.is_integer(kind) or types.is_floating(kind):
        rate, unit = _declared(found, field)
        read = partial(_numbers, file, name, count, limits)
        found.array(name, (count,), str(kind), read, rate=rate, unit=unit)
    elif types.is_fixed_size_list(kind) and types.is_floating(kind.value_type):
        rate, unit = _declared(found, field)
        part = partial(_rows, file, name, kind.list_size, limits)
        shape = (count, kind.list_size)
        read = partial(part, 0, count)
        found.array(name, shape, str(kind), read, part=part, rate=rate, unit=unit)
    elif types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind):
        found.text(name, count, partial(_texts, file, name, count, limits))
    else:
        found.unread(name, (count,), str(kind), f"{kind} is not read")


def _declared(
    found: Collector, field: Any
) -> tuple[tuple[float, str] | None, tuple[str, str] | None]:
    rate, unit = None, None
    for key, value in _metadata(field):
        source = f"metadata {key} of {field.name}"
        if isinstance(value, float) and value > 0 and RATE_NAMES.search(key):
            rate = value, source
        elif isinstance(value, str) and UNIT_NAMES.search(key):
            unit = value, source
        else:
            found.scalar(f"{field.name}.{key}", value)
    return rate, unit


def _metadata(described: Any) -> list[tuple[str, float | str]]:
    pairs: list[tuple[str, float | str]] = []
    for raw_key, raw in (described.metadata or {}).items():
        key, text = raw_key.decode("utf-8", "replace"), raw.decode("utf-8", "replace").strip()
        if key in _OWN_KEYS or len(text) > _LONGEST_VALUE:
            continue
        try:
            pairs.append((key, float(text)))
        except ValueError:
            pairs.append((key, text))
    return pairs


def _numbers(file: Any, name: str, count: int, limits: Limits) -> NDArray[Any]:
    limits.check_bytes(count * 8, plain_text(name))
    values: NDArray[Any] | None = None
    done = 0
    for column in _batches(file, name):
        # Gaps become NaN, and whole numbers with gaps floating-point ones.
        block = column.to_numpy(zero_copy_only=False)
        if values is None:
            values = np.empty(count, dtype=block.dtype)
        elif np.result_type(values, block) != values.dtype:
            values = values.astype(np.result_type(values, block))
        values[done : done + len(block)] = block
        done += len(block)
    if values is None or done != count:
        raise FileFormatError(f"{plain_text(name)} has {done:,} values, expected {count:,}.")
    return values


def _rows(file: Any, name: str, length: int, limits: Limits, start: int, stop: int) -> NDArray[Any]:
    limits.check_bytes((stop - start) * length * 8, plain_text(name))
    parts, before = [], 0
    for number in range(file.num_row_groups):
        count = file.metadata.row_group(number).num_rows
        if before < stop and before + count > start:
            for column in _batches(file, name, [number]):
                rows = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, length)
                parts.append(rows[max(0, start - before) : max(0, stop - before)])
                before += len(column)
        else:
            before += count
    return np.concatenate(parts) if parts else np.empty((0, length))


def _texts(file: Any, name: str, count: int, limits: Limits) -> tuple[str, ...]:
    limits.check_bytes(count * 64, plain_text(name))
    return tuple(
        plain_text(str(text)) if text is not None else ""
        for column in _batches(file, name)
        for text in column.to_pylist()
    )


def _batches(file: Any, name: str, groups: list[int] | None = None) -> Any:
    import pyarrow as pa

    try:
        for batch in file.iter_batches(_BATCH, row_groups=groups, columns=[name]):
            yield batch.column(0)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError(f"{plain_text(name)} is broken or cut off.") from error
