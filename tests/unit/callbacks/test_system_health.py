from __future__ import annotations

from datetime import timedelta

import pytest

from callbacks import system_health
from layouts.system_health import Ids, build
from models import AlarmState, Severity
from models.base import now
from services.actor import acting_as
from services.errors import Forbidden
from services.monitoring import samples
from services.monitoring.samples import HOUR_S
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.test_jobs import text
from tests.unit.services.test_monitoring_service import machine, service, valkey  # noqa: F401


def test_components_say_their_level_and_why(service, admin):  # noqa: F811
    status, components, workers = system_health.show_health(0)
    assert "healthy" in text(status)
    for part in ("Database", "The database answers.", "Queues", "0 jobs wait.", "Measuring"):
        assert part in text(components)
    assert "interactive, default" in text(workers)


def test_without_workers_the_page_says_what_to_do(server, admin):
    status, components, workers = system_health.show_health(0)
    assert "unhealthy" in text(status)
    assert "Valkey does not answer" in text(components)
    assert "python -m cli worker" in text(workers)


def test_nothing_measured_yet(admin):
    charts, incidents = system_health.show_history(0, 24)
    assert "Nothing was measured in this time" in text(charts)
    assert "No incident in this time" in text(incidents)


def test_charts_have_units_and_incidents_their_end(admin):
    began = now() - timedelta(minutes=30)
    with unit_of_work() as session:
        at = samples.begin_of(now(), HOUR_S)
        measured = {"cpu_percent": 10.0, "waiting.default": 3.0, "job_longest_s": 7.0}
        samples.store_sample(session, at, 60, "host", measured)
        over = {"state": AlarmState.CLEARED, "cleared_at": began + timedelta(minutes=5)}
        factories.alarm(
            session, object="health:cpu", severity=Severity.CRITICAL, first_seen_at=began, **over
        )
    charts, incidents = system_health.show_history(0, 24)
    drawn = text(charts)
    for part in ("In use [%]", "Time that jobs took [s]", "Jobs that wait", "processor", "default"):
        assert part in drawn
    for part in ("critical", "cleared", "5 min 0 s", "/alarms?id="):
        assert part in text(incidents)


@pytest.mark.parametrize(("given", "hours"), [("168", 168), ("7", 24), ("x", 24), (None, 24)])
def test_the_address_says_how_far_back(server, given, hours):
    stores = [one for one in build(given)._traverse() if getattr(one, "id", None) == Ids.hours]
    assert [store.data for store in stores] == [hours]


def test_only_admins(analyst):
    with acting_as(analyst), pytest.raises(Forbidden):
        system_health.show_health(0)


def test_what_is_kept_is_told(admin):
    shown = text(system_health.show_retention(""))
    for part in ("lines of jobs", "90 days", "for ever", "RETENTION_DAYS"):
        assert part in shown


def test_of_many_incidents_the_newest_are_listed(admin):
    with unit_of_work() as session:
        for number in range(52):
            over = {"state": AlarmState.CLEARED, "cleared_at": now()}
            began = now() - timedelta(minutes=number)
            factories.alarm(session, object="health:cpu", first_seen_at=began, **over)
    _, incidents = system_health.show_history(0, 24)
    assert "2 earlier ones" in text(incidents)
