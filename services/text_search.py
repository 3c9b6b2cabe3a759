"""Find text in any case, the same on every database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, func
from sqlalchemy.orm import InstrumentedAttribute

from services.runtime import SQLITE_LOWER, engine

Text = ColumnElement[Any] | InstrumentedAttribute[Any]
ESCAPE = "/"
# SQLite refuses patterns of 50,000 bytes; no name or message that is searched is nearly so long.
LONGEST = 10_000


def contains(column: Text, text: str) -> ColumnElement[bool]:
    """Whether a column holds a text, in whatever case."""
    return _like(column, f"%{_escaped(text)}%")


def starts(column: Text, text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, in whatever case."""
    return _like(column, f"{_escaped(text)}%")


def equals(column: Text, text: str) -> ColumnElement[bool]:
    """Whether a column is a text, in whatever case."""
    return _like(column, _escaped(text))


def _like(column: Text, pattern: str) -> ColumnElement[bool]:
    if not _can_be_kept(pattern):
        return false()
    if engine().dialect.name != "sqlite":
        return column.ilike(pattern, escape=ESCAPE)
    if pattern.isascii():
        # SQLite compares these letters so by itself; folding all names first takes twice as long.
        return column.like(pattern, escape=ESCAPE)
    lowered: ColumnElement[Any] = getattr(func, SQLITE_LOWER)(column)
    return lowered.like(pattern.lower(), escape=ESCAPE)


def _can_be_kept(pattern: str) -> bool:
    """Whether a column could hold this at all: whole characters, without zeros."""
    try:
        return "\0" not in pattern and len(pattern.encode()) <= LONGEST
    except UnicodeEncodeError:  # half of a character
        return False


def _escaped(text: str) -> str:
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return text
