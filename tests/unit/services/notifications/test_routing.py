from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import func, select, update

from models import (
    DigestEntry,
    Event,
    Experiment,
    ExperimentEntry,
    ExperimentValue,
    Job,
    JobKind,
    JobStatus,
    Mail,
    MailChoice,
    Notice,
    Role,
    WebhookDelivery,
)
from models.base import now
from services import events, runtime
from services.actor import WORKER, acting_as
from services.authentication_service import AuthenticationService
from services.jobs.job_runs import JobRunService
from services.mail.outgoing import outgoing
from services.notice_service import NoticeService
from services.notification_preference_service import NotificationPreferenceService
from services.notifications import routing
from services.notifications.routing import NEWS_FOR, route_due
from services.runtime import unit_of_work
from services.user_service import UserService
from tests import factories

pytestmark = pytest.mark.database


class Undone(Exception):
    """Ends a unit of work without a commit."""


def texts() -> list[str]:
    return [notice["text"] for notice in NoticeService.list_notices()]


def types() -> list[str]:
    return [notice["type"] for notice in NoticeService.list_notices()]


def count(table) -> int:
    with unit_of_work(writing=False) as session:
        return session.scalar(select(func.count()).select_from(table))


def run_job(owner_id: int, status=JobStatus.DONE, error=None, **given) -> int:
    with unit_of_work() as session:
        job_id = factories.job(session, owner_id=owner_id, **given).id
    with acting_as(WORKER):
        JobRunService.finish(JobRunService.claim(job_id), status, error=error)
    return job_id


def choose(event_type: str, **channels) -> None:
    for channel, value in channels.items():
        NotificationPreferenceService.set_preference(event_type, channel, value)


@pytest.fixture
def reachable(analyst):
    """The analyst has an address, and the installation has mail."""
    outgoing().provider_type = "smtp"
    with unit_of_work() as session:
        user = session.get_one(factories.User, analyst.user_id)
        user.email = "anna@example.com"
    return analyst


def test_the_end_of_a_job_is_told_at_once_and_once(analyst):
    job_id = run_job(analyst.user_id)
    assert texts() == ["Clean up is done."]
    with acting_as(WORKER):
        assert route_due() == 0
        with unit_of_work() as session:
            session.execute(update(Event).values(routed_at=now()))
        assert not routing.route(1)
    assert texts() == ["Clean up is done."]
    assert NoticeService.list_notices()[0]["link"] == f"/jobs?id={job_id}"


def test_what_a_process_could_not_tell_a_round_tells(analyst, server):
    runtime.route_with(server, lambda event_id: None)  # as if it was killed after the commit
    run_job(analyst.user_id)
    assert texts() == []
    with acting_as(WORKER):
        assert (route_due(), route_due()) == (1, 0)
    assert texts() == ["Clean up is done."]


def test_who_is_cut_short_in_the_middle_has_told_nothing(reachable, server, monkeypatch):
    choose("job.done", email="immediate")

    def break_down(*_args, **_given):
        raise OSError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("services.notifications.channels.queue_deliveries", break_down)
        run_job(reachable.user_id)
    assert (texts(), count(Mail)) == ([], 0)
    with acting_as(WORKER):
        assert route_due() == 1
    assert (texts(), count(Mail)) == (["Clean up is done."], 1)


def test_what_is_undone_is_not_told(analyst):
    with suppress(Undone), unit_of_work() as session:
        events.record(session, "user.password_changed", f"user:{analyst.user_id}")
        raise Undone
    assert (texts(), count(Event)) == ([], 0)


def test_old_news_is_not_told(analyst, server):
    runtime.route_with(server, lambda event_id: None)
    run_job(analyst.user_id)
    with unit_of_work() as session:
        session.execute(update(Event).values(created_at=now() - NEWS_FOR))
    with acting_as(WORKER):
        assert route_due() == 0


def test_one_event_that_cannot_be_told_holds_up_no_other(analyst, server, caplog):
    runtime.route_with(server, lambda event_id: None)
    with unit_of_work() as session:
        events.record(session, "user.password_changed", "user:nobody")
    run_job(analyst.user_id)
    with acting_as(WORKER):
        assert route_due() == 1
    assert texts() == ["Clean up is done."]
    assert "Nobody could be told of event 1" in caplog.text


def test_each_channel_is_filled_as_it_was_chosen(reachable):
    with unit_of_work() as session:
        wants = {"owner_id": reachable.user_id, "enabled_events": ["job.failed"]}
        factories.webhook(session, **wants)
    for name, channels in {
        "inbox": {"in_app": True},
        "toast": {"toast": True},
        "mail": {"email": "immediate"},
        "digest": {"email": "weekly"},
        "webhook": {"webhooks": True},
        "nothing": {},
    }.items():
        off = {"toast": False, "in_app": False, "email": "off", "webhooks": False}
        choose("job.failed", **{**off, **channels})
        before = (*map(count, (Mail, DigestEntry, WebhookDelivery)), len(texts()))
        run_job(reachable.user_id, JobStatus.FAILED, "No.")
        after = (*map(count, (Mail, DigestEntry, WebhookDelivery)), len(texts()))
        gained = dict(
            zip(
                ("mail", "digest", "webhook", "inbox"), map(int.__sub__, after, before), strict=True
            )
        )
        assert gained == {one: int(one == name) for one in gained}, name
        toasts = [toast["text"] for toast in NoticeService.list_toasts()]
        assert toasts == (["Clean up failed. No."] if name == "toast" else [])
        for toast in NoticeService.list_toasts():
            assert NoticeService.take_toast(toast["id"])


def test_a_mail_says_what_happened_what_to_do_and_how_to_end_it(reachable, server):
    server.config["PUBLIC_URL"] = "https://rotorscope.example.com/app"
    choose("job.failed", email="immediate")
    run_job(reachable.user_id, JobStatus.FAILED, "The disk ran full.", title="Export <b>½</b>")
    with unit_of_work(writing=False) as session:
        mail = session.scalars(select(Mail)).one()
    assert mail.subject == "Rotorscope: Export <b>½</b> failed. The disk ran full."
    assert "Export <b>½</b> failed." in mail.text_body
    assert "Export &lt;b&gt;½&lt;/b&gt; failed." in mail.html_body
    assert "<b>½" not in mail.html_body
    for body in (mail.text_body, mail.html_body):
        assert "Delete exports" in body
        assert "https://rotorscope.example.com/app/jobs?id=1" in body
        assert mail.unsubscribe_url in body
    assert mail.unsubscribe_url.startswith("https://rotorscope.example.com/app/unsubscribe/")
    assert mail.to_email == "anna@example.com"


def test_a_webhook_gets_words_an_address_and_the_parts(reachable, server):
    server.config["PUBLIC_URL"] = "https://rotorscope.example.com"
    with unit_of_work() as session:
        wants = {"owner_id": reachable.user_id, "enabled_events": ["job.done"]}
        factories.webhook(session, **wants)
    run_job(reachable.user_id)
    with unit_of_work(writing=False) as session:
        data = session.scalars(select(WebhookDelivery.data)).one()
    assert data == {
        "title": "Another job is done",
        "text": "Clean up is done.",
        "level": "success",
        "link": "https://rotorscope.example.com/jobs?id=1",
        "details": {"title": "Clean up", "kind": "clean_up", "error": None},
    }


def test_a_training_tells_of_its_beginning_and_its_end(analyst):
    for name in ("training.started", "training.paused", "training.resumed"):
        choose(name, in_app=True)
    training = {"kind": JobKind.TRAIN_EXPERIMENT, "title": "Training of fan"}
    run_job(analyst.user_id, JobStatus.PAUSED, **training)
    with unit_of_work() as session:
        events.record(session, "job.resume_requested", "job:1")
    with acting_as(WORKER), unit_of_work() as session:
        session.execute(update(Job).values(status=JobStatus.WAITING))
    with acting_as(WORKER):
        JobRunService.finish(JobRunService.claim(1), JobStatus.DONE)
    assert types() == [
        "training.complete",
        "training.resumed",
        "training.paused",
        "training.started",
    ]


def test_who_is_disabled_is_not_told(analyst):
    with unit_of_work() as session:
        session.get_one(factories.User, analyst.user_id).disabled_at = now()
    run_job(analyst.user_id)
    assert count(Notice) == 0


def test_changes_of_an_account_are_told_to_its_owner(admin):
    with unit_of_work() as session:
        user = factories.user(session, role=Role.VIEWER)
        user_id, person = user.id, factories.actor_of(user)
    UserService.set_role(user_id, Role.ANALYST)
    UserService.reset_password(user_id)
    with acting_as(person):
        assert types() == ["security.password_reset", "security.role_changed"]
        assert texts()[1] == "Your role was changed from viewer to analyst."


def test_a_sign_in_with_another_program_is_told(analyst):
    phone, laptop = "Phone/1.2 (Browser)", "Laptop/9 (Other)"
    for agent in (phone, phone.replace("1.2", "1.3"), laptop, laptop):
        AuthenticationService.create_session(analyst.user_id, "10.0.0.1", agent)
    (notice,) = NoticeService.list_notices()
    assert notice["type"] == "security.new_sign_in"
    assert notice["text"].endswith("a device that is new: Laptop/9 (Other), from 10.0.0.1.")


def test_alarms_and_backups_are_told_to_admins_and_whom_they_concern(analyst, admin):
    with acting_as(admin):
        choose("system.backup_made", in_app=True)
    with acting_as(WORKER), unit_of_work() as session:
        given = {"message": "The disk is nearly full.", "severity": "critical"}
        events.record(session, "alarm.raised", "alarm:1", **given, owner_id=analyst.user_id)
        events.record(session, "backup.made", "backup", rows=1200, bytes=3_400_000)
    with acting_as(admin):
        assert texts() == ["A backup was made: 1,200 rows, 3.4 MB.", "The disk is nearly full."]
        assert NoticeService.list_notices()[1]["level"] == "error"
    with acting_as(analyst):
        assert texts() == ["The disk is nearly full."]
        assert NoticeService.list_notices()[0]["link"] == "/alarms?id=1"


def finished(owner_id: int, version_id: int, accuracy: float, sides: dict[str, str]) -> int:
    """An experiment with a score, as a training leaves it, and the event of its end."""
    with unit_of_work() as session:
        made = factories.experiment(session, owner_id=owner_id)
        made.version_id, made.split = version_id, {**made.split, "sides": sides}
        session.flush()
        entry = session.get_one(ExperimentEntry, made.id)
        entry.version_id = version_id
        score = session.get(ExperimentValue, (made.id, "accuracy"))
        if score is None:
            score = ExperimentValue(experiment_id=made.id, name="accuracy")
            session.add(score)
        score.number = accuracy
        session.flush()
        events.record(session, "experiment.finished", f"experiment:{made.id}")
        return int(made.id)


def test_the_best_on_the_same_recordings_is_told(analyst):
    with unit_of_work() as session:
        version_id = session.get_one(
            Experiment, factories.experiment(session, owner_id=analyst.user_id).id
        ).version_id
    owner, same = analyst.user_id, {"1": "train", "2": "test"}
    other, drawn = {"1": "test", "2": "train"}, {"1": "shared", "2": "shared"}
    for accuracy, sides, is_told in (
        (0.80, same, False),  # the first has nothing to be better than
        (0.99, other, False),
        (0.99, drawn, False),
        (0.80, same, False),
        (0.85, same, True),
        (0.82, same, False),
    ):
        before = types().count("accuracy.milestone")
        finished(owner, version_id, accuracy, sides)
        assert types().count("accuracy.milestone") - before == int(is_told), (accuracy, sides)
    (text,) = texts()
    assert "is right on 85.0 % of the recordings of its test" in text
    assert text.endswith("was 80.0 %.")


def test_a_digest_is_chosen_by_its_period(reachable):
    choose("job.done", email=MailChoice.DAILY.value)
    run_job(reachable.user_id)
    with unit_of_work(writing=False) as session:
        entry = session.scalars(select(DigestEntry)).one()
    assert (entry.period.value, entry.text, entry.digest_id) == ("daily", "Clean up is done.", None)
