"""See that a session can be as it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.errors import StreamError
from diagnostics.streaming import descriptions
from models import StreamStatus
from services.errors import Invalid, InvalidField
from services.streaming.points import LONGEST_NAME, MOST_COLUMNS

LONGEST_TITLE = 200


def between(value: float, least: float, most: float, name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        told = f"{name} must be a number from {least:g} to {most:g}, got {value!r}."
        raise InvalidField(name, told)
    return value


def checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > LONGEST_TITLE:
        raise InvalidField("name", f"at most {LONGEST_TITLE} characters, got {len(plain)}.")
    if not plain.isprintable():
        raise InvalidField("name", "has characters that cannot be shown.")
    return plain


def checked_columns(columns: Sequence[str] | None) -> list[str] | None:
    if columns is None:
        return None
    if not 1 <= len(columns) <= MOST_COLUMNS or len(set(columns)) < len(columns):
        raise InvalidField("columns", f"1 to {MOST_COLUMNS} names, each once.")
    if any(not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() for name in columns):
        told = f"names have 1 to {LONGEST_NAME} characters that can be shown."
        raise InvalidField("columns", told)
    return list(columns)


def checked_config(algorithm: str, config: Mapping[str, Any]) -> dict[str, Any]:
    try:
        about = descriptions.described(algorithm)
    except StreamError as error:
        raise InvalidField("algorithm", str(error)) from error
    for name, value in config.items():
        try:
            about.check_config({name: value})
        except StreamError as error:
            raise InvalidField(f"config.{name:.80}", str(error)) from error
    return about.check_config(config)


def status_of(name: str) -> StreamStatus:
    if name not in list(StreamStatus):
        raise Invalid(f"The status is one of {', '.join(StreamStatus)}, got “{name}”.")
    return StreamStatus(name)
