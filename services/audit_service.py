"""The audit trail: what happened, who did it, and to what. For admins."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from diagnostics.spreadsheets import csv_lines, harmless
from models import Event
from services import actor, paging
from services.accounts.people import names_of, numbers_like
from services.paging import paged
from services.runtime import unit_of_work
from services.text_search import contains, starts

MOST_ROWS = 200
PIECE = 1_000
EXPORTED = ("id", "created_at", "type", "actor", "actor_name", "object", "object_name", "payload")


@dataclass(frozen=True)
class EventFilter:
    """What is looked for. ``type`` is a whole type, or what it begins with and a dot.

    ``actor`` and ``object`` are a part of a person's name or of what is kept, such as
    ``user:3``, ``cli`` or ``dataset:7``.
    """

    type: str = ""
    actor: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None


class EventView(TypedDict):
    id: int
    type: str
    actor: str
    actor_name: str | None
    object: str
    object_name: str | None
    payload: dict[str, Any]
    created_at: datetime


class AuditService:
    """Read what happened."""

    @staticmethod
    def list_events(
        wanted: EventFilter, limit: int = 50, offset: int = 0, *, oldest_first: bool = False
    ) -> list[EventView]:
        """A part of what is found, the newest first."""
        actor.admin()
        order = Event.id.asc() if oldest_first else Event.id.desc()
        with unit_of_work(writing=False) as session:
            rows = select(Event).where(*_conditions(session, wanted)).order_by(order)
            return _views(session, paged(rows, min(limit, MOST_ROWS), offset))

    @staticmethod
    def count_events(wanted: EventFilter) -> int:
        """How many are found."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            counted = select(func.count()).select_from(Event)
            return session.scalar(counted.where(*_conditions(session, wanted))) or 0

    @staticmethod
    def list_types() -> list[str]:
        """The types of events that there are."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            return list(session.scalars(select(Event.type).distinct().order_by(Event.type)))

    @staticmethod
    def export_events(wanted: EventFilter) -> Iterator[str]:
        """All that is found as CSV, the newest first, piece by piece."""
        actor.admin()
        return _csv_pieces(wanted)


def _conditions(session: Session, wanted: EventFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    kind = _storable(wanted.type)
    if kind.endswith("."):
        found.append(starts(Event.type, kind))
    elif kind:
        found.append(Event.type == kind)
    for column, typed in ((Event.actor, wanted.actor), (Event.object, wanted.object)):
        text = _storable(typed)
        if text:
            people = [f"user:{number}" for number in numbers_like(session, text)]
            found.append(or_(contains(column, text), column.in_(people)))
    if wanted.since is not None:
        found.append(Event.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(Event.created_at < wanted.until)
    return found


def _storable(text: str) -> str:
    """Text that every database takes in a question: without zeros and halves of characters."""
    return text.replace("\0", "").encode(errors="ignore").decode().strip()


def _views(session: Session, rows: Select[Event]) -> list[EventView]:
    kept = session.scalars(rows).all()
    names = names_of(session, [text for one in kept for text in (one.actor, one.object)])
    return [_view(one, names) for one in kept]


def _view(kept: Event, names: Mapping[str, str]) -> EventView:
    return {
        "id": kept.id,
        "type": kept.type,
        "actor": kept.actor,
        "actor_name": names.get(kept.actor),
        "object": kept.object,
        "object_name": names.get(kept.object),
        "payload": kept.payload,
        "created_at": kept.created_at,
    }


def _csv_pieces(wanted: EventFilter) -> Iterator[str]:
    """Each piece in a transaction of its own: a slow reader holds none open."""
    yield csv_lines([EXPORTED])
    before = paging.MOST_ROWS  # the largest number of a row
    while True:
        with unit_of_work(writing=False) as session:
            rows = select(Event).where(Event.id < before, *_conditions(session, wanted))
            views = _views(session, rows.order_by(Event.id.desc()).limit(PIECE))
        if not views:
            return
        before = views[-1]["id"]
        yield csv_lines([_cells(view) for view in views])


def _cells(view: EventView) -> list[Any]:
    plain: dict[str, Any] = {
        **view,
        "created_at": view["created_at"].isoformat(),
        "payload": json.dumps(view["payload"], ensure_ascii=False),
    }
    return [harmless(plain[name]) for name in EXPORTED]
