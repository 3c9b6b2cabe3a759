from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import settings_webhook, settings_webhooks, webhooks
from models import DeliveryStatus, Webhook
from models.base import now
from services.actor import acting_as
from services.errors import Forbidden, Invalid
from services.runtime import unit_of_work
from services.webhook_service import WebhookService
from tests import factories
from tests.receiving import Answer, receiving

SCRIPT = "<script>alert(1)</script>"
EVENTS = [["training.failed"], ["job.failed"], []]


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def told(monkeypatch):
    told = []
    monkeypatch.setattr(settings_webhook, "tell", lambda text, *_: told.append(text))
    return told


@pytest.fixture
def webhook_id(analyst):
    with unit_of_work() as session:
        return factories.webhook(session, owner_id=analyst.user_id, name=SCRIPT).id


def press(monkeypatch, **what):
    monkeypatch.setattr(settings_webhook, "ctx", SimpleNamespace(triggered_id=what or None))


def test_one_is_made_and_its_secret_shown_once(analyst):
    assert "No webhooks yet" in text(settings_webhooks.show_webhooks(0))
    given = ("webhook", "plant", "https://8.8.8.8/geheim", "Plant 4", "to the board", EVENTS, 0)
    answer, stamp, name, url = settings_webhooks.create(1, *given)
    assert "whsec_" in text(answer)
    assert (stamp, name, url) == (1, "", "")
    shown = text(settings_webhooks.show_webhooks(stamp))
    assert "plant" in shown
    for secret in ("whsec_", "geheim"):
        assert secret not in shown
    (webhook,) = WebhookService.list_user_webhooks(analyst.user_id)
    assert webhook["enabled_events"] == ["training.failed", "job.failed"]
    assert webhook["settings"] == {"label": "Plant 4"}


def test_nothing_is_made_before_the_click_or_of_wrong_values(analyst):
    settings_webhooks.create(None, "webhook", "x", "https://8.8.8.8/", "", "", EVENTS, 0)
    with pytest.raises(Invalid):
        settings_webhooks.create(1, "webhook", None, None, None, None, [[]], 0)
    assert WebhookService.list_user_webhooks(analyst.user_id) == []


def test_only_what_one_may_be_told_is_offered(analyst, admin):
    with acting_as(analyst):
        assert "system.alarm" in text(settings_webhooks.show_events(""))
        assert "system.backup_made" not in text(settings_webhooks.show_events(""))
    assert "system.backup_made" in text(settings_webhooks.show_events(""))


def test_a_webhook_that_is_not_there(analyst):
    for chosen in (None, 99):
        shown, log, hidden = settings_webhook.show_webhook(chosen, 0)
        assert "There is no such webhook" in text(shown)
        assert log == []
        assert hidden is True
    assert settings_webhook.fill_form(99)[0] is not None


def test_names_and_answers_are_text(webhook_id):
    """Dash draws a child as text; none of ours is drawn as Markdown or HTML."""
    with unit_of_work() as session:
        about = {"status": DeliveryStatus.FAILED, "attempts": 3, "last_status": 500}
        factories.delivery(session, webhook_id=webhook_id, answer_start=SCRIPT, **about)
    shown, log, hidden = settings_webhook.show_webhook(webhook_id, 0)
    assert hidden is False
    for drawn in (shown, log):
        assert json.dumps(SCRIPT) in text(drawn)
        assert "Markdown" not in text(drawn)
        assert "dangerously" not in text(drawn)
    assert "Replay" in text(log)


def test_the_test_button_sends_and_shows_what_came_back(server, analyst, monkeypatch):
    server.config["OUTGOING_ALLOWED"] = ("127.0.0.1/32",)
    with receiving() as receiver:
        receiver.answers = [Answer(), Answer(500, SCRIPT.encode())]
        made = WebhookService.create_webhook(
            analyst.user_id, "slack", receiver.url(), "chat", ["job.failed"]
        )
        press(monkeypatch, verb="test")
        answer, stamp, _, displayed, _ = settings_webhook.act([1], made["id"], 0)
        assert "The receiver answered 200" in text(answer)
        assert (stamp, displayed) == (1, False)
        failed = text(settings_webhook.act([1], made["id"], 0)[0])
        assert "no success" in failed
        assert json.dumps(SCRIPT) in failed
    assert "nobody answers" in text(settings_webhook.act([1], made["id"], 0)[0])


def test_what_takes_something_away_is_asked_first(webhook_id, analyst, told, monkeypatch):
    for verb in ("off", "rotate", "delete"):
        press(monkeypatch, verb=verb)
        _, _, question, displayed, asked = settings_webhook.act([1], webhook_id, 0)
        assert (bool(question), displayed, asked) == (True, True, verb)
    settings_webhook.act_after_question(1, "off", webhook_id, 0)
    assert "Switch on" in text(settings_webhook.show_webhook(webhook_id, 0)[0])
    press(monkeypatch, verb="on")
    settings_webhook.act([1], webhook_id, 0)
    answer, _, _ = settings_webhook.act_after_question(1, "rotate", webhook_id, 0)
    assert "whsec_" in text(answer)
    assert "The old secret signs until" in text(settings_webhook.show_webhook(webhook_id, 0)[0])
    _, _, away = settings_webhook.act_after_question(1, "delete", webhook_id, 0)
    assert away.endswith("/settings/webhooks")
    assert told == ["The webhook is off.", "The webhook is on.", "The webhook is deleted."]
    assert WebhookService.list_user_webhooks(analyst.user_id) == []


def test_a_replay_is_told(webhook_id, told, monkeypatch):
    with unit_of_work() as session:
        delivery = factories.delivery(session, webhook_id=webhook_id, status=DeliveryStatus.FAILED)
        number = delivery.id
    press(monkeypatch, id=number)
    assert settings_webhook.replay([None, 1], 4) == 5
    assert "again in a moment" in told[0]
    with unit_of_work() as session:
        session.get_one(Webhook, webhook_id).is_active = False
    settings_webhook.replay([1], 5)
    assert "just now" in told[1]


def test_an_empty_url_keeps_the_present_one(webhook_id, analyst, told):
    name, label, description, boxes = settings_webhook.fill_form(webhook_id)
    assert (name, label, description) == (SCRIPT, "", "")
    assert '"training.complete"' in text(boxes)
    settings_webhook.save(1, webhook_id, "new", "", "L", "d", EVENTS, 0)
    webhook = WebhookService.get_webhook(webhook_id, analyst.user_id)
    assert (webhook["name"], webhook["url"]) == ("new", "https://127.0.0.1:9/***")
    settings_webhook.save(1, webhook_id, "new", "https://8.8.8.8/x", "L", "d", EVENTS, 0)
    webhook = WebhookService.get_webhook(webhook_id, analyst.user_id)
    assert webhook["url"] == "https://8.8.8.8/***"


def test_what_failed_for_long_says_what_to_do(webhook_id):
    with unit_of_work() as session:
        row = session.get_one(Webhook, webhook_id)
        row.is_active, row.disabled_reason, row.failing_since = False, "Gone.", now()
    shown, log, _ = settings_webhook.show_webhook(webhook_id, 0)
    assert "Gone. Mend the receiver" in text(shown)
    assert "Switch on" in text(shown)
    assert "Nothing was sent yet" in text(log)


def test_admins_look_at_all_of_them(webhook_id, admin):
    with unit_of_work() as session:
        factories.delivery(session, webhook_id=webhook_id, answer_start="secret answer")
    with acting_as(admin):
        hosts, names = webhooks.show_hosts(None)
        shown, pages, is_one = webhooks.show_deliveries(None, "waiting", "127.0.0.1", None)
    assert names == ["127.0.0.1"]
    assert "127.0.0.1" in text(hosts)
    assert (json.dumps(SCRIPT) in text(shown), pages, is_one) == (True, 1, True)
    assert "secret answer" not in text(shown)


def test_analysts_do_not(analyst):
    with pytest.raises(Forbidden):
        webhooks.show_hosts(None)
    with pytest.raises(Forbidden):
        webhooks.show_deliveries(None, None, None, None)
