"""Which columns hold sealed secrets, so that a change of keys finds them all.

A table that keeps a secret says so in the column: ``info={"sealed": True}``.
"""

from __future__ import annotations

from sqlalchemy import Column

from models import Base

SEALED = "sealed"


def sealed_columns() -> list[Column[str]]:
    """The columns of all tables that are marked, in the order of their names."""
    found = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.info.get(SEALED)
    ]
    return sorted(found, key=str)
