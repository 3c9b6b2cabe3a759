"""All webhooks of the installation, for who runs it: what is sent where, and which hosts fail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, case, func, select

from models import DeliveryStatus, User, Webhook, WebhookAttempt, WebhookDelivery
from models.base import now
from services import actor
from services.paging import paged
from services.runtime import unit_of_work
from services.webhooks.views import DeliveryView, delivery_view

RECENT = timedelta(hours=24)


class OwnedDelivery(DeliveryView):
    webhook_name: str
    owner_name: str
    host: str


class HostView(TypedDict):
    """What became of the requests of the last day to a host."""

    host: str
    attempts: int
    failures: int
    waiting: int
    mean_latency_ms: float | None
    failing_since: datetime | None


class WebhookOverviewService:
    """Names of webhooks and hosts, and no addresses, secrets or contents."""

    @staticmethod
    def list_deliveries(
        limit: int = 50, offset: int = 0, status: str | None = None, host: str | None = None
    ) -> list[OwnedDelivery]:
        """Deliveries of everybody, newest first."""
        actor.admin()
        joined = _chosen(
            select(WebhookDelivery, Webhook.name.label("name"), Webhook.host, User.name.label("by"))
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .join(User, User.id == Webhook.owner_id),
            status,
            host,
        ).order_by(WebhookDelivery.id.desc())
        with unit_of_work(writing=False) as session:
            return [
                {
                    **delivery_view(row.WebhookDelivery),
                    "webhook_name": row.name,
                    "owner_name": row.by,
                    "host": row.host,
                }
                for row in session.execute(paged(joined, limit, offset))
            ]

    @staticmethod
    def count_deliveries(status: str | None = None, host: str | None = None) -> int:
        actor.admin()
        counted = _chosen(
            select(func.count(WebhookDelivery.id)).join(
                Webhook, Webhook.id == WebhookDelivery.webhook_id
            ),
            status,
            host,
        )
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def list_hosts() -> list[HostView]:
        """The hosts of all webhooks, those that fail most first."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            since = {
                row.host: row.since
                for row in session.execute(
                    select(Webhook.host, func.min(Webhook.failing_since).label("since")).group_by(
                        Webhook.host
                    )
                )
            }
            waiting = _counted(session.execute(_waiting()))
            tried = {row.host: row for row in session.execute(_tried())}
        hosts = [_host(name, since[name], waiting.get(name, 0), tried.get(name)) for name in since]
        return sorted(hosts, key=lambda one: (-one["failures"], -one["waiting"], one["host"]))


def _chosen(
    statement: Select[*tuple[Any, ...]], status: str | None, host: str | None
) -> Select[*tuple[Any, ...]]:
    conditions: list[ColumnElement[bool]] = []
    if status in set(DeliveryStatus):
        conditions.append(WebhookDelivery.status == DeliveryStatus(status))
    if host:
        conditions.append(Webhook.host == host)
    return statement.where(*conditions)


def _waiting() -> Select[*tuple[Any, ...]]:
    return (
        select(Webhook.host, func.count(WebhookDelivery.id).label("made"))
        .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
        .where(WebhookDelivery.status == DeliveryStatus.WAITING)
        .group_by(Webhook.host)
    )


def _tried() -> Select[*tuple[Any, ...]]:
    arrived = WebhookAttempt.status.between(200, 299)
    return (
        select(
            Webhook.host,
            func.count(WebhookAttempt.id).label("attempts"),
            func.sum(case((arrived, 1), else_=0)).label("arrived"),
            func.avg(WebhookAttempt.latency_ms).label("latency"),
        )
        .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
        .join(WebhookAttempt, WebhookAttempt.delivery_id == WebhookDelivery.id)
        .where(WebhookAttempt.at > now() - RECENT)
        .group_by(Webhook.host)
    )


def _counted(rows: Any) -> dict[str, int]:
    return {row.host: row.made for row in rows}


def _host(host: str, since: datetime | None, waiting: int, tried: Any) -> HostView:
    attempts = tried.attempts if tried is not None else 0
    return {
        "host": host,
        "attempts": attempts,
        "failures": attempts - int(tried.arrived) if tried is not None else 0,
        "waiting": waiting,
        "mean_latency_ms": float(tried.latency) if tried is not None and tried.latency else None,
        "failing_since": since,
    }
