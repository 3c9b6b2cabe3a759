from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models import DigestPeriod, JobKind, JobStatus
from models.base import now
from services import health
from services.actor import WORKER, acting_as
from services.email_digest_service import EmailDigestService
from services.errors import Forbidden, Invalid
from services.job_service import JobService
from services.mail.outgoing import outgoing
from services.runtime import unit_of_work
from tasks.registry import JOBS
from tasks.runner import run_job
from tests import factories


@pytest.fixture
def anna(admin) -> int:
    """Three entries wait for anna, one of them for the week; a digest has told a fourth."""
    with unit_of_work() as session:
        user = factories.user(session, name="anna", email="anna@example.com")
        old = {"created_at": now() - timedelta(days=2), "user_id": user.id}
        digest = factories.digest(session, user_id=user.id)
        factories.mail(session, user_id=user.id, digest_id=digest.id)
        factories.digest_entry(session, **old, digest_id=digest.id)
        factories.digest_entry(session, **old, text="first")
        factories.digest_entry(session, user_id=user.id, event_type="job.done")
        factories.digest_entry(session, user_id=user.id, period=DigestPeriod.WEEKLY)
        return user.id


def test_the_queue_is_counted_and_filtered(anna):
    assert EmailDigestService.get_queue_stats() == {
        "pending_count": 3,
        "included_count": 1,
        "today_count": 2,
    }
    found, total = EmailDigestService.get_pending_digests(page_size=2, page=2)
    assert ([one["text"] for one in found], total) == (["first"], 3)
    for given, count in (
        ({"event_type_filter": "job.done"}, 1),
        ({"user_id_filter": anna}, 3),
        ({"user_id_filter": anna + 1}, 0),
        ({"time_filter": "day"}, 2),
        ({"time_filter": "week"}, 3),
    ):
        assert EmailDigestService.get_pending_digests(**given)[1] == count
    with pytest.raises(Invalid):
        EmailDigestService.get_pending_digests(time_filter="decade")


def test_history_and_people(anna):
    ((_number, name, period, day, due, count, status, sent),) = (
        EmailDigestService.get_digest_history()
    )
    assert (name, period, day, count, status, sent) == (
        *("anna", "daily", "2026-03-01", 1, "waiting", None),
    )
    assert due == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert [user.name for user in EmailDigestService.get_users_with_digests()] == ["anna"]


def test_without_a_worker_nothing_is_triggered(anna, sent):
    assert EmailDigestService.trigger_digest_processing() is False
    assert sent == []


def test_a_worker_writes_what_is_due_once(anna, sent, real_valkey):
    outgoing().provider_type = "smtp"
    health.hear_worker("training@here", ("training",))
    assert EmailDigestService.trigger_digest_processing() is False
    health.hear_worker("worker@here", ("notify",))
    assert EmailDigestService.trigger_digest_processing() is True
    assert EmailDigestService.trigger_digest_processing() is True
    ((kind, job_id),) = sent
    assert kind is JobKind.SEND_DIGESTS
    run_job(job_id, JOBS[kind])
    job = JobService.get_job(job_id)
    assert (job["status"], job["result"]) == (JobStatus.DONE, {"digests": 1})
    assert EmailDigestService.get_queue_stats()["pending_count"] == 2


def test_digests_are_for_admins(analyst):
    with pytest.raises(Forbidden):
        EmailDigestService.trigger_digest_processing()
    with acting_as(WORKER):
        assert EmailDigestService.write_due() == 0
