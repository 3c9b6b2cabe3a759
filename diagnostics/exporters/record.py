"""What is known about an exported recording, and how an exporter gets at its samples."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from diagnostics.errors import FileFormatError
from diagnostics.progress import Progress, Report
from diagnostics.signals.recording_file import RecordingFile
from diagnostics.signals.signal import Channel, Unit

BLOCK = 1 << 19
"""Samples of one channel that an exporter holds in memory at a time."""
DTYPES = ("float32", "float64")
BROKEN = "What the export says about a recording is broken."
TEXTS = ("label", "machine", "bearing", "load", "speed_source", "origin", "source_file")
"""Of a record; empty or absent when not known."""
JSON_TEXTS = ("attributes", "warnings")
"""Of a record; as JSON in one text where a format has no better place."""


@dataclass(frozen=True)
class Record:
    """A recording without its samples.

    Attributes
    ----------
    sample_rate_hz
        Samples per second and channel.
    sample_count
        Samples of each channel.
    dtype
        ``float32`` or ``float64``; empty as long as no exporter has opened the samples.
    speed_source
        ``file``, ``typed``, ``nominal`` or ``generated``.
    origin
        ``imported`` or ``generated``.
    content_hash
        As :func:`diagnostics.signals.recording_file.content_hash` gives it.
    attributes
        Whatever else is known, as JSON has it.
    warnings
        What looked wrong, each with ``code``, ``message``, ``channel`` and ``value``.
    """

    name: str
    sample_rate_hz: float
    sample_count: int
    channels: tuple[Channel, ...]
    dtype: str = ""
    speed_rpm: float | None = None
    label: str = ""
    machine: str = ""
    bearing: str = ""
    load: str = ""
    speed_source: str = ""
    origin: str = "imported"
    source_file: str = ""
    content_hash: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Mapping[str, Any], ...] = ()

    @property
    def texts(self) -> dict[str, str]:
        """What is known as text, without what is not known."""
        return {name: text for name in TEXTS if (text := getattr(self, name))}


@dataclass(frozen=True)
class ExportedRecording:
    """A recording of the data set; ``open`` gives its samples for reading in blocks."""

    record: Record
    open: Callable[[], AbstractContextManager[RecordingFile]]


@dataclass(frozen=True)
class ExportedDataset:
    """What is written about the whole. ``value_count`` is over all recordings and channels."""

    name: str
    version: int
    content_hash: str
    recording_count: int
    value_count: int


class Counter:
    """Reports how many values are written; a report may stop the work by raising."""

    def __init__(self, dataset: ExportedDataset, report: Report) -> None:
        self._total = dataset.value_count
        self._report = report
        self._done = 0

    def add(self, values: int, name: str) -> None:
        self._done += values
        self._report(Progress("write the file", min(self._done, self._total), self._total, name))


@contextmanager
def finished_file(path: Path) -> Iterator[Path]:
    """A name to write under; the file gets its own name only when all of it is there."""
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def blocks(file: RecordingFile, channel: int) -> Iterator[tuple[int, Any]]:
    """The samples of a channel in pieces, each with the position of its first."""
    for start in range(0, file.sample_count, BLOCK):
        yield start, file.read(channel, start, start + BLOCK)


def to_plain(record: Record) -> dict[str, Any]:
    """The record as JSON has it, under the names of its fields; without what is not known.

    Examples
    --------
    >>> channel = Channel("drive end", Unit.ACCELERATION_G)
    >>> one = Record("pump", 25_600.0, 2_560, (channel,), "float32", label="ball")
    >>> from_plain(to_plain(one)) == one
    True
    """
    plain: dict[str, Any] = {
        "name": record.name,
        "sample_rate_hz": record.sample_rate_hz,
        "sample_count": record.sample_count,
        "dtype": record.dtype,
        "channels": [[channel.name, channel.unit.value] for channel in record.channels],
        "content_hash": record.content_hash,
        "attributes": dict(record.attributes),
        "warnings": [dict(warning) for warning in record.warnings],
        **record.texts,
    }
    if record.speed_rpm is not None:
        plain["speed_rpm"] = record.speed_rpm
    return plain


def from_plain(plain: Mapping[str, Any]) -> Record:
    """The record that :func:`to_plain` took apart, out of a file that anybody may have changed.

    Raises
    ------
    FileFormatError
        If it is no such record.
    """
    try:
        speed = plain.get("speed_rpm")
        record = Record(
            name=str(plain["name"]),
            sample_rate_hz=float(plain["sample_rate_hz"]),
            sample_count=int(plain["sample_count"]),
            channels=tuple(Channel(str(name), Unit(unit)) for name, unit in plain["channels"]),
            dtype=str(plain["dtype"]),
            speed_rpm=None if speed is None else float(speed),
            content_hash=str(plain.get("content_hash", "")),
            attributes=dict(plain.get("attributes", {})),
            warnings=tuple(dict(warning) for warning in plain.get("warnings", ())),
            **{name: str(plain[name]) for name in TEXTS if plain.get(name)},
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FileFormatError(BROKEN) from error
    numbers = (record.sample_rate_hz, record.speed_rpm or 0.0)
    good = (
        bool(record.name and record.channels)
        and record.dtype in DTYPES
        and record.sample_count > 0
        and all(math.isfinite(number) for number in numbers)
        and all(isinstance(name, str) for name in record.attributes)
    )
    if not good:
        raise FileFormatError(BROKEN)
    return record


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def from_json(text: str | bytes) -> Any:
    """What :func:`to_json` gave.

    Raises
    ------
    FileFormatError
        If the text is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(BROKEN) from error
