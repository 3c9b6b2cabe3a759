from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Alarm, AlarmState, Event, Severity
from models.base import now
from services.actor import WORKER, acting_as
from services.alarm_service import AlarmFilter, AlarmService
from services.alarms import clear_alarm, open_severity, raise_alarm, wake_shelved
from services.errors import Conflict, Invalid, NotFound
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def told(session) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Event.type, Event.payload).where(Event.type.like("alarm.%")).order_by(Event.id)
    )
    return [(type, payload.get("severity", "")) for type, payload in rows]


@pytest.fixture
def worker(session):
    with acting_as(WORKER):
        yield session


def test_one_alarm_counts_what_is_seen_again_and_tells_once(worker):
    first = raise_alarm(worker, "health", "health:disk", WARNING, "86 % full", share=86)
    again = raise_alarm(worker, "health", "health:disk", WARNING, "87 % full", share=87)
    other = raise_alarm(worker, "health", "health:cpu", WARNING, "busy")
    assert first == again != other
    alarm = worker.get_one(Alarm, first)
    assert (alarm.count, alarm.message, alarm.details) == (2, "87 % full", {"share": 87})
    assert alarm.first_seen_at < alarm.last_seen_at
    assert told(worker) == [("alarm.raised", "warning")] * 2


def test_graver_is_told_again_and_milder_is_not(worker):
    number = raise_alarm(worker, "anomaly", "stream:4", WARNING, "louder")
    with acting_as(factories.actor_of(factories.user(worker))):
        AlarmService.acknowledge(number, "on my way")
    raise_alarm(worker, "anomaly", "stream:4", WARNING, "louder")
    assert worker.get_one(Alarm, number).state is AlarmState.ACKNOWLEDGED
    raise_alarm(worker, "anomaly", "stream:4", CRITICAL, "much louder")
    assert worker.get_one(Alarm, number).state is AlarmState.RAISED
    raise_alarm(worker, "anomaly", "stream:4", WARNING, "louder")
    assert open_severity(worker, "anomaly", "stream:4") is WARNING
    assert told(worker) == [
        ("alarm.raised", "warning"),
        ("alarm.acknowledged", ""),
        ("alarm.raised", "critical"),
    ]


def test_what_was_cleared_is_a_new_alarm_when_it_is_seen_again(worker):
    first = raise_alarm(worker, "health", "health:disk", WARNING, "full")
    assert clear_alarm(worker, "health", "health:disk")
    assert not clear_alarm(worker, "health", "health:disk")
    assert open_severity(worker, "health", "health:disk") is None
    assert raise_alarm(worker, "health", "health:disk", WARNING, "full") != first
    types = [type for type, _ in told(worker)]
    assert types == ["alarm.raised", "alarm.cleared", "alarm.raised"]


def test_nothing_stays_of_what_was_undone(worker):
    def fail():
        with unit_of_work() as session:
            raise_alarm(session, "health", "health:disk", WARNING, "full")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told(worker) == []
    with acting_as(WORKER):
        assert AlarmService.count_alarms() == 0


def test_the_event_says_whom_it_concerns(worker):
    number = raise_alarm(worker, "stream", "stream:9", CRITICAL, "silent", owner_id=7)
    event = worker.scalars(select(Event).where(Event.object == f"alarm:{number}")).one()
    assert event.payload == {
        "kind": "stream",
        "about": "stream:9",
        "severity": "critical",
        "message": "silent",
        "owner_id": 7,
    }


def test_two_processes_that_see_it_at_once_make_one_alarm(server):
    def see(_):
        with server.app_context(), acting_as(WORKER), unit_of_work() as session:
            return raise_alarm(session, "health", "health:disk", WARNING, "full")

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(see, range(16)))
    assert len(numbers) == 1
    with acting_as(WORKER):
        assert AlarmService.get_alarm(numbers.pop())["count"] == 16


def test_a_shelved_alarm_rests_and_comes_back(worker):
    number = raise_alarm(worker, "health", "health:cpu", WARNING, "busy")
    until = now() + timedelta(hours=1)
    person = factories.actor_of(factories.user(worker))
    with acting_as(person):
        shelved = AlarmService.shelve(number, until, "a test runs")
    assert (shelved["state"], shelved["shelved_until"]) == (AlarmState.SHELVED, until)
    assert (shelved["changed_by_name"], shelved["note"]) == (person.name, "a test runs")
    raise_alarm(worker, "health", "health:cpu", WARNING, "busy")
    assert wake_shelved(worker) == []
    worker.get_one(Alarm, number).shelved_until = now() - timedelta(seconds=1)
    worker.flush()
    assert wake_shelved(worker) == [number]
    assert AlarmService.get_alarm(number)["state"] is AlarmState.RAISED


def test_one_seen_after_its_time_on_the_shelf_is_told(worker):
    late = {"state": AlarmState.SHELVED, "shelved_until": now() - timedelta(seconds=1)}
    alarm = factories.alarm(worker, **late)
    raise_alarm(worker, alarm.kind, alarm.object, WARNING, "again")
    assert (alarm.state, alarm.shelved_until) == (AlarmState.RAISED, None)


def test_people_look_at_them_by_state_severity_kind_and_words(analyst, session):
    factories.alarm(session, object="stream:1", message="Größer als 5 g", kind="anomaly")
    over = {"state": AlarmState.CLEARED, "cleared_at": now()}
    factories.alarm(session, object="health:disk", severity=CRITICAL, **over)
    factories.alarm(session, object="health:cpu", severity=Severity.NOTICE)

    def found(**wanted):
        return [alarm["object"] for alarm in AlarmService.list_alarms(wanted=AlarmFilter(**wanted))]

    assert found(states=["cleared"]) == ["health:disk"]
    assert found(severities=["warning", "notice"]) == ["health:cpu", "stream:1"]
    assert found(text="größer") == found(kind="anomaly") == found(object="stream:1") == ["stream:1"]
    assert found(since=now() + timedelta(minutes=1)) == []
    assert AlarmService.list_kinds() == ["anomaly", "health"]
    assert AlarmService.count_alarms(AlarmFilter(kind="health")) == 2
    by_severity = [a["severity"].value for a in AlarmService.list_alarms(sort="-severity")]
    assert by_severity == ["critical", "warning", "notice"]
    assert len(AlarmService.list_alarms(1, 1)) == 1
    for wrong in ({"states": ["odd"]}, {"severities": ["odd"]}):
        with pytest.raises(Invalid, match="is one of"):
            found(**wrong)
    with pytest.raises(Invalid, match="sorted by one of"):
        AlarmService.list_alarms(sort="note")


def test_what_has_ended_is_not_changed_but_for_what_was_found(analyst, session):
    number = factories.alarm(session).id
    cleared = AlarmService.clear(number, "bearing replaced")
    assert (cleared["state"], cleared["note"]) == (AlarmState.CLEARED, "bearing replaced")
    assert cleared["changed_by"] == analyst.user_id
    for change in (AlarmService.acknowledge, AlarmService.clear):
        with pytest.raises(Conflict, match=f"Alarm {number} cannot be .*: it is cleared"):
            change(number)
    with pytest.raises(Conflict):
        AlarmService.shelve(number, now() + timedelta(hours=1))
    assert AlarmService.confirm_fault(number, " inner race ")["confirmed_fault"] == "inner race"
    assert AlarmService.confirm_fault(number, "")["confirmed_fault"] is None
    with pytest.raises(NotFound, match="There is no alarm 9999"):
        AlarmService.acknowledge(9999)


@pytest.mark.parametrize(
    "away", [timedelta(seconds=-1), timedelta(days=91)], ids=["past", "too far"]
)
def test_a_shelf_has_an_end(analyst, session, away):
    number = factories.alarm(session).id
    with pytest.raises(Invalid, match="within 90 days"):
        AlarmService.shelve(number, now() + away)
    with pytest.raises(Invalid, match="needs a time zone"):
        AlarmService.shelve(number, now().replace(tzinfo=None))
    with pytest.raises(Invalid, match="at most 2000 characters, got 2001"):
        AlarmService.acknowledge(number, "x" * 2001)
    with pytest.raises(Invalid, match="note has characters that cannot be shown"):
        AlarmService.acknowledge(number, "seen\0")
    assert AlarmService.acknowledge(number, "seen,\nand heard")["note"] == "seen,\nand heard"
