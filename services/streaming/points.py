"""Points as people send them, and as they lie in the stream: names once, then plain numbers.

The policy for what is wrong. Refused, with the field named: text, true and lists where a number
belongs, a point without any number, a time that is none or has no offset. Treated as missing:
null, NaN, infinities, numbers beyond 1e100, columns that a point leaves out. Left aside: columns
that the session does not look at. A time before that of the last point is kept as it is: points
are judged in the order in which they arrive.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.errors import Invalid

MOST_POINTS = 1000
MOST_COLUMNS = 500
LONGEST_NAME = 200
NAN = math.nan
_PLAIN = {float, int}


class InvalidPoint(Invalid):
    """A point that cannot be taken, with the field that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.reason = field, message

    @property
    def details(self) -> dict[str, Any]:
        return {"errors": [{"field": self.field, "message": self.reason}]}


@dataclass(frozen=True)
class Points:
    """``values`` holds row after row, one number for each name; ``times_ms`` may be None."""

    names: tuple[str, ...]
    times_ms: list[float | None]
    values: array[float]

    def __len__(self) -> int:
        return len(self.times_ms)

    def packed(self) -> bytes:
        head = json.dumps([self.names, None if self._timeless else self.times_ms])
        return head.encode() + b"\n" + self.values.tobytes()

    @property
    def _timeless(self) -> bool:
        return all(time is None for time in self.times_ms)


def read_point(given: Any) -> Points:
    """The only point that a program sent.

    Raises
    ------
    InvalidPoint
        If it cannot be taken.
    """
    return _read([given], "")


def read_points(given: Any, where: str = "data_points") -> Points:
    """Points out of what a program sent.

    Raises
    ------
    InvalidPoint
        If one of them cannot be taken; nothing of the batch is, then.
    """
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_POINTS:
        raise InvalidPoint(where, f"must be a list of 1 to {MOST_POINTS} points.")
    return _read(given, where)


def _read(given: list[Any], where: str) -> Points:
    names = _names(given, where)
    values = _all_at_once(given, names) or _row_by_row(given, names, where)
    times = [
        None if point.get("timestamp") is None else _time(point, _within(where, number))
        for number, point in enumerate(given)
    ]
    return Points(names, times, values)


def _all_at_once(given: Sequence[Any], names: tuple[str, ...]) -> array[float] | None:
    """The numbers of points that all have the same columns and nothing odd, which is usual."""
    if any(tuple(point["data"]) != names for point in given):
        return None
    numbers = [value for point in given for value in point["data"].values()]
    if not _PLAIN.issuperset(map(type, numbers)):
        return None
    try:
        values = array("d", numbers)
    except OverflowError:  # a whole number that no float can hold
        return None
    return None if any(map(math.isnan, values)) else values


def _row_by_row(given: Sequence[Any], names: tuple[str, ...], where: str) -> array[float]:
    values = array("d")
    for number, point in enumerate(given):
        field = _named(_within(where, number), "data")
        row = [
            _number(value, f"{field}.{name}")
            for name, value in zip(names, _row(point["data"], names), strict=True)
        ]
        if all(map(math.isnan, row)):
            raise InvalidPoint(field, "holds no number.")
        values.extend(row)
    return values


def _time(point: Mapping[str, Any], field: str) -> float:
    return read_time(point["timestamp"], _named(field, "timestamp"))


def read_time(given: Any, field: str) -> float:
    """Milliseconds since 1970.

    Raises
    ------
    InvalidPoint
        If it is no time with an offset.
    """
    try:
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is not None:
            return moment.timestamp() * 1000
    except (TypeError, ValueError, OverflowError):
        pass
    raise InvalidPoint(field, "must be a time in ISO 8601 with an offset.")


def _names(given: Sequence[Any], where: str) -> tuple[str, ...]:
    """All columns in the order in which they come."""
    names: dict[str, None] = {}
    for number, point in enumerate(given):
        data = point.get("data") if isinstance(point, Mapping) else None
        if not isinstance(data, Mapping) or not data:
            field = _within(where, number) or "data"
            raise InvalidPoint(field, "needs data: an object of numbers by column.")
        unknown = point.keys() - {"data", "timestamp"}
        if unknown:
            field = _named(_within(where, number), min(unknown))
            raise InvalidPoint(field, "is unknown; a point has data and timestamp.")
        if data.keys() != names.keys():
            names |= dict.fromkeys(data)
    if len(names) > MOST_COLUMNS or max(map(len, names)) > LONGEST_NAME:
        most = f"{MOST_COLUMNS} columns with names of {LONGEST_NAME} characters"
        raise InvalidPoint(where or "data", f"can have at most {most}.")
    if not all(map(str.isprintable, names)):
        told = "has a column whose name has characters that cannot be shown."
        raise InvalidPoint(where or "data", told)
    return tuple(names)


def _within(where: str, number: int) -> str:
    """The field of a point; empty for the only one."""
    return f"{where}.{number}" if where else ""


def _named(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _row(data: Mapping[str, Any], names: tuple[str, ...]) -> list[Any]:
    try:
        return [data[name] for name in names]
    except KeyError:
        return [data.get(name) for name in names]


def _number(value: Any, field: str) -> float:
    if value is None:
        return NAN
    if type(value) in _PLAIN:
        return float(value) if abs(value) < 1e300 else NAN
    raise InvalidPoint(field, f"must be a number or null, got {type(value).__name__}.")
