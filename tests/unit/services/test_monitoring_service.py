from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from models import Alarm, AlarmState, Job, JobKind, JobStatus, MetricSample, Severity
from models.base import now
from services import health, leases
from services.actor import WORKER, acting_as
from services.alarm_service import AlarmFilter, AlarmService
from services.errors import Forbidden, Invalid
from services.monitoring import samples
from services.monitoring.levels import Level
from services.monitoring.machine import Machine, MachineLoad
from services.monitoring_service import MonitoringService, monitoring_service
from services.runtime import unit_of_work
from tests import factories
from tests.unit.services.test_health import FakeValkey

MINUTE = timedelta(minutes=1)


class Told:
    """A machine that is as a test says."""

    def __init__(self, cpu=10.0, memory=20.0, disk=30.0) -> None:
        self.load = MachineLoad("host", cpu, memory, disk)

    def look(self) -> MachineLoad:
        return self.load

    def become(self, cpu=10.0, memory=20.0, disk=30.0) -> None:
        self.load = MachineLoad("host", cpu, memory, disk)


@pytest.fixture
def machine() -> Told:
    return Told()


@pytest.fixture
def valkey(server) -> FakeValkey:
    fake = server.extensions["valkey"] = FakeValkey()
    health.hear_worker("all", health.QUEUES)
    return fake


@pytest.fixture
def service(server, sent, machine, valkey) -> MonitoringService:
    return MonitoringService(machine)


def collect(service) -> bool:
    """As a minute later: what was measured before is a minute older."""
    with unit_of_work() as session:
        older = session.scalars(select(MetricSample).order_by(MetricSample.at))
        for row in older.all():
            row.at -= MINUTE
            session.flush()
    with acting_as(WORKER):
        return service.collect()


def alarms(**wanted) -> dict[str, str]:
    with acting_as(WORKER):
        found = AlarmService.list_alarms(wanted=AlarmFilter(kind="health", **wanted))
    return {alarm["object"]: alarm["severity"].value for alarm in found}


OPEN = {"states": ["raised", "acknowledged", "shelved"]}


def test_what_was_measured_is_the_same_in_every_process(service, admin):
    assert service.get_current_metrics() == {}
    assert collect(service)
    told = monitoring_service.get_current_metrics()
    assert told == service.get_current_metrics()
    assert (told["host"], told["seconds"], told["cpu_percent"]) == ("host", 60, 10.0)
    assert (told["workers"], told["broker"], told["waiting.default"]) == (1.0, 1.0, 0.0)


def test_one_process_measures_at_a_time(service, server):
    with acting_as(WORKER):
        assert leases.take("collector", MINUTE, "another process") == 1
    assert not collect(service)
    with acting_as(WORKER):
        leases.give_back("collector", "another process")
    assert collect(service)
    with acting_as(WORKER):
        assert leases.take("collector", MINUTE, "another process") is None


def test_a_minute_is_kept_once(service):
    with acting_as(WORKER), unit_of_work() as session:
        moment = now()
        kept = [samples.store_sample(session, moment, 60, "host", {"cpu": n}) for n in (1.0, 2.0)]
        assert kept == [True, False]
        assert session.scalars(select(MetricSample.measured)).all() == [{"cpu": 1.0}]


def test_one_peak_raises_nothing_and_the_mean_of_five_minutes_does(service, machine, admin):
    for _ in range(4):
        collect(service)
    machine.become(cpu=100.0)
    collect(service)
    assert alarms() == {}
    for _ in range(3):
        collect(service)
    assert alarms(**OPEN) == {"health:cpu": "warning"}
    status = service.get_health_status()
    cpu = next(check for check in status["components"] if check["name"] == "cpu")
    assert (cpu["level"], cpu["ok"]) == (Level.DEGRADED, True)
    assert status["status"] is Level.DEGRADED
    collect(service)
    assert alarms(**OPEN) == {"health:cpu": "critical"}


def test_an_alarm_stays_until_the_value_is_well_below_its_limit(service, machine):
    machine.become(disk=86.0)
    collect(service)
    assert alarms(**OPEN) == {"health:disk": "warning"}
    machine.become(disk=84.0)
    for _ in range(7):
        collect(service)
    assert alarms(**OPEN) == {"health:disk": "warning"}
    machine.become(disk=82.0)
    for _ in range(7):
        collect(service)
    assert alarms(**OPEN) == {}
    assert list(alarms(states=["cleared"])) == ["health:disk"]


def test_a_silent_worker_is_told_of_when_two_looks_agree(service, valkey, admin):
    collect(service)
    valkey.memory.now += 61
    collect(service)
    assert alarms() == {}
    collect(service)
    assert set(alarms(**OPEN)) == {f"health:workers.{queue}" for queue in health.QUEUES}
    assert set(alarms(**OPEN).values()) == {"warning"}
    assert service.get_health_status()["status"] is Level.DEGRADED
    valkey.memory.now += 240
    collect(service)
    collect(service)
    assert set(alarms(**OPEN).values()) == {"critical"}
    health.hear_worker("all", health.QUEUES)
    collect(service)
    assert alarms(**OPEN) == {}


def test_valkey_that_went_away_is_told_of_and_comes_back(service, server, admin):
    class Gone:
        is_reachable = False

        def ask(self, _question):
            return None

    there, server.extensions["valkey"] = server.extensions["valkey"], Gone()
    collect(service)
    assert alarms() == {}
    collect(service)
    assert alarms(**OPEN) == {"health:broker": "critical"}
    assert service.get_health_status()["status"] is Level.UNHEALTHY
    assert service.list_workers() == []
    server.extensions["valkey"] = there
    collect(service)
    collect(service)
    assert alarms(**OPEN) == {}
    assert [worker["name"] for worker in service.list_workers()] == ["all"]


def wait(session, minutes: float, kind=JobKind.CLEAN_UP, **given) -> Job:
    job = factories.job(session, kind=kind, **given)
    session.execute(update(Job).where(Job.id == job.id).values(created_at=now() - minutes * MINUTE))
    session.refresh(job)
    return job


@pytest.mark.parametrize(
    ("minutes", "level"), [(4.9, "healthy"), (5.1, "degraded"), (30.1, "unhealthy")]
)
def test_a_queue_is_as_old_as_its_oldest_job(service, session, minutes, level):
    wait(session, minutes)
    wait(session, 1.0)
    check = health.check_queues()
    assert (check["level"].value, check["ok"]) == (level, True)
    collect(service)
    collect(service)
    expected = {"degraded": "warning", "unhealthy": "critical"}
    assert alarms(**OPEN).get("health:queue.default") == expected.get(level)


def test_a_row_of_trainings_is_a_plan_while_one_of_them_runs(service, session):
    wait(session, 90.0, JobKind.TRAIN_EXPERIMENT)
    assert health.check_queues()["level"] is Level.UNHEALTHY
    running = factories.job(session, kind=JobKind.TRAIN_EXPERIMENT, status=JobStatus.RUNNING)
    assert health.check_queues()["level"] is Level.HEALTHY
    session.delete(running)
    session.flush()


def test_a_job_that_is_tried_again_waits_from_then_on(service, session):
    wait(session, 90.0, attempt=1)
    assert health.check_queues()["level"] is Level.HEALTHY


def test_jobs_that_ended_are_counted_with_what_they_took(service, session, admin):
    end = now()
    for took, status in ((2, JobStatus.DONE), (4, JobStatus.DONE), (9, JobStatus.FAILED)):
        began = end - timedelta(seconds=took)
        factories.job(session, status=status, started_at=began, finished_at=end)
    long_ago = end - timedelta(minutes=2)
    factories.job(session, status=JobStatus.DONE, started_at=long_ago, finished_at=long_ago)
    collect(service)
    told = service.get_current_metrics()
    assert (told["jobs_done"], told["jobs_failed"]) == (2.0, 1.0)
    assert (told["job_s"], told["job_longest_s"]) == (3.0, 4.0)


def test_nobody_measures_is_told(service, server, admin):
    assert health.check_load()[0]["message"].startswith("Nothing is measured yet")
    with unit_of_work() as session:
        samples.store_sample(session, now() - 6 * MINUTE, 60, "host", {"cpu_percent": 99.0})
    (check,) = health.check_load()
    assert (check["name"], check["level"], check["ok"]) == ("collector", Level.DEGRADED, True)
    assert "beat" in check["message"]


def fill(session, begin, count, **measured):
    """One measurement each minute from a moment on."""
    for minute in range(count):
        values = {name: value(minute) for name, value in measured.items()}
        samples.store_sample(session, begin + minute * MINUTE, 60, "host", values)


@pytest.mark.database
def test_hours_that_are_over_are_summed_up_once(server, database):
    end = samples.begin_of(now(), 3_600)
    with unit_of_work() as session:
        fill(session, end - timedelta(hours=3), 60, cpu_percent=float)
        fill(session, end - timedelta(hours=1), 61, cpu_percent=lambda _: 5.0)
        assert samples.roll_up(session, end + MINUTE) == 2
        assert samples.roll_up(session, end + MINUTE) == 0
        hours = select(MetricSample.at, MetricSample.measured).where(MetricSample.seconds == 3_600)
        rolled = dict(session.execute(hours.order_by(MetricSample.at)).all())
    assert rolled == {
        end - timedelta(hours=3): {"cpu_percent": [29.5, 0.0, 59.0]},
        end - timedelta(hours=1): {"cpu_percent": [5.0, 5.0, 5.0]},
    }


def test_a_history_of_hours_shows_minutes_and_one_of_days_shows_hours(service, admin):
    end = samples.begin_of(now(), 3_600)
    with unit_of_work() as session:
        fill(session, end - timedelta(hours=2), 120, cpu_percent=lambda m: float(m % 4))
        samples.roll_up(session, end)
    day = service.get_history(24)
    assert day["seconds"] == 240
    assert len(day["at"]) == 30
    assert (day["mean"]["cpu_percent"][3], day["highest"]["cpu_percent"][3]) == (1.5, 3.0)
    week = service.get_history(24 * 7)
    assert (week["seconds"], len(week["at"])) == (3_600, 2)
    assert (week["mean"]["cpu_percent"], week["highest"]["cpu_percent"]) == ([1.5] * 2, [3.0] * 2)
    with pytest.raises(Invalid, match="from 1 to 9600 hours, got 0"):
        service.get_history(0)


def test_alerts_are_those_of_the_installation_lately(service, session, admin):
    factories.alarm(session, object="health:disk", severity=Severity.CRITICAL)
    factories.alarm(session, object="stream:1", kind="anomaly")
    old = {"last_seen_at": now() - timedelta(hours=25), "state": AlarmState.CLEARED}
    factories.alarm(session, object="health:cpu", cleared_at=now(), **old)
    assert [alarm["object"] for alarm in service.get_recent_alerts()] == ["health:disk"]
    both = [alarm["object"] for alarm in service.get_recent_alerts(48)]
    assert both == ["health:disk", "health:cpu"]


def test_a_thread_measures_until_it_is_stopped(server, admin, valkey):
    seen = threading.Event()

    class Seen(Told):
        def look(self):
            seen.set()
            return super().look()

    service = MonitoringService(Seen())
    with pytest.raises(Invalid, match="1 to 1800 s, got 0"):
        service.start_monitoring(0)
    service.start_monitoring(1)
    assert seen.wait(30)
    service.stop_monitoring()
    service.stop_monitoring()


def test_the_machine_itself_is_looked_at(server):
    load = Machine().look()
    assert load.host
    assert 0.0 <= load.cpu_percent <= 100.0
    assert 0.0 < load.memory_percent < 100.0
    assert 0.0 < load.disk_percent <= 100.0


def test_people_who_are_no_admins_see_nothing_of_it(service, analyst):
    for door in (service.get_current_metrics, service.get_health_status, service.get_history):
        with pytest.raises(Forbidden, match="Only an admin"):
            door()
    with pytest.raises(Forbidden, match="Only a worker"):
        service.collect()
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Alarm)) == 0
