from __future__ import annotations

import threading

from models import Role
from services import actor
from services.campaigns.running import CampaignRunService
from services.mail.digests import process_due
from services.mail.sending import send_due
from services.monitoring_service import monitoring_service
from services.notifications.routing import route_due
from tasks import rounds
from tasks.rounds import Round, go_round_for_ever, repeat
from tasks.webhooks import send_deliveries

LOST = "sweeping for lost jobs"


def test_a_round_acts_as_the_worker_and_goes_on_when_it_fails(server, caplog):
    stop, seen = threading.Event(), []

    def work():
        seen.append(actor.worker().role)
        if len(seen) == 3:
            stop.set()
        raise OSError("away")

    repeat(server, Round("watching", 0.001, work), stop)
    assert seen == [Role.ADMIN] * 3
    assert "watching failed; it is tried again in 0.001 s" in caplog.text


def test_a_round_that_waits_holds_up_no_other(server, monkeypatch):
    is_let_go, done = threading.Event(), threading.Event()

    class Briefly(threading.Event):
        """Set once both rounds have been gone."""

        def is_set(self):
            return done.is_set()

    monkeypatch.setattr(rounds.threading, "Event", Briefly)

    def wait():
        assert is_let_go.wait(30)

    def go():
        is_let_go.set()
        done.set()

    go_round_for_ever(server, [Round("waiting", 0.001, wait), Round("going", 0.001, go)])
    assert is_let_go.is_set()


def test_each_installation_sends_measures_and_looks_for_what_was_lost(settings):
    """What is queued has somebody who takes it out."""
    assert {one.name: one.work for one in rounds.rounds(settings) if one.name != LOST} == {
        "tending campaigns": CampaignRunService.tend,
        "measuring the installation": monitoring_service.collect,
        "sending webhooks": send_deliveries,
        "telling of what was missed": route_due,
        "writing digests": process_due,
        "sending mail": send_due,
    }
    assert LOST in {one.name for one in rounds.rounds(settings)}
