"""See that a session can be as it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.errors import StreamError
from diagnostics.streaming import descriptions
from models import StreamStatus
from services.errors import Invalid
from services.streaming.points import LONGEST_NAME, MOST_COLUMNS

LONGEST_TITLE = 200


def between(value: float, least: float, most: float, name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Invalid(f"{name} must be a number from {least:g} to {most:g}, got {value!r}.")
    return value


def checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > LONGEST_TITLE:
        raise Invalid(f"name has at most {LONGEST_TITLE} characters, got {len(plain)}.")
    if not plain.isprintable():
        raise Invalid("name has characters that cannot be shown.")
    return plain


def checked_columns(columns: Sequence[str] | None) -> list[str] | None:
    if columns is None:
        return None
    if not 1 <= len(columns) <= MOST_COLUMNS or len(set(columns)) < len(columns):
        raise Invalid(f"columns must be 1 to {MOST_COLUMNS} names, each once.")
    if any(not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() for name in columns):
        raise Invalid(f"columns have names of 1 to {LONGEST_NAME} characters that can be shown.")
    return list(columns)


def checked_config(algorithm: str, config: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return descriptions.described(algorithm).check_config(config)
    except StreamError as error:
        raise Invalid(str(error)) from error


def status_of(name: str) -> StreamStatus:
    if name not in list(StreamStatus):
        raise Invalid(f"The status is one of {', '.join(StreamStatus)}, got “{name}”.")
    return StreamStatus(name)
