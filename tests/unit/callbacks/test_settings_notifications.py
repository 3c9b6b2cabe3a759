from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import settings_notifications as page
from layouts.settings_notifications import CHANNELS
from services.mail.outgoing import outgoing
from services.notification_preference_service import NotificationPreferenceService
from services.runtime import unit_of_work
from tests import factories


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def of(event_type: str):
    preferences = NotificationPreferenceService.list_preferences()
    return next(one for one in preferences if one["event_type"] == event_type)


def test_every_event_has_a_control_for_every_channel(analyst):
    shown = text(page.show_preferences(""))
    for one in NotificationPreferenceService.list_preferences():
        for channel in CHANNELS:
            assert f'"event": "{one["event_type"]}", "channel": "{channel}"' in shown
    assert "An alarm was raised" in shown
    assert "A backup was made" not in shown


@pytest.mark.parametrize(
    ("channel", "value", "told"),
    [
        ("toast", True, "Toast: on"),
        ("in_app", False, "Inbox: off"),
        ("email", "weekly", "E-mail: Weekly digest"),
        ("webhooks", False, "Webhooks: off"),
    ],
)
def test_every_column_is_kept(analyst, monkeypatch, channel, value, told):
    changed = SimpleNamespace(
        triggered_id={"event": "job.done", "channel": channel}, triggered=[{"value": value}]
    )
    monkeypatch.setattr(page, "ctx", changed)
    assert page.keep([]) == f"Kept: Another job is done, {told}."
    assert of("job.done")[channel] == value
    assert page.keep([]) is no_update  # drawing the table sets it again


def test_drawing_the_table_changes_nothing(analyst, monkeypatch):
    drawn = SimpleNamespace(
        triggered_id={"event": "job.done", "channel": "toast"},
        triggered=[{"value": True}, {"value": False}],
    )
    monkeypatch.setattr(page, "ctx", drawn)
    assert page.keep([]) is no_update
    assert of("job.done")["toast"] is False


def test_the_defaults_come_back(analyst):
    NotificationPreferenceService.set_preference("job.done", "toast", True)
    assert page.reset(1)[1] == "The defaults hold again."
    assert of("job.done")["toast"] is False
    assert page.reset(None) == (no_update, no_update)


def test_the_page_says_why_no_mail_comes_and_when_digests_do(analyst):
    assert "has no mail yet" in text(page.show_mail(""))
    outgoing().provider_type = "smtp"
    assert "no e-mail address" in text(page.show_mail(""))
    with unit_of_work() as session:
        user = session.get_one(factories.User, analyst.user_id)
        user.email, user.time_zone = "anna@example.com", "Asia/Tokyo"
    shown = text(page.show_mail(""))
    assert "no e-mail" not in shown
    assert "09:00 (Asia/Tokyo)" in shown
    assert "Monday, " in shown
