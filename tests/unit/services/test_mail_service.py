from __future__ import annotations

from datetime import timedelta

import pytest

from models import MailAttempt, MailStatus
from models.base import now
from services.errors import Conflict, Invalid, NotFound
from services.mail.outgoing import outgoing
from services.mail_service import MailService
from services.runtime import unit_of_work
from tests import factories


def test_a_test_is_queued_to_oneself(admin):
    with pytest.raises(Conflict, match="MAIL_PROVIDER"):
        MailService.send_test()
    outgoing().provider_type = "smtp"
    with pytest.raises(Invalid, match="profile"):
        MailService.send_test()
    with unit_of_work() as session:
        session.get_one(factories.User, admin.user_id).email = "anna@example.com"
    mail = MailService.get_mail(MailService.send_test())
    assert (mail["type"], mail["to_email"], mail["status"]) == (
        *("test", "anna@example.com", MailStatus.WAITING),
    )


def test_mails_are_counted_filtered_and_looked_at(admin):
    with unit_of_work() as session:
        anna = factories.user(session, name="anna").id
        late = now() - timedelta(minutes=6)
        factories.mail(session, user_id=anna, next_attempt_at=late)
        sent = factories.mail(session, status=MailStatus.SENT, sent_at=now(), type="test")
        failed = factories.mail(session, status=MailStatus.FAILED, error="554 no").id
        given = {"number": 1, "provider": "smtp", "ok": True, "seconds": 0.2, "answer": "<1@x>"}
        session.add(MailAttempt(mail_id=sent.id, **given))
        sent_id = sent.id
    state = MailService.get_state()
    assert [state[one] for one in ("waiting", "late", "failed", "sent_today")] == [1, 1, 1, 1]
    assert [mail["id"] for mail in MailService.list_mails(1)] == [failed]
    assert MailService.count_mails(status="failed") == MailService.count_mails(user_id=anna) == 1
    assert [mail["id"] for mail in MailService.list_mails(type="test")] == [sent_id]
    (attempt,) = MailService.list_attempts(sent_id)
    assert (attempt["ok"], attempt["answer"]) == (True, "<1@x>")
    types, people = MailService.list_choices()
    assert types == ["job.failed", "test"]
    assert (anna, "anna") in people
    with pytest.raises(Invalid):
        MailService.list_mails(status="lost")


def test_only_what_failed_is_sent_again(admin):
    with unit_of_work() as session:
        failed = factories.mail(session, status=MailStatus.FAILED, error="no", attempts=8).id
    again = MailService.send_again(failed)
    assert (again["status"], again["attempts"], again["error"]) == (MailStatus.WAITING, 0, None)
    with pytest.raises(Conflict):
        MailService.send_again(failed)
    with pytest.raises(NotFound):
        MailService.send_again(99)
