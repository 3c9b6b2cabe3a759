"""What is done again and again beside the jobs, each on its own beat: the work of ``cli beat``.

A round is short and may be cut off at any moment: it takes what is due from rows, and a
conditional update decides who does it. So two of these processes do no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from services.actor import WORKER, acting_as
from services.campaigns.running import CampaignRunService
from services.mail.digests import process_due
from services.mail.sending import send_due
from services.monitoring_service import EVERY_S, monitoring_service
from services.notifications.routing import route_due
from settings import Settings
from tasks.sweeping import sweep
from tasks.webhooks import send_deliveries

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Round:
    """``work`` is called in an application context, as the worker; it raises what it likes."""

    name: str
    every_s: float
    work: Callable[[], object]


def rounds(settings: Settings) -> tuple[Round, ...]:
    """All rounds of an installation."""
    stale_after = timedelta(seconds=settings.stale_after_s)
    return (
        Round("sweeping for lost jobs", 5.0, lambda: sweep(stale_after)),
        Round("tending campaigns", 5.0, CampaignRunService.tend),
        Round("measuring the installation", EVERY_S, monitoring_service.collect),
        Round("sending webhooks", 1.0, send_deliveries),
        Round("telling of what was missed", 2.0, route_due),
        Round("writing digests", 30.0, process_due),
        Round("sending mail", 2.0, send_due),
    )


def go_round_for_ever(server: Flask, all_rounds: Sequence[Round]) -> None:
    """Run each round in a thread of its own, so that a slow one holds up no other."""
    never = threading.Event()
    threads = [
        threading.Thread(target=repeat, args=(server, one, never), name=one.name, daemon=True)
        for one in all_rounds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def repeat(server: Flask, one: Round, stop: threading.Event) -> None:
    """Do a round until ``stop`` is set; one that fails is tried again at its next time."""
    while not stop.is_set():
        try:
            with server.app_context(), acting_as(WORKER):
                one.work()
        except Exception:
            # The database or the network may be away.
            log.exception("%s failed; it is tried again in %g s", one.name, one.every_s)
        stop.wait(one.every_s)
