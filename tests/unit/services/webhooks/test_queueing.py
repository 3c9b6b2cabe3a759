from __future__ import annotations

import pytest
from sqlalchemy import select

from models import DeliveryStatus, Event, WebhookDelivery
from models.base import now
from services.webhooks import queueing
from services.webhooks.queueing import queue_deliveries
from tests import factories


@pytest.fixture
def owner(session):
    return factories.user(session)


@pytest.fixture
def event(session):
    event = Event(type="training.complete", actor="worker", object="experiment:1", payload={})
    session.add(event)
    session.flush()
    return event


def queued(session, owner, event):
    return queue_deliveries(
        session,
        user_id=owner.id,
        event_id=event.id,
        event_type=event.type,
        data={"title": "Trained"},
        at=event.created_at,
    )


def rows(session):
    return session.scalars(select(WebhookDelivery)).all()


def test_each_webhook_that_wants_the_event_gets_it_once(session, owner, event):
    first = factories.webhook(session, owner_id=owner.id)
    second = factories.webhook(session, owner_id=owner.id)
    factories.webhook(session)  # somebody else's
    for _twice in range(2):
        told = queued(session, owner, event)
        assert [(one["webhook_id"], one["status"]) for one in told] == [
            (first.id, "queued"),
            (second.id, "queued"),
        ]
    made = rows(session)
    assert [row.webhook_id for row in made] == [first.id, second.id]
    assert len({row.message_id for row in made}) == 2
    assert {(row.data["title"], row.occurred_at) for row in made} == {("Trained", event.created_at)}
    assert all(row.next_attempt_at <= now() for row in made)


def test_who_does_not_want_it_is_told_why(session, owner, event, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_WAITING", 1)
    factories.webhook(session, owner_id=owner.id, enabled_events=["hpo.trial_complete"])
    factories.webhook(session, owner_id=owner.id, is_active=False)
    full = factories.webhook(session, owner_id=owner.id)
    factories.delivery(session, webhook_id=full.id)
    other = factories.webhook(session, owner_id=owner.id)
    factories.delivery(session, webhook_id=other.id, status=DeliveryStatus.DELIVERED)
    told = queued(session, owner, event)
    assert [one["reason"] for one in told] == [
        "It does not want this event.",
        "It is switched off.",
        "1 deliveries wait for it already.",
        "",
    ]
    assert [one["status"] for one in told] == ["skipped", "skipped", "skipped", "queued"]
    assert len(rows(session)) == 3


def test_somebody_without_webhooks_gets_nothing(session, owner, event):
    assert queued(session, owner, event) == []


def test_who_is_disabled_is_sent_nothing(session, owner, event):
    factories.webhook(session, owner_id=owner.id)
    owner.disabled_at = now()
    (told,) = queued(session, owner, event)
    assert (told["status"], told["reason"]) == ("skipped", "Its owner is disabled.")
    assert rows(session) == []
