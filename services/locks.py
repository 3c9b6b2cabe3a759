"""Who must not be in the same place at the same time, on any database.

SQLite lets one unit of work write at a time, so there is nothing to do. PostgreSQL lets them
write beside each other; a lock by name lasts until the end of the unit that took it.
"""

from __future__ import annotations

import zlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def alone(session: Session, name: str) -> None:
    """Wait until no other writing unit holds the name; the next one waits for us."""
    _lock(session, name, "pg_advisory_xact_lock")


def together(session: Session, name: str) -> None:
    """As :func:`alone`, but beside others that called this."""
    _lock(session, name, "pg_advisory_xact_lock_shared")


def _lock(session: Session, name: str, function: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(getattr(func, function)(zlib.crc32(name.encode()))))
