from __future__ import annotations

import threading

import pytest

from models import Event, StreamCheckpoint, StreamSession
from models.base import now
from services import runtime
from services.actor import WORKER, acting_as
from services.alarm_service import AlarmFilter, AlarmService
from services.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unavailable
from services.streaming import keeping, transport
from services.streaming_service import StreamingService as Service
from tests import anomalous, factories

SPIKE = {"g": 99.0, "rpm": 101.0}


@pytest.fixture
def session_id(streams, analyst) -> str:
    return Service.start_session(name="pump")["id"]


def test_a_session_has_the_defaults_of_the_contract(streams, analyst):
    made = Service.start_session()
    assert (made["algorithm"], made["window_size"], made["threshold"]) == (
        "zscore_rolling",
        100,
        3.0,
    )
    assert (made["status"], made["columns"], made["config"]) == ("running", None, {})
    assert len(made["id"]) == 26


def test_a_session_may_name_a_source_that_there_is(streams, analyst):
    source_id = anomalous.source()
    assert Service.start_session(source_id=source_id)["source_id"] == source_id


def test_a_spike_becomes_an_alert_an_alarm_and_an_event(streams, session_id, waves):
    streams.push(session_id, *waves(30))
    streams.push(session_id, SPIKE)
    streams.go_round()
    status = Service.get_status(session_id)
    assert (status["total_points"], status["total_alerts"]) == (31, 1)
    assert status["statistics"]["g"]["max"] == 99.0
    assert status["statistics"]["g"]["anomaly_count"] == 1
    assert status["buffer_utilization"] == 0.0
    (alert,) = status["recent_alerts"]
    assert (alert["sequence"], alert["data_point"]) == (30, SPIKE)
    assert alert["details"]["anomaly_columns"] == ["g"]
    assert alert["details"]["threshold"] == 3.0
    (alarm,) = AlarmService.list_alarms(wanted=AlarmFilter(kind="stream"))
    assert alarm["object"] == f"stream:{session_id}"
    with runtime.unit_of_work(writing=False) as session:
        told = session.query(Event).filter(Event.type == "stream.alert").one()
    assert told.payload["alert_ids"] == [alert["id"]]
    assert "g" in told.payload["sentence"]


def test_what_is_told_later_names_the_worst(streams, session_id, waves):
    streams.push(session_id, *waves(30), {"g": 2.0, "rpm": 101.0})
    streams.go_round()
    (alarm,) = AlarmService.list_alarms(wanted=AlarmFilter(kind="stream"))
    assert alarm["severity"] == "warning"
    assert alarm["details"]["name"] == "pump"
    streams.push(session_id, SPIKE, *waves(30), {"g": 150.0, "rpm": 101.0})
    streams.go_round()
    alerts = Service.list_alerts(session_id)
    assert len(alerts) == 3
    with runtime.unit_of_work() as session:
        session.get_one(StreamSession, session_id).told_at = now() - 2 * keeping.TELL_EVERY
    with acting_as(WORKER):
        keeping.tell_rest(range(transport.SHARDS))
    (alarm,) = AlarmService.list_alarms(wanted=AlarmFilter(kind="stream"))
    assert alarm["severity"] == "critical"
    worst = max(one["anomaly_score"] for one in alerts)
    assert f"2 alerts, the worst with score {worst:.3g} in g" in alarm["message"]
    with runtime.unit_of_work(writing=False) as session:
        told = session.query(Event).filter(Event.type == "stream.alert").all()
        raised = session.query(Event).filter(Event.type == "alarm.raised").count()
    later = [one["id"] for one in alerts if one["sequence"] > 30]
    assert set(told[-1].payload["alert_ids"]) == set(later)
    assert raised == 2  # when it began, and when it became graver


def test_an_acknowledged_alarm_does_not_come_back_with_each_alert(streams, session_id, waves):
    streams.push(session_id, *waves(30), SPIKE)
    streams.go_round()
    (alarm,) = AlarmService.list_alarms(wanted=AlarmFilter(kind="stream"))
    AlarmService.acknowledge(alarm["id"])
    for point in ({"g": 1.2, "rpm": 104.0}, {"g": 9e4, "rpm": 101.0}):
        with runtime.unit_of_work() as session:
            session.get_one(StreamSession, session_id).told_at = now() - 2 * keeping.TELL_EVERY
        streams.push(session_id, *waves(20), point)
        streams.go_round()
        (alarm,) = AlarmService.list_alarms(wanted=AlarmFilter(kind="stream"))
        assert (alarm["severity"], alarm["state"]) == ("critical", "acknowledged")
    found = sorted(Service.list_alerts(session_id), key=lambda one: one["sequence"])
    assert [one["severity"].value for one in found] == ["critical", "warning", "critical"]


def test_points_and_scores_can_be_looked_at(streams, session_id, waves):
    streams.push(session_id, *waves(20))
    streams.push(session_id, {"g": None, "rpm": 5.0})
    streams.go_round()
    shown = Service.get_data(session_id, 3)
    assert [point["sequence"] for point in shown] == [18, 19, 20]
    assert shown[-1]["data"] == {"g": None, "rpm": 5.0}
    assert shown[-1]["is_anomaly"]
    live = Service.get_live(session_id, 10)
    assert live["limit"] == 3.0
    assert live["judged_after_ms"] >= 0


def test_columns_are_those_of_the_first_point(streams, session_id):
    streams.push(session_id, {"a": 1.0, "b": None}, {"a": 2.0, "b": 3.0, "c": 4.0})
    streams.go_round()
    assert Service.get_session(session_id)["columns"] == ["a"]


def test_given_columns_leave_others_aside(streams, analyst):
    made = Service.start_session(columns=["b", "a"])["id"]
    streams.push(made, {"a": 1.0, "b": 2.0, "x": 9.0}, {"a": 3.0})
    streams.go_round()
    assert Service.get_data(made)[-1]["data"] == {"b": None, "a": 3.0}


def test_who_waits_is_told_when_it_is_judged(streams, session_id, waves):
    worker, stop = streams.again(), threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        given = [{"data": one} for one in [*waves(30), SPIKE]]
        pushed = Service.push(session_id, given, sent_as="one")
        again = Service.push(session_id, given, sent_as="one")
    finally:
        stop.set()
        thread.join()
    (alert,) = pushed["alerts"]
    assert alert["data_point"] == SPIKE
    assert [one["id"] for one in again["alerts"]] == [alert["id"]]
    assert again["first"] == pushed["first"] == 0
    assert Service.get_session(session_id)["total_points"] == 31
    with pytest.raises(Invalid, match="other points"):
        Service.push(session_id, [{"data": SPIKE}], False, "one")


def test_a_new_worker_goes_on_where_the_dead_one_was(streams, session_id, waves):
    """The first has judged and not kept; the second judges again and doubles nothing."""
    points = waves(60)
    streams.push(session_id, *points[:40])
    streams.go_round()
    kept = Service.get_session(session_id)["total_points"]
    dead = streams.workers[0]
    dead._checkpoint_at = float("inf")  # dies before its next checkpoint
    streams.push(session_id, *points[40:], SPIKE)
    streams.go_round()
    before = Service.list_alerts(session_id)
    dead._client.close()
    streams.again()
    streams.go_round()
    after = Service.get_status(session_id)
    assert (kept, after["total_points"], after["total_alerts"]) == (40, 61, 1)
    assert [one["id"] for one in Service.list_alerts(session_id)] == [before[0]["id"]]
    assert len(Service.get_data(session_id, 1000)) == 61
    with runtime.unit_of_work(writing=False) as session:
        assert session.get(StreamCheckpoint, session_id) is not None


def test_who_lost_the_lease_keeps_nothing(streams, session_id, waves):
    streams.push(session_id, *waves(10))
    late = streams.again("old:worker")
    late._checkpoint_at = float("inf")
    streams.go_round()
    with runtime.unit_of_work() as session:
        from models import Lease

        session.query(Lease).update({"holder": "other:worker", "fence": Lease.fence + 1})
    late._hold_at, late._checkpoint_at = float("inf"), 0.0
    streams.go_round(1)
    assert Service.get_session(session_id)["total_points"] == 10  # of Valkey
    with runtime.unit_of_work(writing=False) as session:
        assert session.get(StreamCheckpoint, session_id) is None


def test_what_does_not_run_takes_no_points(streams, session_id):
    assert Service.pause_session(session_id)["status"] == "paused"
    with pytest.raises(Conflict, match="paused"):
        streams.push(session_id, SPIKE)
    with pytest.raises(Conflict):
        Service.pause_session(session_id)
    Service.resume_session(session_id)
    assert streams.push(session_id, SPIKE) == 0
    stopped = Service.stop_session(session_id)
    assert (stopped["status"], stopped["stopped_at"] is None) == ("stopped", False)
    with pytest.raises(Conflict, match="stopped"):
        streams.push(session_id, SPIKE)
    with pytest.raises(Conflict):
        Service.resume_session(session_id)


def test_a_full_session_refuses_before_it_accepts(streams, session_id, monkeypatch):
    monkeypatch.setattr(transport, "CAPACITY", 3)
    streams.push(session_id, SPIKE, SPIKE)
    with pytest.raises(RateLimited, match="None of these") as refused:
        streams.push(session_id, SPIKE, SPIKE)
    assert refused.value.details == {"retry_after_s": 1}
    assert streams.push(session_id, SPIKE) == 2


def test_the_quota_is_in_points(streams, session_id, monkeypatch):
    monkeypatch.setattr(transport.Batch, "quota", 2)
    monkeypatch.setattr(
        "services.streaming.pushing.Batch",
        lambda **given: transport.Batch(**given, quota=2),
    )
    streams.push(session_id, SPIKE, SPIKE)
    with pytest.raises(RateLimited, match="2 points may be sent"):
        streams.push(session_id, SPIKE)


def test_a_session_that_valkey_lost_is_opened_again(streams, session_id, real_valkey):
    real_valkey.client.flushall()
    assert streams.push(session_id, SPIKE) == 0
    with pytest.raises(NotFound):
        streams.push("01ARZ3NDEKTSV4RRFFQ69G5FAV", SPIKE)


def test_a_deleted_session_leaves_nothing(streams, session_id, waves):
    streams.push(session_id, *waves(30), SPIKE)
    streams.go_round()
    Service.delete_session(session_id)
    with pytest.raises(NotFound):
        Service.get_session(session_id)
    with pytest.raises(NotFound):
        streams.push(session_id, SPIKE)
    (alarm,) = AlarmService.list_alarms(wanted=AlarmFilter(kind="stream"))
    assert alarm["state"] == "cleared"


def test_an_alert_is_acknowledged_once(streams, session_id, waves, analyst):
    streams.push(session_id, *waves(30), SPIKE)
    streams.go_round()
    (alert,) = Service.list_alerts(session_id)
    seen = Service.acknowledge_alert(session_id, alert["id"])
    assert seen["acknowledged_by"] == analyst.user_id
    with pytest.raises(Conflict):
        Service.acknowledge_alert(session_id, alert["id"])
    with pytest.raises(NotFound):
        Service.acknowledge_alert(session_id, "none")


def test_others_look_and_do_not_push(streams, session_id):
    with runtime.unit_of_work() as session:
        other = factories.actor_of(factories.user(session))
    with acting_as(other):
        assert Service.get_session(session_id)["name"] == "pump"
        with pytest.raises(Forbidden):
            streams.push(session_id, SPIKE)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"algorithm": "guess"}, "guess"),
        ({"window_size": 9}, "window_size"),
        ({"threshold": 11}, "threshold"),
        ({"columns": []}, "columns"),
        ({"columns": ["a", "a"]}, "columns"),
        ({"algorithm": "ema", "config": {"alpha": 2}}, "alpha"),
        ({"source_id": "none"}, "none"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x\0"}, "name"),
        ({"columns": ["a\0"]}, "columns"),
    ],
)
def test_what_a_session_cannot_be_is_refused_by_name(server, analyst, given, named):
    with pytest.raises(Invalid, match=named):
        Service.start_session(**given)


def test_without_valkey_nothing_starts_and_looking_goes_on(server, analyst):
    with pytest.raises(Unavailable):
        Service.start_session()
    assert Service.list_sessions() == []
    assert Service.count_sessions("running") == 0


@pytest.mark.parametrize(("most", "kept"), [(4, 3), (2, 2)])
def test_sessions_leave_the_memory_only_where_there_are_too_many(
    streams, analyst, waves, monkeypatch, most, kept
):
    monkeypatch.setattr("services.streaming.transport.SHARDS", 1)
    monkeypatch.setattr("services.streaming.shard.MOST_SESSIONS", most)
    for name in ("a", "b", "c"):
        streams.push(Service.start_session(name=name)["id"], *waves(5))
    streams.go_round()
    (shard,) = streams.workers[0]._shards.values()
    assert len(shard.sessions) == kept
