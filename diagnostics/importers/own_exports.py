"""Files that this program exported itself, read so that nothing of them is lost.

The importers of the formats would read most of it; but they cut long texts, know nothing of
recordings, and cannot put together what is spread over rows. What is read here has passed through
other hands, so nothing of it is believed before it was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.exporters import csv_tables, hdf5, parquet
from diagnostics.exporters.record import (
    BROKEN,
    JSON_TEXTS,
    TEXTS,
    Record,
    from_json,
    from_plain,
    to_json,
    to_plain,
)
from diagnostics.importers.contents import Contents, Limits, Variable
from diagnostics.importers.declared import Declared
from diagnostics.importers.formats.hdf5 import BROKEN as BROKEN_HDF5
from diagnostics.importers.formats.hdf5 import SIGNATURE, opened, rows
from diagnostics.signals.signal import Unit

_PARQUET = b"PAR1"
_TABLE = csv_tables.HEADER.encode() + b"\n"
_RECORD = "rotorscope recording"
_MOST_RECORDINGS = 200_000
_BLOCK = 8 << 20

Read = Callable[[], NDArray[Any]]


def exports_first(open_plain: Callable[[Path, Limits], Contents]) -> Callable[..., Contents]:
    """An opener that takes exports of this program for what they are, and leaves others."""

    def open_either(path: Path, limits: Limits) -> Contents:
        return open_own_export(path, limits) or open_plain(path, limits)

    return open_either


def records_in(contents: Contents) -> Iterator[tuple[Record, list[str]]]:
    """What is known about each recording of an export, and the variables of its channels.

    Raises
    ------
    FileFormatError
        If that is broken.
    """
    number = 1
    while (text := contents.scalars.get(f"{_RECORD} {number}")) is not None:
        plain = from_json(str(text))
        yield from_plain(plain), [str(name) for name in plain["variables"]]
        number += 1


def open_own_export(path: Path, limits: Limits) -> Contents | None:
    """The contents of an export in HDF5 or Parquet, or of one table of samples of an export.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Contents or None
        None when the file is something else, also one of these formats from elsewhere.

    Raises
    ------
    FileFormatError
        If it is an export and broken.
    """
    with path.open("rb") as file:
        start = file.read(len(_TABLE))
    if start.startswith(SIGNATURE):
        return _open_hdf5(path, limits)
    if start.startswith(_PARQUET):
        return _open_parquet(path, limits)
    if start == _TABLE:
        return _open_samples(path, limits)
    return None


def _contents(found: Iterator[tuple[Record, dict[str, Read]]], note: str) -> Contents:
    """Each recording as a text under a number, for the file may be read by another process."""
    variables, arrays, scalars = [], {}, {}
    for number, (record, channels) in enumerate(found, start=1):
        if number > _MOST_RECORDINGS:
            raise FileFormatError(f"The export has more than {_MOST_RECORDINGS:,} recordings.")
        scalars[f"{_RECORD} {number}"] = to_json({**to_plain(record), "variables": [*channels]})
        for name, read in channels.items():
            arrays[name] = partial(_checked, read, record, name)
            variables.append(Variable(name, (record.sample_count,), record.dtype))
    return Contents(tuple(variables), scalars, arrays, (note,))


def _checked(read: Read, record: Record, name: str) -> NDArray[Any]:
    values = read()
    if values.shape != (record.sample_count,):
        raise FileFormatError(
            f"{name} has {values.size:,} samples, the export says {record.sample_count:,}."
        )
    with np.errstate(over="ignore"):  # what is not finite is refused with all else
        return values.astype(record.dtype, copy=False)


def _open_hdf5(path: Path, limits: Limits) -> Contents | None:
    file = opened(path)
    try:
        if hdf5.MARK not in file.attrs:
            return None
        note = f"Export of “{file.attrs.get('dataset', '')}”, version {file.attrs.get('version')}."
        return _contents(_hdf5_recordings(file, limits), note)
    except BROKEN_HDF5 as error:
        raise FileFormatError("The exported HDF5 file is broken or cut off.") from error


def _hdf5_recordings(file: Any, limits: Limits) -> Iterator[tuple[Record, dict[str, Read]]]:
    import h5py

    parent = file["recordings"]
    for key in parent:
        group = parent[key]
        samples, links = group["samples"], ("samples", *JSON_TEXTS)
        own = all(isinstance(group.get(link, getlink=True), h5py.HardLink) for link in links)
        own = own and isinstance(parent.get(key, getlink=True), h5py.HardLink)
        if not own or samples.is_virtual or samples.external or samples.ndim != 2:
            raise FileFormatError("The exported HDF5 file points at others, which are not opened.")
        told = {
            name: _plain(group.attrs[name]) for name in (*TEXTS, *_NUMBERS) if name in group.attrs
        }
        names, units = (samples.attrs[name].tolist() for name in ("channels", "units"))
        record = from_plain(
            {
                **told,
                "sample_count": samples.shape[1],
                "dtype": samples.dtype.name,
                "channels": list(zip(names, units, strict=True)),
                **{name: from_json(group[name][()]) for name in JSON_TEXTS},
            }
        )
        yield (
            record,
            {
                f"recordings/{key}/samples[{row}]": partial(_hdf5_row, samples, row, limits)
                for row in range(samples.shape[0])
            },
        )


_NUMBERS = ("name", "content_hash", "speed_rpm", "sample_rate_hz")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _hdf5_row(samples: Any, row: int, limits: Limits) -> NDArray[Any]:
    values: NDArray[Any] = rows(samples, limits, row, row + 1)[0]
    return values


def _open_parquet(path: Path, limits: Limits) -> Contents | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        told = file.schema_arrow.metadata or {}
        if parquet.MARK not in told:
            return None
        if not file.schema_arrow.remove_metadata().equals(parquet.schema()):
            raise FileFormatError("The columns of the exported Parquet file are others.")
        dataset, version = (told.get(key, b"").decode() for key in (b"dataset", b"version"))
        note = f"Export of “{dataset}”, version {version}."
        return _contents(_parquet_recordings(file, limits), note)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError("The exported Parquet file is broken or cut off.") from error


def _parquet_recordings(file: Any, limits: Limits) -> Iterator[tuple[Record, dict[str, Read]]]:
    read_group = lru_cache(maxsize=1)(partial(_parquet_group, file, limits))
    for first, places in _parquet_places(file, limits):
        channels = sorted(places)
        record = from_plain(
            {
                **{key: value for key, value in first.items() if value is not None},
                "channels": [places[channel][0] for channel in channels],
                **{name: from_json(first[name] or "") for name in JSON_TEXTS},
            }
        )
        yield (
            record,
            {
                f"recording {first['recording']} channel {channel}": partial(
                    _parquet_channel, read_group, tuple(places[channel][1])
                )
                for channel in channels
            },
        )


_Places = dict[int, tuple[tuple[str, str], list[tuple[int, int]]]]


def _parquet_places(file: Any, limits: Limits) -> Iterator[tuple[dict[str, Any], _Places]]:
    """Each recording with, for its channels, the row groups and rows that hold them."""
    names = [name for name in file.schema_arrow.names if name != parquet.VALUES]
    first: dict[str, Any] = {}
    places: _Places = {}
    for group in range(file.num_row_groups):
        about = file.metadata.row_group(group)
        size = sum(about.column(i).total_uncompressed_size for i in range(len(names)))
        limits.check_bytes(max(size, about.num_rows * len(names)), "What the export says")
        for position, row in enumerate(file.read_row_group(group, columns=names).to_pylist()):
            if first and row["recording"] != first["recording"]:
                yield first, places
                first, places = {}, {}
            first = first or row
            channel = (row["channel_name"], row["unit"])
            places.setdefault(row["channel"], (channel, []))[1].append((group, position))
    if first:
        yield first, places


def _parquet_group(file: Any, limits: Limits, group: int) -> Any:
    import pyarrow as pa

    column = file.metadata.row_group(group).column(len(parquet.schema()) - 1)
    limits.check_bytes(max(column.total_uncompressed_size, column.num_values * 8), "A row group")
    try:
        return file.read_row_group(group, columns=[parquet.VALUES]).column(0).combine_chunks()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError("The exported Parquet file is broken or cut off.") from error


def _parquet_channel(
    read_group: Callable[[int], Any], places: tuple[tuple[int, int], ...]
) -> NDArray[Any]:
    parts = []
    for group, position in places:
        row = read_group(group)[position]
        if not row.is_valid:
            raise FileFormatError(BROKEN)
        parts.append(row.values.to_numpy(zero_copy_only=False))
    return np.concatenate(parts)


def _open_samples(path: Path, limits: Limits) -> Contents:
    """The channels of a table of samples; what is known stands in ``recordings.csv``."""
    limits.check_bytes(path.stat().st_size, "The table")
    counts: dict[str, int] = {}
    units: dict[str, str] = {}
    for batch in _batches(path, "string", ("channel", "unit")):
        for name in dict.fromkeys(batch[0].unique().to_pylist()):
            mask = np.asarray(batch[0].to_numpy(zero_copy_only=False) == name)
            counts[name] = counts.get(name, 0) + int(mask.sum())
            units.setdefault(name, str(batch[1][int(mask.argmax())]))
        limits.check_variables(len(counts))
    read = lru_cache(maxsize=1)(partial(_samples, path))
    variables, arrays, declared = [], {}, {}
    for written, count in counts.items():
        name = csv_tables.original(written)
        variables.append(Variable(name, (count,), "float64"))
        for dtype in ("float64", "float32"):
            key = name if dtype == "float64" else single(name)
            arrays[key] = partial(_channel, read, dtype, written)
        if units[written] in set(Unit):
            declared[name] = Declared(None, "", Unit(units[written]), "column unit")
    note = "Samples of an exported data set in long form."
    return Contents(tuple(variables), {}, arrays, (note,), declared)


def single(name: str) -> str:
    """The channel of a table of samples, read in single precision."""
    return f"{name} (float32)"


def _channel(
    read: Callable[[str], dict[str, NDArray[Any]]], dtype: str, written: str
) -> NDArray[Any]:
    return read(dtype)[written]


def _samples(path: Path, dtype: str) -> dict[str, NDArray[Any]]:
    parts: dict[str, list[NDArray[Any]]] = {}
    for names, values in _batches(path, dtype, ("channel", "value")):
        numbers = values.to_numpy(zero_copy_only=False)
        column = names.to_numpy(zero_copy_only=False)
        for name in dict.fromkeys(names.unique().to_pylist()):
            parts.setdefault(name, []).append(numbers[column == name])
    return {name: np.concatenate(pieces) for name, pieces in parts.items()}


def _batches(path: Path, dtype: str, columns: tuple[str, str]) -> Iterator[tuple[Any, Any]]:
    """Two columns of the table, a block at a time; the second in the given type."""
    import pyarrow as pa
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, open_csv

    kinds = {"string": pa.string(), "float32": pa.float32(), "float64": pa.float64()}
    convert = ConvertOptions(
        column_types={columns[0]: pa.string(), columns[1]: kinds[dtype]},
        include_columns=list(columns),
    )
    try:
        reader = open_csv(
            path,
            ReadOptions(block_size=_BLOCK),
            ParseOptions(newlines_in_values=True),
            convert,
        )
        for batch in reader:
            if batch.column(0).null_count or batch.column(1).null_count:
                raise FileFormatError("The table of samples has gaps.")
            yield batch.column(0), batch.column(1)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError("The table of samples is broken or cut off.") from error
