"""Which types of Arrow are kept, as what, and how people call them."""

from __future__ import annotations

from typing import Any

from diagnostics.tables.kinds import Column

LONGEST_UNIT = 20


def column_of(field: Any, name: str = "") -> tuple[Any, Column] | None:
    """The type that a column is stored with, and the column; None for lists and the like."""
    found = _kept_type(field.type)
    if found is None:
        return None
    unit = (field.metadata or {}).get(b"unit", b"").decode(errors="replace")[:LONGEST_UNIT]
    return found[0], Column(name or field.name, found[1], unit)


def _kept_type(found: Any) -> tuple[Any, str] | None:
    """The Arrow type that is stored and its word."""
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_boolean(found):
        return pa.bool_(), "boolean"
    if kinds.is_unsigned_integer(found) and found.bit_width == 64:
        return pa.float64(), "number"
    if kinds.is_integer(found):
        return pa.int64(), "integer"
    if kinds.is_floating(found) or kinds.is_decimal(found) or kinds.is_null(found):
        return pa.float64(), "number"
    if kinds.is_timestamp(found) or kinds.is_date(found):
        return pa.timestamp("us"), "time"
    if kinds.is_dictionary(found):
        return (pa.string(), "text") if kinds.is_string(found.value_type) else None
    if kinds.is_string(found) or kinds.is_large_string(found):
        return pa.string(), "text"
    return None
