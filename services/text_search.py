"""Find text in any case, the same on every database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Text = ColumnElement[Any] | InstrumentedAttribute[Any]
# What ``services/runtime.py`` teaches SQLite, whose own ``lower`` knows no letters beyond ASCII.
SQLITE_LOWER = "lower_unicode"


class _Lowered(FunctionElement[str]):
    type = String()
    inherit_cache = True


@compiles(_Lowered)
def _lower(element: _Lowered, compiler: SQLCompiler, **given: Any) -> str:
    return f"lower({compiler.process(element.clauses, **given)})"


@compiles(_Lowered, "sqlite")
def _lower_on_sqlite(element: _Lowered, compiler: SQLCompiler, **given: Any) -> str:
    return f"{SQLITE_LOWER}({compiler.process(element.clauses, **given)})"


def contains(column: Text, text: str) -> ColumnElement[bool]:
    """Whether a column holds a text, in whatever case."""
    if text.isascii():  # the common case, and three times as fast on SQLite
        return column.icontains(text, autoescape=True)
    return _Lowered(column).contains(text.lower(), autoescape=True)


def starts(column: Text, text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, in whatever case."""
    if text.isascii():
        return column.istartswith(text, autoescape=True)
    return _Lowered(column).startswith(text.lower(), autoescape=True)
