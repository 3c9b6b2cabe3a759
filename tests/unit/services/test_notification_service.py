from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Event, NotificationPreference
from services.actor import WORKER, acting_as
from services.errors import Invalid, NotFound
from services.mail.outgoing import outgoing
from services.notice_service import NoticeService
from services.notification_preference_service import NotificationPreferenceService
from services.notification_service import (
    NotificationService,
    create_default_notification_preferences,
    get_error_suggestion,
)
from services.notifications.event_types import EVENT_TYPES, GROUPS, offered, title_of
from services.runtime import unit_of_work
from tests import factories


def test_an_event_tells_what_becomes_of_it_in_each_channel(analyst):
    told = NotificationService.emit_event("stream.alert", analyst.user_id, {"name": "fan 7"})
    assert (told["event_type"], told["user_id"]) == ("stream.alert", analyst.user_id)
    assert told["channels"]["toast"] == {"status": "queued", "reason": ""}
    assert told["channels"]["in_app"]["status"] == "queued"
    assert told["channels"]["email"] == {
        "status": "skipped",
        "reason": "There is no e-mail address in the profile.",
    }
    with unit_of_work() as session:
        session.get_one(factories.User, analyst.user_id).email = "anna@example.com"
        event = session.get_one(Event, told["event_id"])
        assert (event.payload, event.created_at) == ({"name": "fan 7"}, told["timestamp"])
    again = NotificationService.emit_event("stream.alert", analyst.user_id, {"name": "fan 7"})
    assert again["channels"]["email"]["reason"] == "This installation has no mail."
    outgoing().provider_type = "smtp"
    third = NotificationService.emit_event("stream.alert", analyst.user_id, {"name": "fan 7"})
    assert third["channels"]["email"]["status"] == "queued"


def test_data_may_have_any_names_and_a_link_leads_inside_only(analyst):
    data = {"type": "x", "session": 1, "object": "y", "name": "fan", "link": "//elsewhere.example"}
    NotificationService.emit_event("model.deployed", analyst.user_id, data)
    NotificationService.emit_event(
        "model.deployed", analyst.user_id, {"name": "fan", "link": "/signals"}
    )
    inside, outside = NoticeService.list_notices()
    assert (inside["text"], inside["link"]) == ("“fan” was deployed.", "/signals")
    assert outside["link"] is None


def test_it_is_told_after_the_commit_of_its_cause_only(analyst):
    with unit_of_work():
        NotificationService.emit_event("model.deployed", analyst.user_id, {"name": "fan"})
        assert NoticeService.list_notices() == []
    assert len(NoticeService.list_notices()) == 1


def test_unknown_types_and_people_are_refused(admin):
    with pytest.raises(Invalid, match="no type of event “tea"):
        NotificationService.emit_event("tea.ready", admin.user_id, {})
    with pytest.raises(NotFound, match="no user 99"):
        NotificationService.emit_event("job.done", 99, {})
    with pytest.raises(NotFound):
        create_default_notification_preferences(99)


def test_toasts_stay_as_long_as_their_kind(analyst):
    assert NotificationService.success("Done.", "/jobs") == {
        "level": "success",
        "text": "Done.",
        "duration": 5000,
        "link": "/jobs",
    }
    made = [getattr(NotificationService, kind)("x") for kind in ("info", "warning", "error")]
    assert [toast["duration"] for toast in made] == [5000, 7000, None]
    assert NotificationService.create_toast("x", "error", 100)["duration"] == 100
    with pytest.raises(Invalid):
        NotificationService.create_toast("x", "loud")


def test_defaults_are_kept_as_choices_once_and_change_no_choice(analyst):
    NotificationPreferenceService.set_preference("job.done", "email", "weekly")
    for _ in range(2):
        create_default_notification_preferences(analyst.user_id)
    with unit_of_work(writing=False) as session:
        rows = {one.event_type: one for one in session.scalars(select(NotificationPreference))}
    assert set(rows) == set(EVENT_TYPES)
    assert rows["job.done"].email == "weekly"
    assert rows["job.failed"].email == "daily"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("The disk ran full. Delete what is not needed any more, then try again.", "Delete"),
        ("The worker was lost 3 times with this job. See the worker's log.", "smaller batch"),
        ("There is no experiment 7.", "deleted or moved"),
        ("Something broke on our side. Quote job 7; the log has the details.", "admin"),
        ("What?", "log of the job"),
    ],
)
def test_an_error_comes_with_advice(error, advice):
    assert advice in get_error_suggestion(error)


def test_every_type_belongs_to_a_group_and_is_whole():
    for name, about in EVENT_TYPES.items():
        assert about.group in GROUPS.values()
        assert about.text({})
        assert name == about.name
        assert about.level in ("success", "info", "warning", "error")
    assert title_of("tea.ready") == "tea.ready"


def test_types_are_offered_to_whom_they_concern():
    names = {about.name for about in offered(to_admins=False)}
    assert {"training.complete", "model.deployed", "hpo.trial_complete"} <= names
    # Alarms of one's own sources and streams are told to everybody who has some.
    assert {"system.alarm", "system.alarm_cleared"} <= names
    assert "system.backup_made" not in names
    assert "system.backup_made" in {about.name for about in offered(to_admins=True)}


def test_preferences_are_read_changed_and_forgotten(analyst):
    def of(name: str):
        preferences = NotificationPreferenceService.list_preferences()
        return next(one for one in preferences if one["event_type"] == name)

    before = of("job.done")
    for channel, value in (
        ("toast", True),
        ("in_app", False),
        ("email", "daily"),
        ("webhooks", False),
    ):
        assert before[channel] != value
        NotificationPreferenceService.set_preference("job.done", channel, value)
    after = of("job.done")
    assert [after[one] for one in ("toast", "in_app", "email", "webhooks")] == [
        *(True, False, "daily", False)
    ]
    assert NotificationPreferenceService.reset_preferences() == 1
    assert of("job.done") == before


def test_preferences_take_only_what_there_is(analyst, admin):
    change = NotificationPreferenceService.set_preference
    with acting_as(analyst), pytest.raises(NotFound):
        change("system.backup_made", "toast", True)
    assert change("system.backup_made", "toast", True)["toast"] is True
    for channel, value in (("toast", "yes"), ("email", "hourly"), ("pigeon", True)):
        with pytest.raises(Invalid):
            change("job.done", channel, value)
    with pytest.raises(Invalid):
        NotificationPreferenceService.set_preferences(
            [("job.done", "toast", True), ("job.done", "email", "hourly")]
        )
    kept = {p["event_type"]: p for p in NotificationPreferenceService.list_preferences()}
    assert kept["job.done"]["toast"] is False  # all, or none


def test_a_worker_may_tell_anybody(analyst):
    with acting_as(WORKER):
        NotificationService.emit_event("job.done", analyst.user_id, {"title": "Clean up"})
    assert NoticeService.count_unread() == 1
