"""Which rows of a list are asked for: any whole numbers, brought to what a database takes.

A negative LIMIT is everything to SQLite and an error to PostgreSQL; a number beyond 63 bits is
an error to the driver of SQLite.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select

MOST_ROWS = 2**31 - 1
# What there is to choose from in a list that is not searched: the newest.
MOST_OFFERED = 500
# What a column or a number of rows can be: 64 bits with a sign.
LARGEST_NUMBER = 2**63 - 1

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


def within(limit: int, offset: int = 0, most: int = MOST_ROWS) -> tuple[int, int]:
    """Limit and offset, none below 0, and no more rows than ``most``.

    Examples
    --------
    >>> within(-1, -5), within(500, 2, most=100)
    ((0, 0), (100, 2))
    """
    return max(0, min(limit, most)), max(0, min(offset, LARGEST_NUMBER))


def paged(statement: Statement, limit: int, offset: int = 0) -> Statement:
    """The statement for these rows only."""
    rows, first = within(limit, offset)
    return statement.limit(rows).offset(first)
