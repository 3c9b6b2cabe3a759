"""The mail of an installation, for admins: what waits, what left, and why something did not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import ColumnElement, func, select, update

from models import Mail, MailAttempt, MailStatus, User
from models.base import now
from services import actor, events
from services.errors import Conflict, Invalid, NotFound
from services.mail.outgoing import outgoing
from services.mail.queueing import queue_test
from services.paging import paged
from services.runtime import unit_of_work

DAY = timedelta(days=1)


class MailRow(TypedDict):
    id: int
    type: str
    user_id: int
    user_name: str
    to_email: str
    subject: str
    status: MailStatus
    attempts: int
    next_attempt_at: datetime
    created_at: datetime
    sent_at: datetime | None
    error: str | None


class AttemptView(TypedDict):
    at: datetime
    number: int
    provider: str
    ok: bool
    seconds: float
    answer: str


class MailState(TypedDict):
    """``provider`` is empty where there is no mail. ``late``: waits for longer than it should."""

    provider: str
    sender: str
    waiting: int
    late: int
    failed: int
    sent_today: int


class MailService:
    """Look at the queue and the log of mail, try it, and send again what failed."""

    @staticmethod
    def get_state() -> MailState:
        """How mail is set up, and how much of it there is."""
        actor.admin()
        waits = Mail.status == MailStatus.WAITING
        counted = select(
            func.count().filter(waits),
            func.count().filter(waits, Mail.next_attempt_at < now() - timedelta(minutes=5)),
            func.count().filter(Mail.status == MailStatus.FAILED),
            func.count().filter(Mail.sent_at > now() - DAY),
        ).select_from(Mail)
        with unit_of_work(writing=False) as session:
            waiting, late, failed, sent = session.execute(counted).one()
        wired = outgoing()
        return {
            "provider": wired.provider_type,
            "sender": wired.sender,
            "waiting": waiting,
            "late": late,
            "failed": failed,
            "sent_today": sent,
        }

    @staticmethod
    def list_mails(
        limit: int = 25,
        offset: int = 0,
        status: str | None = None,
        type: str | None = None,
        user_id: int | None = None,
    ) -> list[MailRow]:
        """Mails, newest first."""
        actor.admin()
        newest = paged(
            select(Mail, User.name)
            .join(User, User.id == Mail.user_id)
            .where(*_filters(status, type, user_id))
            .order_by(Mail.id.desc()),
            limit,
            offset,
        )
        with unit_of_work(writing=False) as session:
            return [_row(mail, name) for mail, name in session.execute(newest)]

    @staticmethod
    def count_mails(
        status: str | None = None, type: str | None = None, user_id: int | None = None
    ) -> int:
        actor.admin()
        chosen = _filters(status, type, user_id)
        with unit_of_work(writing=False) as session:
            return session.scalar(select(func.count()).select_from(Mail).where(*chosen)) or 0

    @staticmethod
    def get_mail(mail_id: int) -> MailRow:
        """One mail.

        Raises
        ------
        NotFound
            If there is no such mail.
        """
        actor.admin()
        wanted = select(Mail, User.name).join(User, User.id == Mail.user_id)
        with unit_of_work(writing=False) as session:
            found = session.execute(wanted.where(Mail.id == mail_id)).one_or_none()
            if found is None:
                raise NotFound(f"There is no mail {mail_id}.")
            return _row(found[0], found[1])

    @staticmethod
    def list_attempts(mail_id: int) -> list[AttemptView]:
        """Every try to send a mail, oldest first."""
        actor.admin()
        tries = select(MailAttempt).where(MailAttempt.mail_id == mail_id).order_by(MailAttempt.id)
        with unit_of_work(writing=False) as session:
            return [
                {
                    "at": one.at,
                    "number": one.number,
                    "provider": one.provider,
                    "ok": one.ok,
                    "seconds": one.seconds,
                    "answer": one.answer,
                }
                for one in session.scalars(tries)
            ]

    @staticmethod
    def list_choices() -> tuple[list[str], list[tuple[int, str]]]:
        """The types and the people that there are mails of, to filter by."""
        actor.admin()
        types = select(Mail.type).distinct().order_by(Mail.type)
        people = (
            select(User.id, User.name)
            .where(User.id.in_(select(Mail.user_id).distinct()))
            .order_by(User.name)
        )
        with unit_of_work(writing=False) as session:
            named = [(row.id, row.name) for row in session.execute(people)]
            return list(session.scalars(types)), named

    @staticmethod
    def send_test() -> int:
        """Let a mail to oneself be sent the way that all go; its number, to follow it.

        Raises
        ------
        Conflict
            If this installation has no mail.
        Invalid
            If one has no e-mail address.
        """
        acting = actor.admin()
        user_id = actor.myself()
        if not outgoing().provider_type:
            raise Conflict("This installation has no mail. Set MAIL_PROVIDER and what it needs.")
        with unit_of_work() as session:
            user = session.get_one(User, user_id)
            if not user.email:
                raise Invalid("Put your e-mail address into your profile first.")
            mail = queue_test(session, user)
            events.record(session, "mail.test_asked", f"mail:{mail.id}", by=acting.name)
            return mail.id

    @staticmethod
    def send_again(mail_id: int) -> MailRow:
        """Let a mail that failed wait for the sender anew.

        Raises
        ------
        Conflict
            If it has not failed.
        """
        actor.admin()
        again = (
            update(Mail)
            .where(Mail.id == mail_id, Mail.status == MailStatus.FAILED)
            .values(status=MailStatus.WAITING, attempts=0, next_attempt_at=now(), error=None)
            .returning(Mail.id)
        )
        with unit_of_work() as session:
            if session.scalar(again) is None:
                MailService.get_mail(mail_id)
                raise Conflict("Only a mail that failed can be sent again.")
            events.record(session, "mail.sent_again", f"mail:{mail_id}")
            return MailService.get_mail(mail_id)


def _filters(
    status: str | None, type: str | None, user_id: int | None
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if status:
        if status not in list(MailStatus):
            raise Invalid(f"Mail is one of {', '.join(MailStatus)}, not “{status}”.")
        chosen.append(Mail.status == MailStatus(status))
    if type:
        chosen.append(Mail.type == type)
    if user_id is not None:
        chosen.append(Mail.user_id == user_id)
    return chosen


def _row(mail: Mail, user_name: str) -> MailRow:
    return {
        "id": mail.id,
        "type": mail.type,
        "user_id": mail.user_id,
        "user_name": user_name,
        "to_email": mail.to_email,
        "subject": mail.subject,
        "status": mail.status,
        "attempts": mail.attempts,
        "next_attempt_at": mail.next_attempt_at,
        "created_at": mail.created_at,
        "sent_at": mail.sent_at,
        "error": mail.error,
    }
