"""Change the keys that stored secrets are sealed with."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy import Column, select, update

from services import actor, events
from services.errors import Unavailable
from services.runtime import unit_of_work
from services.sealing import is_newest, reseal
from services.sealing_columns import sealed_columns

BATCH = 200


class ResealedView(TypedDict):
    """``unread`` are those whose key is missing; they stay as they are."""

    name: str
    resealed: int
    unread: int


class KeyService:
    """Seal anew what is sealed with an older key."""

    @staticmethod
    def reseal_all() -> list[ResealedView]:
        """Seal every secret with the newest key, in batches; what is so already stays."""
        actor.admin()
        done = [_reseal_column(column) for column in sealed_columns()]
        with unit_of_work() as session:
            counts = {one["name"]: one["resealed"] for one in done}
            events.record(session, "keys.rotated", "installation", resealed=counts)
        return done


def _reseal_column(column: Column[str]) -> ResealedView:
    done: ResealedView = {"name": str(column), "resealed": 0, "unread": 0}
    after: tuple[Any, ...] | None = None
    while True:
        rows = _batch(column, after)
        for *key, sealed in rows:
            _reseal_row(column, tuple(key), sealed, done)
        if len(rows) < BATCH:
            return done
        after = tuple(rows[-1][:-1])


def _batch(column: Column[str], after: tuple[Any, ...] | None) -> list[tuple[Any, ...]]:
    key = list(column.table.primary_key.columns)
    wanted = select(*key, column).where(column.is_not(None)).order_by(*key).limit(BATCH)
    if after is not None:
        wanted = wanted.where(key[0] > after[0])
    with unit_of_work(writing=False) as session:
        return [tuple(row) for row in session.execute(wanted)]


def _reseal_row(column: Column[str], key: tuple[Any, ...], sealed: str, done: ResealedView) -> None:
    """A secret that somebody replaced in between is sealed with the newest key already."""
    if is_newest(sealed):
        return
    try:
        fresh = reseal(sealed)
    except Unavailable:
        done["unread"] += 1
        return
    parts = zip(column.table.primary_key.columns, key, strict=True)
    same = [part == value for part, value in parts]
    changed = update(column.table).where(*same, column == sealed).values({column.name: fresh})
    with unit_of_work() as session:
        done["resealed"] += session.connection().execute(changed).rowcount
