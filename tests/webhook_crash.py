"""Deliveries while the process that sends them is killed: what arrives, and how often."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, update

from models import DeliveryStatus, WebhookDelivery
from models.base import now
from services.runtime import unit_of_work
from tests import factories
from tests.receiving import Answer, Receiver, receiving
from tests.running import ROOT, wait_for

ALLOWED = "127.0.0.1/32"


@dataclass(frozen=True)
class Trial:
    """``queued`` and ``arrived`` are ids of messages; the second in order, some of them twice."""

    queued: list[str]
    arrived: list[str]
    delivered: int
    kills: int
    seconds: float

    @property
    def lost(self) -> set[str]:
        return set(self.queued) - set(self.arrived)

    @property
    def unknown(self) -> set[str]:
        return set(self.arrived) - set(self.queued)

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in Counter(self.arrived).values())


def attempt(
    server: Flask, folder: Path, count: int, kill_at: Sequence[int], *, skip_lease: bool = False
) -> Trial:
    """Queue ``count`` deliveries, and kill the sender each time so many have arrived.

    ``skip_lease`` moves the end of what the dead one had leased to now, and saves the wait.
    """
    with receiving() as receiver:
        receiver.answers = [Answer(after_s=0.01)]
        queued = _queue(server, receiver, count)
        begun = time.monotonic()
        for number in kill_at:
            with _sender(folder) as process:
                wait_for(lambda least=number: len(receiver.received) >= least or None)
                process.kill()
                process.wait()
            if skip_lease:
                _end_leases(server)
        with _sender(folder):
            wait_for(lambda: _delivered(server) == count or None)
        seconds = time.monotonic() - begun
        return Trial(queued, receiver.ids, _delivered(server), len(kill_at), seconds)


def _queue(server: Flask, receiver: Receiver, count: int) -> list[str]:
    with server.app_context(), unit_of_work() as session:
        webhook = factories.webhook(session, url=receiver.url(), host="127.0.0.1")
        given = {"webhook_id": webhook.id}
        return [factories.delivery(session, **given).message_id for _ in range(count)]


@contextmanager
def _sender(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process that does the rounds, as ``up`` starts it."""
    given = {"DATA_FOLDER": str(folder), "OUTGOING_ALLOWED": ALLOWED, "SECRET_KEY": "for-tests"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "beat"], cwd=ROOT, env={**os.environ, **given}
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _delivered(server: Flask) -> int:
    arrived = select(func.count(WebhookDelivery.id)).where(
        WebhookDelivery.status == DeliveryStatus.DELIVERED
    )
    with server.app_context(), unit_of_work(writing=False) as session:
        return session.scalar(arrived) or 0


def _end_leases(server: Flask) -> None:
    leased = WebhookDelivery.leased_until.is_not(None)
    with server.app_context(), unit_of_work() as session:
        session.execute(update(WebhookDelivery).where(leased).values(leased_until=now()))
