from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier

from models import Cause, DeliveryStatus, Event, Role, Webhook, WebhookAttempt, WebhookDelivery
from models.base import now
from services import webhook_service
from services.actor import WORKER, acting_as
from services.errors import Invalid, NotFound, RateLimited
from services.runtime import unit_of_work
from services.sealing import unseal
from services.webhook_overview_service import WebhookOverviewService
from services.webhook_service import WebhookService
from services.webhooks.sending import claim_due
from tests import factories
from tests.receiving import Answer, receiving

pytestmark = pytest.mark.database

URL = "https://8.8.8.8/services/T00/B00/geheim"


@pytest.fixture
def receiver(server):
    server.config["OUTGOING_ALLOWED"] = ("127.0.0.1/32",)
    with receiving() as receiver:
        yield receiver


def make(owner, **given):
    plausible = {
        "provider_type": "webhook",
        "webhook_url": URL,
        "name": "plant",
        "enabled_events": ["training.failed", "training.complete"],
    }
    return WebhookService.create_webhook(owner.user_id, **{**plausible, **given})


def stored(webhook_id: int) -> Webhook:
    with unit_of_work(writing=False) as session:
        row = session.get_one(Webhook, webhook_id)
        session.expunge(row)
        return row


def delivery(webhook_id: int, **given) -> int:
    with unit_of_work() as session:
        return factories.delivery(session, webhook_id=webhook_id, **given).id


def test_the_secret_is_told_once_and_the_address_never(analyst):
    made = make(analyst)
    assert made["secret"].startswith("whsec_")
    assert made["url"] == "https://8.8.8.8/***"
    assert made["enabled_events"] == ["training.complete", "training.failed"]
    row = stored(made["id"])
    assert unseal(row.sealed_url) == URL
    assert unseal(row.sealed_secret) == made["secret"]
    told = [
        WebhookService.get_webhook(made["id"], analyst.user_id),
        *WebhookService.list_user_webhooks(analyst.user_id),
    ]
    with unit_of_work(writing=False) as session:
        told += [event.payload for event in session.scalars(select(Event))]
        columns = [str(value) for value in session.execute(select(Webhook.__table__)).one()]
    for secret in ("geheim", made["secret"], made["secret"].removeprefix("whsec_")):
        assert secret not in str(told)
        assert secret not in str(columns)


def test_a_chat_has_no_secret(analyst):
    assert make(analyst, provider_type="slack")["secret"] is None
    with pytest.raises(Invalid, match="not signed"):
        WebhookService.rotate_secret(make(analyst, provider_type="teams")["id"], analyst.user_id)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"provider_type": "pager"}, "provider"),
        ({"webhook_url": "http://8.8.8.8/"}, "https"),
        ({"webhook_url": "https://127.0.0.1/"}, "not public"),
        ({"webhook_url": None}, "URL"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"description": "x" * 501}, "description"),
        ({"enabled_events": []}, "at least one"),
        ({"enabled_events": "training.failed"}, "at least one"),
        ({"enabled_events": ["nothing.known"]}, "nothing.known"),
        ({"enabled_events": ["system.backup_made"]}, "system.backup_made"),
        ({"settings": {"headers": {}}}, "label"),
        ({"settings": {"label": "x" * 41}}, "label"),
    ],
)
def test_what_is_wrong_is_said(analyst, given, said):
    with pytest.raises(Invalid, match=said):
        make(analyst, **given)
    assert WebhookService.list_user_webhooks(analyst.user_id) == []


def test_admins_may_choose_what_is_told_to_admins(admin):
    names = ["system.backup_made"]
    assert make(admin, enabled_events=names)["enabled_events"] == names
    assert "system.backup_made" in {one.name for one in WebhookService.list_event_types()}


def test_there_is_an_end_to_it(analyst, monkeypatch):
    monkeypatch.setattr(webhook_service, "MOST_WEBHOOKS", 2)
    make(analyst), make(analyst)
    with pytest.raises(Invalid, match="2 webhooks"):
        make(analyst)


def test_one_is_changed_by_its_names(analyst):
    webhook_id = make(analyst)["id"]
    changed = WebhookService.update_webhook(
        webhook_id,
        analyst.user_id,
        name=" new  name ",
        webhook_url="https://1.1.1.1:8443/x",
        enabled_events=["job.failed"],
        settings={"label": "Plant 4"},
        description="to the board",
    )
    assert (changed["name"], changed["url"]) == ("new name", "https://1.1.1.1:8443/***")
    assert changed["enabled_events"] == ["job.failed"]
    assert changed["settings"] == {"label": "Plant 4"}
    assert stored(webhook_id).host == "1.1.1.1"
    for wrong in ({"owner_id": 1}, {"sealed_url": "x"}, {"provider_type": "slack"}):
        with pytest.raises(Invalid):
            WebhookService.update_webhook(webhook_id, analyst.user_id, **wrong)


def test_a_foreign_webhook_does_not_exist(analyst, admin):
    with acting_as(analyst):
        webhook_id = make(analyst)["id"]
    delivery_id = delivery(webhook_id)
    own = admin.user_id
    with acting_as(admin):
        assert WebhookService.get_webhook(webhook_id, own) is None
        assert WebhookService.update_webhook(webhook_id, own, name="x") is None
        assert WebhookService.rotate_secret(webhook_id, own) is None
        assert not WebhookService.delete_webhook(webhook_id, own)
        assert not WebhookService.toggle_webhook(webhook_id, own, False)
        assert not WebhookService.replay_delivery(delivery_id, own)
        assert WebhookService.get_webhook_logs(webhook_id, own, 10) == []
        with pytest.raises(NotFound):
            WebhookService.list_attempts(delivery_id, own)
        for method in (WebhookService.test_webhook, WebhookService.get_webhook_stats):
            with pytest.raises(NotFound):
                method(webhook_id, own)
        with pytest.raises(NotFound):
            WebhookService.get_webhook(webhook_id, analyst.user_id)
    assert stored(webhook_id).name == "plant"


def test_switching_off_gives_up_what_waits_and_on_starts_anew(analyst):
    webhook_id = make(analyst)["id"]
    delivery_id = delivery(webhook_id)
    assert WebhookService.toggle_webhook(webhook_id, analyst.user_id, False)
    (logged,) = WebhookService.get_webhook_logs(webhook_id, analyst.user_id, 10)
    assert (logged["status"], logged["next_attempt_at"]) == (DeliveryStatus.FAILED, None)
    assert "switched off" in logged["last_error"]
    assert not WebhookService.replay_delivery(delivery_id, analyst.user_id)
    assert WebhookService.list_user_webhooks(analyst.user_id, include_inactive=False) == []
    with unit_of_work() as session:
        row = session.get_one(Webhook, webhook_id)
        row.disabled_reason, row.failing_since = "gone", now()
    assert WebhookService.toggle_webhook(webhook_id, analyst.user_id, True)
    webhook = WebhookService.get_webhook(webhook_id, analyst.user_id)
    assert (webhook["disabled_reason"], webhook["failing_since"]) == (None, None)
    assert WebhookService.replay_delivery(delivery_id, analyst.user_id)


def test_deleting_takes_the_log_with_it(analyst):
    webhook_id = make(analyst)["id"]
    delivery_id = delivery(webhook_id)
    with unit_of_work() as session:
        session.add(WebhookAttempt(delivery_id=delivery_id, status=500))
    assert WebhookService.delete_webhook(webhook_id, analyst.user_id)
    with unit_of_work(writing=False) as session:
        for kind in (Webhook, WebhookDelivery, WebhookAttempt):
            assert session.scalars(select(kind)).all() == []


def test_a_replay_has_the_same_id_and_begins_anew(analyst):
    webhook_id = make(analyst)["id"]
    delivery_id = delivery(webhook_id, status=DeliveryStatus.DELIVERED, attempts=7)
    (before,) = WebhookService.get_webhook_logs(webhook_id, analyst.user_id, 1)
    assert WebhookService.replay_delivery(delivery_id, analyst.user_id)
    (after,) = WebhookService.get_webhook_logs(webhook_id, analyst.user_id, 1)
    assert after["message_id"] == before["message_id"]
    assert (after["status"], after["attempts"]) == (DeliveryStatus.WAITING, 0)
    assert after["next_attempt_at"] <= now()
    with acting_as(WORKER):
        assert [one.id for one in claim_due("one", 5, {})] == [delivery_id]
    assert not WebhookService.replay_delivery(delivery_id, analyst.user_id)  # it is under way


def test_a_test_really_sends_and_is_logged(analyst, receiver):
    made = make(analyst, webhook_url=receiver.url())
    receiver.answers = [Answer(404, b"<b>no such hook</b>"), Answer(200)]
    result = WebhookService.test_webhook(made["id"], analyst.user_id)
    assert (result["success"], result["status"]) == (False, 404)
    assert result["answer_start"] == "<b>no such hook</b>"
    assert WebhookService.test_webhook(made["id"], analyst.user_id)["success"]
    for got in receiver.received:
        assert Verifier(made["secret"]).verify(got.body, got.headers)["type"] == "webhook.test"
    second, first = WebhookService.get_webhook_logs(made["id"], analyst.user_id, 10)
    assert (first["status"], second["status"]) == (DeliveryStatus.FAILED, DeliveryStatus.DELIVERED)
    assert {first["cause"], second["cause"]} == {Cause.TEST}
    (attempt,) = WebhookService.list_attempts(first["id"], analyst.user_id)
    assert (attempt["status"], attempt["answer_start"]) == (404, "<b>no such hook</b>")
    webhook = WebhookService.get_webhook(made["id"], analyst.user_id)
    assert webhook["failing_since"] is None
    assert webhook["last_success_at"] is not None


def test_only_some_are_tested_at_a_time(analyst, receiver):
    made = make(analyst, webhook_url=receiver.url())
    taken = 0
    while webhook_service._tests_at_once.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(RateLimited):
            WebhookService.test_webhook(made["id"], analyst.user_id)
    finally:
        webhook_service._tests_at_once.release(taken)
    assert WebhookService.test_webhook(made["id"], analyst.user_id)["success"]


def test_after_a_rotation_both_secrets_sign_for_a_day(analyst, receiver):
    made = make(analyst, webhook_url=receiver.url())
    again = WebhookService.rotate_secret(made["id"], analyst.user_id)
    assert again["secret"] != made["secret"]
    assert again["old_secret_until"] - now() > timedelta(hours=23, minutes=59)
    WebhookService.test_webhook(made["id"], analyst.user_id)
    (got,) = receiver.received
    for secret in (made["secret"], again["secret"]):
        Verifier(secret).verify(got.body, got.headers)


def test_how_a_webhook_fares(analyst):
    webhook_id = make(analyst)["id"]
    empty = WebhookService.get_webhook_stats(webhook_id, analyst.user_id)
    assert (empty["total"], empty["success_rate"], empty["latency_ms_p95"]) == (0, None, None)
    arrived = [delivery(webhook_id, status=DeliveryStatus.DELIVERED) for _ in range(3)]
    failed = delivery(webhook_id, status=DeliveryStatus.FAILED)
    delivery(webhook_id)
    with unit_of_work() as session:
        for latency in range(1, 101):
            about = {"delivery_id": arrived[latency % 3], "status": 200}
            session.add(WebhookAttempt(**about, latency_ms=float(latency)))
        session.add(WebhookAttempt(delivery_id=failed, status=500, latency_ms=9_999.0))
    stats = WebhookService.get_webhook_stats(webhook_id, analyst.user_id)
    assert (stats["total"], stats["delivered"], stats["failed"], stats["waiting"]) == (5, 3, 1, 1)
    assert (stats["success_rate"], stats["attempts"]) == (0.75, 101)
    assert (stats["latency_ms_median"], stats["latency_ms_p95"]) == (50.5, 95.0)


def test_admins_see_what_is_sent_where_and_which_hosts_fail(analyst, admin):
    with acting_as(analyst):
        webhook_id = make(analyst)["id"]
        make(analyst, webhook_url="https://1.1.1.1/x")
    failed = delivery(webhook_id, status=DeliveryStatus.FAILED)
    delivery(webhook_id)
    with unit_of_work() as session:
        session.add(WebhookAttempt(delivery_id=failed, status=500, latency_ms=20.0))
        session.add(WebhookAttempt(delivery_id=failed, status=200, latency_ms=10.0))
        long_ago = now() - timedelta(days=2)
        session.add(WebhookAttempt(delivery_id=failed, status=500, at=long_ago))
        session.get_one(Webhook, webhook_id).failing_since = long_ago
    with acting_as(admin):
        first, second = WebhookOverviewService.list_hosts()
        (one,) = WebhookOverviewService.list_deliveries(status="failed", host="8.8.8.8")
        assert WebhookOverviewService.count_deliveries() == 2
        assert WebhookOverviewService.count_deliveries(host="1.1.1.1") == 0
    assert (first["host"], first["attempts"], first["failures"]) == ("8.8.8.8", 2, 1)
    assert (first["waiting"], first["mean_latency_ms"]) == (1, 15.0)
    assert first["failing_since"] == long_ago
    assert (second["host"], second["attempts"], second["failures"]) == ("1.1.1.1", 0, 0)
    assert (one["webhook_name"], one["owner_name"]) == ("plant", analyst.name)
    assert "geheim" not in str(one)


def test_viewers_have_their_own(viewer):
    assert viewer.role is Role.VIEWER
    with acting_as(viewer):
        made = make(viewer)
        assert [one["id"] for one in WebhookService.list_user_webhooks(viewer.user_id)] == [
            made["id"]
        ]
