from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models import Lease, Mail, MailAttempt, MailStatus
from models.base import now
from services.actor import WORKER, acting_as
from services.email_provider import EmailRateLimiter
from services.mail import sending
from services.mail.outgoing import outgoing
from services.mail.sending import BACKOFF, headers_of, send_due
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def as_worker(box):
    with acting_as(WORKER):
        yield


def queue(count: int = 1, **given) -> list[int]:
    with unit_of_work() as session:
        user_id = factories.user(session).id
        return [
            factories.mail(session, user_id=user_id, event_id=number, **given).id
            for number in range(count)
        ]


def mail(mail_id: int) -> Mail:
    with unit_of_work(writing=False) as session:
        found = session.get_one(Mail, mail_id)
        session.expunge(found)
        return found


def make_due() -> None:
    with unit_of_work() as session:
        session.execute(update(Mail).values(next_attempt_at=now() - timedelta(seconds=1)))


def test_what_waits_is_sent_once(box):
    queue(3)
    assert (send_due(), send_due()) == (3, 0)
    assert len({one["Message-ID"] for one in box.mails}) == len(box.mails) == 3
    with unit_of_work(writing=False) as session:
        tries = session.scalars(select(MailAttempt)).all()
        assert [(one.number, one.ok, one.provider) for one in tries] == [(1, True, "smtp")] * 3
        assert set(session.scalars(select(Mail.status))) == {MailStatus.SENT}


def test_refused_for_now_it_is_tried_later_and_later(box):
    (mail_id,) = queue()
    waited = []
    for _ in BACKOFF:
        box.answers = ["451 try later"]
        assert send_due() == 1
        waited.append(mail(mail_id).next_attempt_at - now())
        assert send_due() == 0
        make_due()
    for wait, planned in zip(waited, BACKOFF, strict=True):
        assert planned - timedelta(seconds=5) < wait <= planned
    box.answers = ["451 try later"]
    send_due()
    failed = mail(mail_id)
    assert (failed.status, failed.error) == (MailStatus.FAILED, "451 try later")
    assert failed.attempts == len(BACKOFF) + 1


def test_refused_for_good_it_is_not_tried_again(box):
    first, second = queue(2)
    box.answers = ["554 no"]
    send_due()
    assert (mail(first).status, mail(second).status) == (MailStatus.FAILED, MailStatus.SENT)


def test_a_server_that_is_away_is_asked_once_a_round(box, server):
    queue(3)
    outgoing().config["smtp_port"] = 1
    assert send_due() == 1


def test_a_test_is_not_tried_again(box):
    (mail_id,) = queue(type="test")
    box.answers = ["451 try later"]
    send_due()
    assert mail(mail_id).status is MailStatus.FAILED


def test_what_is_over_the_limit_waits(box, real_valkey):
    outgoing().limiter = EmailRateLimiter(real_valkey.client, 2)
    queue(3)
    assert (send_due(), len(box.mails)) == (2, 2)
    outgoing().limiter.reset()
    assert (send_due(), len(box.mails)) == (1, 3)


def test_another_process_sends_while_it_has_the_lease(box):
    queue()
    with unit_of_work() as session:
        until = now() + timedelta(minutes=1)
        session.add(Lease(name=sending.LEASE, holder="other", fence=1, until=until))
    assert (send_due(), box.mails) == (0, [])


def test_who_comes_back_too_late_changes_nothing(box, monkeypatch):
    """A sender was thought dead while it sent; another one has sent the mail meanwhile."""
    (mail_id,) = queue()
    taken = sending._take(mail_id)
    make_due()
    assert send_due() == 1
    sending._keep(
        taken,
        sending.SentMail(
            success=False, message_id=None, error="late", is_final=True, is_away=False
        ),
        "smtp",
        1.0,
    )
    assert (mail(mail_id).status, mail(mail_id).error) == (MailStatus.SENT, None)
    with unit_of_work(writing=False) as session:
        assert [one.answer for one in session.scalars(select(MailAttempt))][-1] == "late"


def test_headers_let_one_leave_by_one_click_where_the_click_is_encrypted():
    headers = headers_of("<1@x>", "https://example.com/unsubscribe/t")
    assert headers["List-Unsubscribe"] == "<https://example.com/unsubscribe/t>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe-Post" not in headers_of("<1@x>", "http://example.com/u/t")
    assert "List-Unsubscribe" not in headers_of("<1@x>", None)


def test_without_mail_nothing_is_sent(box):
    queue()
    outgoing().provider_type = ""
    assert (send_due(), box.mails) == (0, [])
