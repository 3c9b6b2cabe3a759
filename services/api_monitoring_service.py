"""What programs ask of the API: how often, how fast, with what errors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import ALL_TIME, APIKey, APIRequest, KeySum, RequestHour, RequestSum, User
from models.base import now
from services import actor
from services.api_requests import log as request_log
from services.api_requests import reading
from services.api_requests.reading import MINUTES_OF_A_DAY, Sums, first_hour, first_minute
from services.paging import within
from services.runtime import unit_of_work

KEEP_REQUESTS = timedelta(days=7)
KEEP_SUMS = timedelta(days=90)
# So many rows go in one transaction, so that nobody waits long for it.
GO_AT_ONCE = 10_000
MOST_ROWS = 1000


class RequestStats(TypedDict):
    """``error_rate`` is the share of answers from 400 on; ``lost`` were not written down."""

    total_requests: int
    refused: int
    failed: int
    error_rate: float
    avg_response_time_ms: float | None
    requests_per_minute: float
    lost: int


class EndpointMetrics(TypedDict):
    endpoint: str
    method: str
    requests: int
    refused: int
    failed: int
    error_rate: float
    avg_response_time_ms: float | None
    p50: float | None
    p95: float | None
    p99: float | None


class Percentiles(TypedDict):
    """Milliseconds, from a histogram: right to the width of its slots."""

    p50: float | None
    p95: float | None
    p99: float | None


class TimelineEntry(TypedDict):
    at: datetime
    requests: int
    refused: int
    failed: int
    avg_response_time_ms: float | None


class Overview(TypedDict):
    """All routes together, over time, and each by itself, those with most requests first."""

    stats: RequestStats
    percentiles: Percentiles
    timeline: list[TimelineEntry]
    endpoints: list[EndpointMetrics]


class KeyRank(TypedDict):
    api_key_id: int
    name: str
    prefix: str
    owner: str
    requests: int
    refused: int
    failed: int
    avg_response_time_ms: float | None


class RequestView(TypedDict):
    id: int
    at: datetime
    endpoint: str
    method: str
    status_code: int
    response_time_ms: float
    ip_address: str | None
    user_agent: str | None
    api_key_id: int | None
    user_id: int | None
    request_id: str | None
    request_size: int
    response_size: int
    error_message: str | None
    request_sample: dict[str, Any] | None
    response_sample: dict[str, Any] | None


class APIMonitoringService:
    """For admins. Sums are by the minute; the rows of single requests go after a week."""

    @staticmethod
    def log_request(
        endpoint: str,
        method: str,
        status_code: int,
        response_time_ms: int,
        ip_address: str | None = None,
        user_agent: str | None = None,
        api_key_id: int | None = None,
        request_size: int = 0,
        response_size: int = 0,
        error_message: str | None = None,
        request_sample: dict[str, Any] | None = None,
        response_sample: dict[str, Any] | None = None,
    ) -> None:
        """Note a request; it is written a moment later, off the path of the request."""
        actor.worker()
        request_log.note(
            request_log.Noted(
                endpoint=endpoint,
                method=method,
                status_code=status_code,
                duration_us=response_time_ms * 1000,
                ip_address=ip_address,
                user_agent=user_agent,
                api_key_id=api_key_id,
                request_size=request_size,
                response_size=response_size,
                error_message=error_message,
                request_sample=request_sample,
                response_sample=response_sample,
            )
        )

    @staticmethod
    def get_recent_requests(limit: int = 100, hours: int = 24) -> list[RequestView]:
        """The last requests, newest first."""
        actor.admin()
        return _rows(limit, hours, errors_only=False)

    @staticmethod
    def get_error_logs(limit: int = 100, hours: int = 24) -> list[RequestView]:
        """The last requests that were refused or failed, newest first."""
        actor.admin()
        return _rows(limit, hours, errors_only=True)

    @staticmethod
    def get_request_stats(hours: int = 24) -> RequestStats:
        """All requests together."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            found, lost = reading.by_endpoint(session, first_minute(hours))
        return _stats(reading.of_all(found.values()), lost, hours)

    @staticmethod
    def get_endpoint_metrics(hours: int = 24) -> list[EndpointMetrics]:
        """Each route by itself, those with most requests first."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            found, _lost = reading.by_endpoint(session, first_minute(hours))
        return _ordered(found)

    @staticmethod
    def get_overview(hours: int = 24, interval_minutes: int = 5) -> Overview:
        """What the page shows of all and of each route, at the price of reading the sums twice."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            found, lost = reading.by_endpoint(session, first_minute(hours))
            timeline = _timeline(session, hours, interval_minutes)
        sums = reading.of_all(found.values())
        return {
            "stats": _stats(sums, lost, hours),
            "percentiles": _percentiles(sums),
            "timeline": timeline,
            "endpoints": _ordered(found),
        }

    @staticmethod
    def get_latency_percentiles(hours: int = 24) -> Percentiles:
        """P50, P95 and P99 of all requests, in milliseconds."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            found, _lost = reading.by_endpoint(session, first_minute(hours))
        return _percentiles(reading.of_all(found.values()))

    @staticmethod
    def get_request_timeline(hours: int = 24, interval_minutes: int = 5) -> list[TimelineEntry]:
        """Requests by slots of some minutes, oldest first; those without any are there too."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            return _timeline(session, hours, interval_minutes)

    @staticmethod
    def get_top_api_keys(limit: int = 10, hours: int = 24) -> list[KeyRank]:
        """The keys with most requests."""
        actor.admin()
        rows, _ = within(limit, most=MOST_ROWS)
        with unit_of_work(writing=False) as session:
            found = reading.by_key(session, first_hour(hours), rows)
            named = (
                select(APIKey.id, APIKey.name, APIKey.prefix, User.name)
                .join(User, User.id == APIKey.user_id)
                .where(APIKey.id.in_(found))
            )
            names = {key_id: about for key_id, *about in session.execute(named)}
        return [_rank(key_id, names[key_id], sums) for key_id, sums in found.items()]

    @staticmethod
    def get_totals() -> dict[tuple[str, str], Sums]:
        """Of all time by route and verb, for programs that watch how they grow."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            return reading.of_all_time(session)

    @staticmethod
    def delete_old() -> int:
        """Take away rows of old requests and old sums; how many rows of requests went."""
        actor.admin()
        oldest, gone = now() - KEEP_REQUESTS, 0
        while True:
            some = select(APIRequest.id).where(APIRequest.at < oldest).limit(GO_AT_ONCE)
            with unit_of_work() as session:
                ids = session.scalars(some).all()
                session.execute(delete(APIRequest).where(APIRequest.id.in_(ids)))
            gone += len(ids)
            if len(ids) < GO_AT_ONCE:
                break
        before = int((now() - KEEP_SUMS).timestamp() // 60)
        with unit_of_work() as session:
            session.execute(
                delete(RequestSum).where(RequestSum.minute > ALL_TIME, RequestSum.minute < before)
            )
            session.execute(delete(RequestHour).where(RequestHour.hour < before // 60))
            session.execute(delete(KeySum).where(KeySum.hour < before // 60))
        return gone


def _rows(limit: int, hours: int, *, errors_only: bool) -> list[RequestView]:
    rows, _ = within(limit, most=MOST_ROWS)
    since = now() - timedelta(hours=reading.within_hours(hours))
    wanted = select(APIRequest).where(APIRequest.at >= since)
    if errors_only:
        wanted = wanted.where(APIRequest.status_code >= 400)
    with unit_of_work(writing=False) as session:
        found = session.scalars(wanted.order_by(APIRequest.at.desc()).limit(rows))
        return [_view(row) for row in found]


def _view(row: APIRequest) -> RequestView:
    return {
        "id": row.id,
        "at": row.at,
        "endpoint": row.endpoint,
        "method": row.method,
        "status_code": row.status_code,
        "response_time_ms": row.duration_us / 1000,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "api_key_id": row.api_key_id,
        "user_id": row.user_id,
        "request_id": row.request_id,
        "request_size": row.request_size,
        "response_size": row.response_size,
        "error_message": row.error_message,
        "request_sample": row.request_sample,
        "response_sample": row.response_sample,
    }


def _stats(sums: Sums, lost: int, hours: int) -> RequestStats:
    return {
        "total_requests": sums.requests,
        "refused": sums.refused,
        "failed": sums.failed,
        "error_rate": sums.error_rate,
        "avg_response_time_ms": sums.mean_ms,
        "requests_per_minute": sums.requests / (reading.within_hours(hours) * 60),
        "lost": lost,
    }


def _timeline(session: Session, hours: int, interval_minutes: int) -> list[TimelineEntry]:
    width = max(1, min(interval_minutes, MINUTES_OF_A_DAY))
    first = first_minute(hours)
    found = reading.by_time(session, first, width)
    last = int(now().timestamp() // 60)
    return [
        _entry(minute, found.get(minute, Sums()))
        for minute in range(first - first % width, last + 1, width)
    ]


def _ordered(found: dict[tuple[str, str], Sums]) -> list[EndpointMetrics]:
    ordered = sorted(found.items(), key=lambda one: -one[1].requests)
    return [_metrics(*name, sums) for name, sums in ordered]


def _metrics(endpoint: str, method: str, sums: Sums) -> EndpointMetrics:
    return {
        "endpoint": endpoint,
        "method": method,
        "requests": sums.requests,
        "refused": sums.refused,
        "failed": sums.failed,
        "error_rate": sums.error_rate,
        "avg_response_time_ms": sums.mean_ms,
        **_percentiles(sums),
    }


def _percentiles(sums: Sums) -> Percentiles:
    p50, p95, p99 = (reading.percentile(sums.slots, share) for share in (0.5, 0.95, 0.99))
    return {"p50": p50, "p95": p95, "p99": p99}


def _entry(minute: int, sums: Sums) -> TimelineEntry:
    return {
        "at": reading.moment_of(minute),
        "requests": sums.requests,
        "refused": sums.refused,
        "failed": sums.failed,
        "avg_response_time_ms": sums.mean_ms,
    }


def _rank(key_id: int, about: list[str], sums: Sums) -> KeyRank:
    name, prefix, owner = about
    return {
        "api_key_id": key_id,
        "name": name,
        "prefix": prefix,
        "owner": owner,
        "requests": sums.requests,
        "refused": sums.refused,
        "failed": sums.failed,
        "avg_response_time_ms": sums.mean_ms,
    }
