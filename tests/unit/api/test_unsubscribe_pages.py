from __future__ import annotations

import pytest
from itsdangerous import URLSafeSerializer

from models import NotificationPreference
from services.actor import acting_as
from services.mail.tokens import token_for
from services.notification_preference_service import NotificationPreferenceService
from services.runtime import unit_of_work


@pytest.fixture
def stranger(web):
    """A mail program: no cookie, no token against forgery, as in production."""
    return web.test_client()


def mail_of(who, event_type: str) -> str:
    with acting_as(who):
        found = NotificationPreferenceService.list_preferences()
    return next(one["email"] for one in found if one["event_type"] == event_type)


def test_one_click_ends_mail_of_its_type_only(stranger, analyst):
    path = f"/unsubscribe/{token_for(analyst.user_id, 'security.password_changed')}"
    page = stranger.get(path)
    assert page.status_code == 200
    assert "mail about “Your password was changed”" in page.text
    assert mail_of(analyst, "security.password_changed") == "immediate"  # looking ends nothing
    for _ in range(2):
        done = stranger.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert "You get no more mail" in done.text
    assert mail_of(analyst, "security.password_changed") == "off"
    assert mail_of(analyst, "job.failed") == "daily"


def test_one_click_ends_all_digests_of_a_period(stranger, analyst):
    NotificationPreferenceService.set_preference("job.done", "email", "weekly")
    assert (
        stranger.post(f"/unsubscribe/{token_for(analyst.user_id, 'digest.daily')}").status_code
        == 200
    )
    assert mail_of(analyst, "job.failed") == mail_of(analyst, "training.failed") == "off"
    assert mail_of(analyst, "job.done") == "weekly"
    with unit_of_work(writing=False) as session:
        kept = session.get_one(NotificationPreference, (analyst.user_id, "job.failed"))
        assert (kept.toast, kept.in_app, kept.webhooks) == (True, True, True)


def test_a_link_of_somebody_else_cannot_be_made(stranger, web, analyst):
    other = URLSafeSerializer("another key", salt="unsubscribe").dumps(
        [analyst.user_id, "job.failed"]
    )
    salted = URLSafeSerializer(web.config["SECRET_KEY"], salt="x").dumps([1, "job.failed"])
    good = token_for(analyst.user_id, "job.failed")
    for token in (other, salted, good[:-1], "x", token_for(99, "job.failed"), token_for(1, "tea")):
        assert stranger.post(f"/unsubscribe/{token}").status_code == 404
    assert mail_of(analyst, "job.failed") == "daily"
