"""The inbox behind the bell: a person's own notices."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import func, select, update

from models import Notice
from models.base import now
from services import actor
from services.paging import paged
from services.runtime import unit_of_work


class NoticeView(TypedDict):
    id: int
    type: str
    level: str
    text: str
    link: str | None
    created_at: datetime
    is_read: bool


class NoticeService:
    """Read one's notices and mark them as read."""

    @staticmethod
    def list_notices(limit: int = 20) -> list[NoticeView]:
        """One's own notices, newest first."""
        user_id = actor.myself()
        own = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc())
        newest = paged(own, limit)
        with unit_of_work(writing=False) as session:
            return [_view(notice) for notice in session.scalars(newest)]

    @staticmethod
    def count_unread() -> int:
        user_id = actor.myself()
        unread = (
            select(func.count())
            .select_from(Notice)
            .where(Notice.user_id == user_id, Notice.read_at.is_(None))
        )
        with unit_of_work(writing=False) as session:
            return session.scalar(unread) or 0

    @staticmethod
    def mark_all_read() -> int:
        """How many were unread."""
        user_id = actor.myself()
        marked = (
            update(Notice)
            .where(Notice.user_id == user_id, Notice.read_at.is_(None))
            .values(read_at=now())
            .returning(Notice.id)
        )
        with unit_of_work() as session:
            return len(session.scalars(marked).all())


def _view(notice: Notice) -> NoticeView:
    return {
        "id": notice.id,
        "type": notice.type,
        "level": notice.level,
        "text": notice.text,
        "link": notice.link,
        "created_at": notice.created_at,
        "is_read": notice.read_at is not None,
    }
