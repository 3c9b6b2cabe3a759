"""The inbox behind the bell: a person's own notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import ColumnElement, func, select, update

from models import Notice
from models.base import now
from services import actor
from services.errors import NotFound
from services.paging import paged
from services.runtime import unit_of_work

# Later it is no news: who was away finds it in the inbox.
TOAST_FOR = timedelta(minutes=2)
MOST_TOASTS = 5


class NoticeView(TypedDict):
    id: int
    type: str
    level: str
    text: str
    link: str | None
    created_at: datetime
    is_read: bool


class ToastView(TypedDict):
    id: int
    level: str
    text: str
    link: str | None


class NoticeService:
    """Read one's notices and mark them as read; toasts are taken by the tab that shows them."""

    @staticmethod
    def list_notices(
        limit: int = 20, offset: int = 0, *, unread: bool = False, event_type: str | None = None
    ) -> list[NoticeView]:
        """One's own notices, newest first."""
        chosen = _inbox(actor.myself(), unread=unread, event_type=event_type)
        newest = paged(select(Notice).where(*chosen).order_by(Notice.id.desc()), limit, offset)
        with unit_of_work(writing=False) as session:
            return [_view(notice) for notice in session.scalars(newest)]

    @staticmethod
    def count_notices(*, unread: bool = False, event_type: str | None = None) -> int:
        chosen = _inbox(actor.myself(), unread=unread, event_type=event_type)
        counted = select(func.count()).select_from(Notice).where(*chosen)
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def count_unread() -> int:
        actor.myself()
        return NoticeService.count_notices(unread=True)

    @staticmethod
    def list_types() -> list[str]:
        """The types of event that are in one's inbox."""
        chosen = _inbox(actor.myself())
        types = select(Notice.type).where(*chosen).distinct().order_by(Notice.type)
        with unit_of_work(writing=False) as session:
            return list(session.scalars(types))

    @staticmethod
    def mark_read(notice_id: int, *, is_read: bool = True) -> NoticeView:
        """Mark one notice as read, or as unread again.

        Raises
        ------
        NotFound
            If there is no such notice of one's own.
        """
        user_id = actor.myself()
        one = select(Notice).where(Notice.id == notice_id, *_inbox(user_id))
        with unit_of_work() as session:
            notice = session.scalar(one)
            if notice is None:
                raise NotFound(f"There is no notice {notice_id}.")
            notice.read_at = (notice.read_at or now()) if is_read else None
            return _view(notice)

    @staticmethod
    def mark_all_read() -> int:
        """How many were unread."""
        user_id = actor.myself()
        marked = (
            update(Notice)
            .where(*_inbox(user_id, unread=True))
            .values(read_at=now())
            .returning(Notice.id)
        )
        with unit_of_work() as session:
            return len(session.scalars(marked).all())

    @staticmethod
    def list_toasts() -> list[ToastView]:
        """What happened just now, is wanted as a toast, and was shown by no tab yet."""
        user_id = actor.myself()
        fresh = (
            select(Notice.id, Notice.level, Notice.text, Notice.link)
            .where(Notice.user_id == user_id, *_fresh())
            .order_by(Notice.id)
            .limit(MOST_TOASTS)
        )
        with unit_of_work(writing=False) as session:
            return [
                {"id": row.id, "level": row.level, "text": row.text, "link": row.link}
                for row in session.execute(fresh)
            ]

    @staticmethod
    def take_toast(notice_id: int) -> bool:
        """Whether this tab is the one that shows it: the first that asks is.

        Raises
        ------
        NotFound
            If there is no such notice of one's own.
        """
        own = (Notice.id == notice_id, Notice.user_id == actor.myself())
        taken = update(Notice).where(*own, *_fresh()).values(toasted_at=now()).returning(Notice.id)
        with unit_of_work() as session:
            if session.scalar(taken) is not None:
                return True
            if session.scalar(select(Notice.id).where(*own)) is None:
                raise NotFound(f"There is no notice {notice_id}.")
            return False


def _inbox(
    user_id: int, *, unread: bool = False, event_type: str | None = None
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [Notice.user_id == user_id, Notice.in_app.is_(True)]
    if unread:
        chosen.append(Notice.read_at.is_(None))
    if event_type:
        chosen.append(Notice.type == event_type)
    return chosen


def _fresh() -> list[ColumnElement[bool]]:
    since = now() - TOAST_FOR
    return [
        Notice.toast.is_(True),
        Notice.toasted_at.is_(None),
        Notice.read_at.is_(None),
        Notice.created_at > since,
    ]


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
