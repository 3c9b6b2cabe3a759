"""One setting of a plot each: its key in an address, its name on the page, what it may be.

What is typed, stands in an address or comes from the API is the same text or number, and is
refused by the same sentences.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable
from dataclasses import Field, fields
from typing import Any

from services.errors import Invalid

Read = Callable[[str, Any], Any]
Rule = dict[str, Any]
"""The metadata of a field of a dataclass."""


def number(key: str, title: str, unit: str = "", low: float = 0.0, high: float = math.inf) -> Rule:
    """From ``low`` to ``high``, both among them."""

    def read(name: str, given: Any) -> float:
        value = _float(given)
        if not low <= value <= high:
            raise Invalid(f"“{name}” must be {_range(low, high, unit)}, got {given}.")
        return value

    return _rule(key, title, read)


def positive(key: str, title: str, unit: str, high: float = math.inf) -> Rule:
    """Above 0 and at most ``high``."""

    def read(name: str, given: Any) -> float:
        value = _float(given)
        if not 0 < value <= high:
            most = "" if math.isinf(high) else f" and at most {high:.10g} {unit}"
            raise Invalid(f"“{name}” must be above 0 {unit}{most}, got {given}.")
        return value

    return _rule(key, title, read)


def whole(key: str, title: str, low: int, high: int) -> Rule:
    """A whole number from ``low`` to ``high``."""

    def read(name: str, given: Any) -> int:
        value = _float(given)
        if not low <= value <= high or value != int(value):
            raise Invalid(f"“{name}” must be a whole number from {low} to {high}, got {given}.")
        return int(value)

    return _rule(key, title, read)


def choice(key: str, title: str, of: Iterable[enum.StrEnum]) -> Rule:
    """One of some words; ``none``, if it is not among them, for what is usual."""
    by_word = {one.value: one for one in of}

    def read(name: str, given: Any) -> enum.StrEnum | None:
        word = str(given)
        if word not in by_word and word != "none":
            raise Invalid(f"“{name}” must be one of {', '.join(by_word)}; got {word}.")
        return by_word.get(word)

    return _rule(key, title, read)


def flag(key: str, title: str) -> Rule:
    """On or off."""
    words = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}

    def read(name: str, given: Any) -> bool:
        found = words.get(str(given).lower())
        if found is None:
            raise Invalid(f"“{name}” must be true or false, got {given}.")
        return found

    return _rule(key, title, read)


def text(key: str, title: str, most: int) -> Rule:
    """A short text."""

    def read(name: str, given: Any) -> str:
        if len(str(given)) > most:
            raise Invalid(f"“{name}” must have at most {most} characters, got {len(str(given))}.")
        return str(given)

    return _rule(key, title, read)


def ids(key: str, title: str, most: int) -> Rule:
    """Some different numbers of recordings, as a list or with commas between."""

    def read(name: str, given: Any) -> tuple[int, ...]:
        each = given.split(",") if isinstance(given, str) else given
        each = each if isinstance(each, (list, tuple)) else [each]
        values = [_float(one) for one in each]
        if not all(1 <= value < 2**63 and value == int(value) for value in values):
            raise Invalid(f"“{name}” must be the numbers of recordings, got {given}.")
        found = tuple(dict.fromkeys(int(value) for value in values))
        if len(found) > most:
            raise Invalid(f"“{name}” takes at most {most} recordings, got {len(found)}.")
        return found

    return _rule(key, title, read)


def settings_of(group: Any) -> list[Field[Any]]:
    """The settings that a group was declared with."""
    return [one for one in fields(group) if "key" in one.metadata]


def is_given(value: object) -> bool:
    """An empty field is not given: what is usual holds."""
    return value is not None and value != "" and value != () and value != []


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, enum.StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _rule(key: str, title: str, read: Read) -> Rule:
    return {"key": key, "title": title, "read": read}


def _float(given: Any) -> float:
    """NaN for what is no number, which fits no range."""
    if isinstance(given, bool):
        return math.nan
    try:
        value = float(given)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def _range(low: float, high: float, unit: str) -> str:
    in_unit = f" {unit}".rstrip()
    if math.isinf(high):
        return f"{low:g}{in_unit} or more"
    return f"from {low:g} to {high:g}{in_unit}"
