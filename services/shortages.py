"""What keeps the database or the disk from working, in words for who can do something about it."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError

from services.errors import Unavailable
from services.files.room import ran_out

NO_ROOM_IN_POSTGRESQL = "53100"
DISK_FULL = "The disk ran full. Delete what is not needed any more, then try again."
BUSY = "Others are writing to the database. Nothing was changed; try again in a moment."
AWAY = (
    "The database does not answer. Nothing was changed; try again in a moment, and tell an admin "
    "if it stays away."
)


def shortage(error: BaseException) -> Unavailable | None:
    """What to say of an error that is no fault of the program, or nothing if it may be one."""
    if ran_out(error):
        return Unavailable(DISK_FULL)
    if not isinstance(error, DBAPIError):
        return None
    if getattr(error.orig, "sqlstate", None) == NO_ROOM_IN_POSTGRESQL:
        return Unavailable(DISK_FULL)
    if "database is locked" in str(error.orig):
        return Unavailable(BUSY)
    # PostgreSQL gives all that it says itself a state: without one, nobody answered.
    unanswered = isinstance(error, OperationalError) and (
        getattr(error.orig, "sqlstate", "") is None
    )
    return Unavailable(AWAY) if error.connection_invalidated or unanswered else None
