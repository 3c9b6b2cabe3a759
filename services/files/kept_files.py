"""Files of the store and the rows that name them: who writes a row, and who deletes a file.

A file is put before its row is written, and the same bytes are kept once: what one person
deletes, another may be about to name. So rows are written under a lock, after a look whether
the file is there; files are deleted under the same lock, after a look whether a row names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from models import Base
from models.base import now
from services import actor, locks
from services.errors import Conflict
from services.runtime import artefacts, unit_of_work

FOLDERS = (
    *("recordings", "models", "predictions", "reports", "explanations", "exports"),
    *("features", "evaluations", "sources", "detections", "campaigns", "deployments"),
)
# Younger ones may belong to work that is about to write its rows.
KEEP_FOR = timedelta(days=1)
# So ends the name of every column that holds the key of a file.
KEY = "_key"
AT_ONCE = 100
LOCK = "kept files"


def hold(session: Session, *keys: str) -> None:
    """See that files are there, and that they stay until the rows that name them are written.

    Raises
    ------
    Conflict
        If one was cleaned away meanwhile.
    """
    locks.together(session, LOCK)
    if not all(artefacts().exists(key) for key in keys):
        raise Conflict("A stored file was cleaned away before its work ended. Try again.")


def delete_unnamed(keys: Iterable[str]) -> int:
    """Delete those files that no row names; how many there were."""
    actor.writer()
    deleted = 0
    asked = sorted(keys)
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        with unit_of_work() as session:
            locks.alone(session, LOCK)
            unnamed = set(some) - _named(session, some)
            for key in unnamed:
                artefacts().delete(key)
            deleted += len(unnamed)
    return deleted


def delete_orphans() -> int:
    """Delete files without a row, as work leaves them behind that was cut short; how many."""
    actor.admin()
    before = now() - KEEP_FOR
    return sum(delete_unnamed(artefacts().list_older(folder, before)) for folder in FOLDERS)


def key_columns() -> Iterator[Column[str]]:
    """Every column that names a file."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if column.name.endswith(KEY))


def _named(session: Session, keys: Sequence[str]) -> set[str]:
    return {
        key
        for column in key_columns()
        for key in session.scalars(select(column).where(column.in_(keys)).distinct())
    }
