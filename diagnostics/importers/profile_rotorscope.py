"""Exports of this program: what was exported comes back as it was.

HDF5 and Parquet files hold a whole data set. Of the archives, each MATLAB file holds a recording
with all that is known about it, each table of samples one whose row stands in ``recordings.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from diagnostics.errors import FileFormatError
from diagnostics.exporters import csv_tables, matlab
from diagnostics.exporters.record import BROKEN, JSON_TEXTS, TEXTS, Record, from_json, from_plain
from diagnostics.importers.contents import LONGEST_TEXT
from diagnostics.importers.own_exports import records_in, single
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.quality import Problem, QualityWarning

_EXPORT = "export"
_FACTS = ("label", "machine", "bearing", "load", "origin")
# Where a speed came from is told by the first word of its source.
_SPEED_SOURCES = ("typed", "nominal", "generated")


def fits(source: Source) -> bool:
    """Whether the file says that it is an export, or the table beside it does."""
    contents = source.contents
    if {"x", matlab.MARK} <= set(contents.arrays) or _row(source) is not None:
        return True
    return next(records_in(contents), None) is not None


def propose(source: Source) -> list[ProposedRecording]:
    """The recordings as they were exported.

    Raises
    ------
    FileFormatError
        If the file is no export, or what it says is broken.
    """
    row = _row(source)
    if row is not None:
        record = _of_table(row)
        names = [channel.name for channel in record.channels]
        variables = names if record.dtype == "float64" else [single(name) for name in names]
        return [_proposed(record, [(name, 0) for name in variables], "")]
    if {"x", matlab.MARK} <= set(source.contents.arrays):
        record = _of_matlab(source)
        return [_proposed(record, [("x", number) for number in range(len(record.channels))], "")]
    found = list(records_in(source.contents))
    if not found:
        raise FileFormatError(
            "The file is no export of this program, or recordings.csv is missing."
        )
    return [
        _proposed(record, [(name, 0) for name in variables], str(number) if found[1:] else "")
        for number, (record, variables) in enumerate(found, start=1)
    ]


def _of_matlab(source: Source) -> Record:
    values = source.contents.arrays[matlab.MARK]()
    if values.dtype != np.uint8:
        raise FileFormatError(BROKEN)
    return _plain(from_json(values.tobytes()))


def _plain(found: object) -> Record:
    if not isinstance(found, Mapping):
        raise FileFormatError(BROKEN)
    return from_plain(found)


def _row(source: Source) -> dict[str, str] | None:
    """The row of ``recordings.csv`` for a table of samples, found by its number."""
    for row in source.companions.get(csv_tables.RECORDINGS, ()):
        number = row.get("recording", "")
        if number.isdecimal() and source.stem == f"{int(number):06d}":
            return row
    return None


def _of_table(row: dict[str, str]) -> Record:
    told = {key: value for key, value in row.items() if value}
    texts = {name: csv_tables.original(told[name]) for name in ("name", *TEXTS) if name in told}
    json = {name: from_json(told.get(name, "")) for name in ("channels", *JSON_TEXTS)}
    return _plain({**told, **texts, **json})


def _warning(told: Mapping[str, Any]) -> QualityWarning:
    try:
        return QualityWarning(
            Problem(told["code"]), str(told["message"]), told.get("value"), told.get("channel")
        )
    except (KeyError, ValueError) as error:
        raise FileFormatError(BROKEN) from error


def _proposed(record: Record, variables: list[tuple[str, int]], key: str) -> ProposedRecording:
    channels = tuple(
        ProposedChannel(channel.name, variable, row, Sourced(channel.unit, _EXPORT))
        for channel, (variable, row) in zip(record.channels, variables, strict=True)
    )
    texts = record.texts
    facts: dict[str, Sourced[str | float]] = {
        name: Sourced(texts[name], _EXPORT) for name in _FACTS if name in texts
    }
    if record.speed_rpm is not None:
        told = record.speed_source
        source = f"{told}: {_EXPORT}" if told in _SPEED_SOURCES else _EXPORT
        facts["speed_rpm"] = Sourced(record.speed_rpm, source)
    attributes = {name: Sourced(value, _EXPORT) for name, value in record.attributes.items()}
    rate = Sourced(record.sample_rate_hz, _EXPORT)
    title = record.name[:LONGEST_TEXT]
    warnings = tuple(_warning(told) for told in record.warnings)
    return ProposedRecording(
        key, title, record.sample_count, channels, rate, facts, attributes, warnings
    )


ROTORSCOPE = Profile("rotorscope", "Export of Rotorscope", fits, propose)
