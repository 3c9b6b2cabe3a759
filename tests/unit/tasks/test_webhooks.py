from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier

from models import DeliveryStatus, Event, Notice, User, Webhook, WebhookAttempt, WebhookDelivery
from models.base import now
from services.actor import WORKER, acting_as
from services.runtime import unit_of_work
from services.sealing import unseal
from services.webhooks.schedule import DELAYS_S
from services.webhooks.sending import claim_due, send_claimed
from tasks.webhooks import IN_A_ROW, send_deliveries
from tests import factories
from tests.receiving import Answer, receiving

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def as_worker(server, sent):
    """The sender, which may reach this machine."""
    server.config["OUTGOING_ALLOWED"] = ("127.0.0.0/8",)
    with acting_as(WORKER):
        yield


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def hook(url: str, host: str = "127.0.0.1", **given) -> int:
    with unit_of_work() as session:
        return factories.webhook(session, url=url, host=host, **given).id


def queue(webhook_id: int, count: int = 1, **given) -> list[int]:
    with unit_of_work() as session:
        made = [factories.delivery(session, webhook_id=webhook_id, **given) for _ in range(count)]
        return [one.id for one in made]


def row(kind, number: int):
    with unit_of_work(writing=False) as session:
        found = session.get_one(kind, number)
        session.expunge(found)
        return found


def make_due(delivery_id: int) -> None:
    with unit_of_work() as session:
        session.get_one(WebhookDelivery, delivery_id).next_attempt_at = now()


def count_of(kind) -> int:
    with unit_of_work(writing=False) as session:
        return len(session.scalars(select(kind)).all())


def test_what_is_due_is_sent_and_logged(receiver):
    webhook_id = hook(receiver.url())
    (delivery_id,) = queue(webhook_id)
    (later,) = queue(webhook_id, next_attempt_at=now() + timedelta(minutes=1))
    assert send_deliveries() == 1
    delivery = row(WebhookDelivery, delivery_id)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 1)
    assert (delivery.last_status, delivery.answer_start) == (200, "thank you")
    assert delivery.delivered_at is not None
    assert delivery.lease_holder is None
    assert row(WebhookDelivery, later).status is DeliveryStatus.WAITING
    (got,) = receiver.received
    secret = unseal(row(Webhook, webhook_id).sealed_secret)
    assert Verifier(secret).verify(got.body, got.headers)["type"] == "training.complete"
    assert send_deliveries() == 0


def test_a_failure_is_tried_again_with_the_same_id_until_the_schedule_ends(receiver):
    receiver.answers = [Answer(500, b"<script>alert(1)</script>")]
    webhook_id = hook(receiver.url())
    (delivery_id,) = queue(webhook_id)
    waits = []
    for _ in DELAYS_S:
        begun = now()
        assert send_deliveries() == 1
        delivery = row(WebhookDelivery, delivery_id)
        if delivery.next_attempt_at is not None:
            waits.append((delivery.next_attempt_at - begun).total_seconds())
            make_due(delivery_id)
    for wait, planned in zip(waits, DELAYS_S[1:], strict=True):
        assert planned <= wait <= planned * 1.1 + 5
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, 10)
    assert delivery.answer_start == "<script>alert(1)</script>"
    assert len(set(receiver.ids)) == 1
    assert count_of(WebhookAttempt) == 10
    assert row(Webhook, webhook_id).is_active  # ten failures, but of one minute


def test_each_attempt_is_signed_anew(receiver):
    receiver.answers = [Answer(503), Answer()]
    (delivery_id,) = queue(hook(receiver.url()))
    send_deliveries()
    time.sleep(1.1)
    make_due(delivery_id)
    send_deliveries()
    first, second = (one.headers for one in receiver.received)
    assert first["webhook-timestamp"] < second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]


def test_what_a_receiver_asks_for_is_waited_and_by_all_when_it_has_too_much(receiver):
    receiver.answers = [Answer(429, headers={"Retry-After": "600"})]
    webhook_id = hook(receiver.url())
    (first,) = queue(webhook_id)
    (other,) = queue(webhook_id, next_attempt_at=now() + timedelta(seconds=60))
    begun = now()
    send_deliveries()
    for delivery_id in (first, other):
        delivery = row(WebhookDelivery, delivery_id)
        assert delivery.next_attempt_at - begun >= timedelta(seconds=600)
    receiver.answers = [Answer(503, headers={"Retry-After": "999999999"})]
    make_due(first)
    send_deliveries()
    longest = row(WebhookDelivery, first).next_attempt_at
    assert longest - now() <= timedelta(seconds=86_400)


def test_gone_switches_off_and_tells_the_owner(receiver):
    receiver.answers = [Answer(410)]
    webhook_id = hook(receiver.url(), name="<b>plant</b>")
    first, second = queue(webhook_id), queue(webhook_id, next_attempt_at=now() + timedelta(hours=1))
    send_deliveries()
    webhook = row(Webhook, webhook_id)
    assert not webhook.is_active
    assert "gone" in webhook.disabled_reason
    for (delivery_id,) in (first, second):
        assert row(WebhookDelivery, delivery_id).status is DeliveryStatus.FAILED
    with unit_of_work(writing=False) as session:
        notice = session.scalars(select(Notice)).one()
        assert (notice.user_id, notice.level) == (webhook.owner_id, "error")
        assert "“<b>plant</b>” was switched off" in notice.text
        event = session.scalars(select(Event).where(Event.type == "webhook.disabled")).one()
        assert event.object == f"webhook:{webhook_id}"


def test_a_long_failure_switches_off_and_a_success_starts_anew(receiver):
    webhook_id = hook(receiver.url(), failing_since=now() - timedelta(days=4))
    queue(webhook_id)
    send_deliveries()
    assert row(Webhook, webhook_id).failing_since is None
    receiver.answers = [Answer(500)]
    (delivery_id,) = queue(webhook_id)
    send_deliveries()
    assert row(Webhook, webhook_id).failing_since is not None
    with unit_of_work() as session:
        session.get_one(Webhook, webhook_id).failing_since = now() - timedelta(days=3, minutes=1)
    make_due(delivery_id)
    send_deliveries()
    webhook = row(Webhook, webhook_id)
    assert (webhook.is_active, "3 days" in webhook.disabled_reason) == (False, True)
    assert count_of(Notice) == 1


def test_a_webhook_that_is_off_is_not_sent_to(receiver):
    queue(hook(receiver.url(), is_active=False))
    assert send_deliveries() == 0
    assert receiver.received == []


def test_what_waits_for_somebody_who_was_disabled_is_not_sent(receiver):
    webhook_id = hook(receiver.url())
    queue(webhook_id)
    with unit_of_work() as session:
        owner_id = session.get_one(Webhook, webhook_id).owner_id
        session.get_one(User, owner_id).disabled_at = now()
    assert send_deliveries() == 0


def test_two_processes_do_not_send_the_same(receiver):
    queue(hook(receiver.url()), 2)
    first = claim_due("one", 16, {})
    assert len(first) == 2
    assert claim_due("two", 16, {}) == []
    with unit_of_work() as session:  # the first is lost, and its lease runs out
        for one in first:
            session.get_one(WebhookDelivery, one.id).leased_until = now()
    second = claim_due("two", 16, {})
    assert {one.id for one in second} == {one.id for one in first}
    for one in first:
        send_claimed(one.id, "one")  # it comes back from the dead
    assert receiver.received == []
    for one in second:
        send_claimed(one.id, "two")
    assert len(receiver.received) == 2


def test_many_to_one_host_are_each_sent_once(receiver):
    queue(hook(receiver.url()), 2 * IN_A_ROW + 5)
    assert send_deliveries() == 2 * IN_A_ROW + 5
    assert len(set(receiver.ids)) == len(receiver.ids) == 2 * IN_A_ROW + 5
    assert receiver.most_at_once <= 2


def test_hosts_take_turns_and_none_gets_more_than_its_share():
    for number in range(3):
        queue(hook("http://127.0.0.1:9/", host=f"host{number}"), 5)
    hosts = [one.host for one in claim_due("one", 4, {"host0": 2})]
    assert sorted(hosts) == ["host1", "host1", "host2", "host2"]


def test_a_slow_receiver_holds_up_no_other(receiver):
    with receiving() as slow:
        slow.answers = [Answer(after_s=0.5)]
        queue(hook(slow.url(), host="slow"), 4)
        webhook_id = hook(receiver.url(), host="quick")
        ids = queue(webhook_id, 20)
        begun = now()
        assert send_deliveries() == 24
        last = max(row(WebhookDelivery, one).delivered_at for one in ids)
        assert slow.most_at_once == 2
    assert last - begun < now() - begun - timedelta(seconds=0.2)


def test_a_person_may_take_a_webhook_away_while_it_is_sent_to(receiver):
    webhook_id = hook(receiver.url())
    queue(webhook_id)
    (one,) = claim_due("one", 1, {})
    with unit_of_work() as session:
        session.delete(session.get_one(Webhook, webhook_id))
    send_claimed(one.id, "one")
    assert receiver.received == []
    assert count_of(WebhookDelivery) == 0


def test_a_secret_that_cannot_be_read_is_a_failure_that_is_told(server, receiver):
    (delivery_id,) = queue(hook(receiver.url()))
    server.config["ENCRYPTION_KEYS"] = ("A" * 43 + "=",)
    send_deliveries()
    delivery = row(WebhookDelivery, delivery_id)
    assert delivery.status is DeliveryStatus.WAITING
    assert "ENCRYPTION_KEYS" in delivery.last_error


def test_the_address_is_checked_again_at_every_attempt(server, receiver):
    (delivery_id,) = queue(hook(receiver.url()))
    server.config["OUTGOING_ALLOWED"] = ()
    send_deliveries()
    assert "https" in row(WebhookDelivery, delivery_id).last_error
    assert receiver.received == []
