from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import mail as page
from models import MailAttempt, MailStatus
from models.base import now
from services.mail.outgoing import outgoing
from services.runtime import unit_of_work
from tests import factories


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_the_state_says_what_is_wrong(admin):
    assert "MAIL_PROVIDER is not set" in text(page.show_state(None))
    outgoing().provider_type = "smtp"
    with unit_of_work() as session:
        factories.mail(session, next_attempt_at=now() - timedelta(hours=1))
    shown = text(page.show_state(None))
    assert "1 mails have waited for more than five minutes" in shown
    assert "MAIL_PROVIDER" not in shown


def test_mails_are_filtered_and_looked_at(admin):
    assert "No mail here" in text(page.show_mails(None, "all", "all", "all", 1)[0])
    with unit_of_work() as session:
        anna = factories.user(session, name="anna").id
        failed = factories.mail(session, user_id=anna, status=MailStatus.FAILED, error="554 no").id
        given = {"number": 1, "provider": "smtp", "ok": False, "seconds": 0.2, "answer": "554 no"}
        session.add(MailAttempt(mail_id=failed, **given))
        factories.mail(session, status=MailStatus.SENT, sent_at=now(), subject="Other")
    types, people = page.show_choices(None)
    assert [one["label"] for one in types] == ["all", "Another job failed"]
    assert "anna" in [one["label"] for one in people]
    shown = text(page.show_mails(None, "failed", "job.failed", str(anna), 1)[0])
    assert "Clean up failed." in shown
    assert "Send again" in shown
    assert "Other" not in shown
    assert "554 no" in text(page.show_detail(failed, None))
    assert "no mail 99" in text(page.show_detail(99, None))
    assert page.show_detail(None, None) == []


def test_what_failed_is_sent_again(admin, monkeypatch):
    with unit_of_work() as session:
        failed = factories.mail(session, status=MailStatus.FAILED).id
    monkeypatch.setattr(page, "ctx", SimpleNamespace(triggered_id={"id": failed}))
    monkeypatch.setattr(page, "tell", lambda *given: None)
    assert page.send_again([1]) == 1
    assert "waits" in text(page.show_mails(None, "waiting", "all", None, 1)[0])


def test_a_test_is_followed_until_it_has_left(admin):
    outgoing().provider_type = "smtp"
    with unit_of_work() as session:
        session.get_one(factories.User, admin.user_id).email = "anna@example.com"
    mail_id, rests, shown = page.send_test(1)
    assert (rests, "waits for the sender" in text(shown)) == (False, True)
    assert page.follow_test(1, mail_id)[1] is False
    with unit_of_work() as session:
        row = session.get_one(factories.Mail, mail_id)
        row.status, row.error = MailStatus.FAILED, "535 wrong password"
    shown, rests = page.follow_test(2, mail_id)
    assert rests
    assert "535 wrong password" in text(shown)
    with unit_of_work() as session:
        session.get_one(factories.Mail, mail_id).status = MailStatus.SENT
    assert "was sent to anna@example.com" in text(page.follow_test(3, mail_id)[0])
    assert page.follow_test(4, None) == (no_update, True)


def test_digests_are_shown_filtered_and_triggered(admin):
    assert "Nothing waits" in text(page.show_pending(None, "all", "all", "all", 1)[0])
    with unit_of_work() as session:
        anna = factories.user(session, name="anna").id
        digest = factories.digest(session, user_id=anna)
        factories.mail(session, user_id=anna, digest_id=digest.id)
        factories.digest_entry(session, user_id=anna, text="Fan failed.")
    state, history, types, people = page.show_digests(None)
    assert "2026-03-01" in text(history)
    assert "Wait for a digest" in text(state)
    assert [one["label"] for one in (*types, *people)] == [
        *("all", "Another job failed", "all", "anna"),
    ]
    shown, pages, is_hidden = page.show_pending(None, "job.failed", str(anna), "day", 1)
    assert "Fan failed." in text(shown)
    assert (pages, is_hidden) == (1, True)
    assert "No worker was heard" in text(page.write_digests(1))
    assert page.write_digests(None) is no_update
    assert page.begin_anew() == 1
