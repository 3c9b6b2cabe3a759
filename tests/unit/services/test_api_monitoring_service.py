from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from models import APIRequest, KeySum, RequestSum
from models.base import now
from services.actor import WORKER, acting_as
from services.api_key_service import APIKeyService
from services.api_monitoring_service import KEEP_REQUESTS, KEEP_SUMS, APIMonitoringService
from services.api_requests import reading
from services.api_requests.log import Noted, RequestLog, request_log
from services.api_requests.samples import sample
from services.api_requests.writing import BOUNDS_US
from services.runtime import unit_of_work

pytestmark = pytest.mark.database

JOBS = Noted("/jobs", "GET", 200, 4_000)


def write(*noted: Noted) -> None:
    for one in noted:
        request_log().note(one)
    request_log().write()


def test_a_request_is_written_a_moment_later(admin):
    with acting_as(WORKER):
        APIMonitoringService.log_request(
            "/jobs/<int:job_id>", "GET", 404, 7, "192.0.2.7", "curl", error_message="No such job."
        )
    assert APIMonitoringService.get_recent_requests() == []
    request_log().write()
    (row,) = APIMonitoringService.get_recent_requests()
    assert row == APIMonitoringService.get_error_logs()[0]
    assert (row["endpoint"], row["status_code"], row["response_time_ms"]) == (
        "/jobs/<int:job_id>",
        404,
        7.0,
    )
    assert (row["ip_address"], row["error_message"]) == ("192.0.2.7", "No such job.")


def test_stats_and_each_route_by_itself(admin):
    write(
        *[JOBS] * 6, replace(JOBS, status_code=404), replace(JOBS, status_code=500, method="POST")
    )
    write(replace(JOBS, duration_us=40_000))  # adds to the sums that there are
    stats = APIMonitoringService.get_request_stats(1)
    assert (stats["total_requests"], stats["refused"], stats["failed"]) == (9, 1, 1)
    assert stats["error_rate"] == pytest.approx(2 / 9)
    assert stats["avg_response_time_ms"] == pytest.approx((8 * 4 + 40) / 9)
    assert stats["requests_per_minute"] == pytest.approx(9 / 60)
    get, post = APIMonitoringService.get_endpoint_metrics()
    assert (get["method"], get["requests"], post["method"], post["failed"]) == ("GET", 8, "POST", 1)


def test_percentiles_agree_with_those_of_the_numbers_to_the_width_of_a_slot(admin):
    drawn = np.random.default_rng(3).lognormal(9, 1.2, 4_000).astype(int)  # around 8 ms
    write(*[replace(JOBS, duration_us=int(one)) for one in drawn])
    found = APIMonitoringService.get_latency_percentiles()
    bounds = [0, *BOUNDS_US.values()]
    for name, share in (("p50", 50), ("p95", 95), ("p99", 99)):
        exact = np.percentile(drawn, share)
        slot = int(np.searchsorted(bounds, exact))
        assert bounds[slot - 1] <= found[name] * 1000 <= bounds[slot], name
        assert found[name] * 1000 == pytest.approx(exact, rel=0.15)


def test_what_is_slower_than_the_last_bound_is_told_as_that_bound(admin):
    write(replace(JOBS, duration_us=10**8))
    assert APIMonitoringService.get_latency_percentiles()["p50"] == 60_000


def test_without_requests_there_is_no_time(admin):
    assert APIMonitoringService.get_latency_percentiles() == dict.fromkeys(("p50", "p95", "p99"))
    assert APIMonitoringService.get_request_stats()["avg_response_time_ms"] is None


def test_timeline_has_every_slot_and_each_request_once(admin):
    moment = now()
    for minutes in (0, 7, 7, 29):
        write(replace(JOBS, at=moment - timedelta(minutes=minutes)))
    found = APIMonitoringService.get_request_timeline(1, 10)
    assert len(found) in (7, 8)
    assert {(b["at"] - a["at"]).total_seconds() for a, b in itertools.pairwise(found)} == {600.0}
    assert sum(one["requests"] for one in found) == 4
    assert all(one["at"] <= moment for one in found)


def test_top_keys(admin):
    busy, idle = (
        APIKeyService.generate_key(admin.user_id, name)["api_key_id"] for name in ("busy", "idle")
    )
    write(*[replace(JOBS, api_key_id=busy)] * 3, replace(JOBS, api_key_id=idle, status_code=403))
    first, second = APIMonitoringService.get_top_api_keys()
    assert (first["name"], first["requests"], first["owner"]) == ("busy", 3, admin.name)
    assert (second["name"], second["refused"]) == ("idle", 1)
    assert len(APIMonitoringService.get_top_api_keys(1)) == 1


def test_what_finds_no_room_is_counted(admin):
    small = RequestLog(most=2)
    for _ in range(5):
        small.note(JOBS)
    assert small.write() == 2
    stats = APIMonitoringService.get_request_stats()
    assert (stats["total_requests"], stats["lost"]) == (2, 3)


def test_what_is_noted_while_the_database_is_away_stays(admin, monkeypatch):
    small = RequestLog(most=3)
    small.note(JOBS)
    small.note(JOBS)
    with monkeypatch.context() as patched:
        patched.setattr("services.api_requests.log.write", away)
        with pytest.raises(OperationalError):
            small.write()
    small.note(JOBS)
    small.note(JOBS)  # no room any more
    assert small.write() == 3
    assert APIMonitoringService.get_request_stats()["lost"] == 1


def away(*_given):
    raise OperationalError("insert", {}, Exception("away"))


def test_one_that_the_database_does_not_take_holds_up_no_other(admin):
    busy = RequestLog()
    broken = replace(JOBS, api_key_id=999)  # there is no such key
    for one in (JOBS, broken, JOBS, JOBS):
        busy.note(one)
    assert busy.write() == 3
    assert busy.write() == 0
    stats = APIMonitoringService.get_request_stats()
    assert (stats["total_requests"], stats["lost"]) == (3, 1)


def test_texts_that_are_none_are_written(admin):
    body = b'{"name": "\\ud800\\u0000", "\\udfff": [NaN, 1e400, 1.5]}'
    write(replace(JOBS, error_message="got \ud800\0", request_sample=sample(body)))
    with unit_of_work(writing=False) as session:
        kept = session.query(APIRequest).one()
        assert kept.error_message == "got ??"
        assert kept.request_sample == {"name": "??", "?": ["nan", "inf", 1.5]}


def test_old_rows_go_and_totals_stay(admin, monkeypatch):
    monkeypatch.setattr("services.api_monitoring_service.GO_AT_ONCE", 2)
    key_id = APIKeyService.generate_key(admin.user_id, "old")["api_key_id"]
    write(*[replace(JOBS, at=now() - KEEP_REQUESTS - timedelta(minutes=1))] * 5, JOBS)
    write(replace(JOBS, at=now() - KEEP_SUMS - timedelta(hours=2), api_key_id=key_id))
    assert APIMonitoringService.delete_old() == 6
    with unit_of_work(writing=False) as session:
        assert session.query(APIRequest).count() == 1
        assert session.query(KeySum).count() == 0
        assert session.query(RequestSum).count() == 3  # two minutes, and all time
    (total,) = APIMonitoringService.get_totals().values()
    assert (total.requests, sum(total.slots)) == (7, 7)


def test_hours_are_bounded():
    assert [reading.within_hours(one) for one in (-5, 24, 10**12)] == [1, 24, 24 * 366]
