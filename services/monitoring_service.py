"""How well the installation is: measured by one process, the same answer in every other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from flask import Flask, current_app
from sqlalchemy import select

from models import MetricSample
from models.base import now
from services import actor, alarms, health, leases
from services.alarm_service import AlarmFilter, AlarmService, AlarmView
from services.errors import Invalid
from services.health import HeardWorker
from services.monitoring import samples
from services.monitoring.collecting import KIND, measure, watch
from services.monitoring.levels import Check, Level, level_of
from services.monitoring.machine import Machine
from services.monitoring.samples import HOUR_S
from services.runtime import unit_of_work

EVERY_S = 60
# The most points that a chart needs; more measurements are brought together.
POINTS = 360
LONGEST_HISTORY_H = 24 * 400
# Up to so many hours every measurement counts, beyond them the roll-up of hours.
MEASURED_UP_TO_H = 24
MOST_ALERTS = 500
LEASE = "collector"

log = logging.getLogger(__name__)


class HealthStatus(TypedDict):
    """``status`` is the worst of the components'."""

    status: Level
    checked_at: datetime
    components: list[Check]


class History(TypedDict):
    """Columns of equal length; a value is None where nothing was measured.

    ``mean`` and ``highest`` are of the ``seconds`` that begin at each time.
    """

    seconds: int
    at: list[datetime]
    mean: dict[str, list[float | None]]
    highest: dict[str, list[float | None]]


class MonitoringService:
    """Measures the installation, tells of it, and raises and clears the alarms of its health."""

    def __init__(self, machine: Machine | None = None) -> None:
        self._machine = machine or Machine()
        self._stop: threading.Event | None = None

    def start_monitoring(self, interval_seconds: int = EVERY_S) -> None:
        """Measure again and again in a thread of this process, while it holds the lease.

        The processes of an installation need not call it: the beat measures. It may run in
        several; one of them measures at a time.

        Raises
        ------
        Invalid
            If the interval is not from a second to half an hour.
        """
        actor.admin()
        _check_interval(interval_seconds)
        self.stop_monitoring()
        stop = self._stop = threading.Event()
        # The application itself and not the proxy: another thread has no context.
        server: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(
            target=self._go_on, args=(server, interval_seconds, stop), name=LEASE, daemon=True
        ).start()

    def stop_monitoring(self) -> None:
        """End the thread of :meth:`start_monitoring`, if there is one."""
        actor.admin()
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def collect(self, interval_seconds: int = EVERY_S) -> bool:
        """Measure once, unless another process does; whether it was done here.

        Raises
        ------
        Invalid
            If the interval is not from a second to half an hour.
        """
        actor.worker()
        _check_interval(interval_seconds)
        # Long enough that a slow round does not lose it, short enough to be taken over soon.
        if leases.take(LEASE, timedelta(seconds=2.5 * interval_seconds)) is None:
            return False
        load, moment = self._machine.look(), now()
        with unit_of_work(writing=False) as session:  # asking Valkey may take a while
            measured = measure(session, load, moment, interval_seconds)
        with unit_of_work() as session:
            samples.store_sample(session, moment, interval_seconds, load.host, measured)
            watch(session, samples.recent(session, moment))
            alarms.wake_shelved(session)
            samples.roll_up(session, moment)
        return True

    def get_current_metrics(self) -> dict[str, Any]:
        """The newest measurement by name, with ``at``, ``host`` and ``seconds``.

        It is the same in every process, and empty before the first one.
        """
        actor.admin()
        with unit_of_work(writing=False) as session:
            row = samples.newest(session)
            if row is None:
                return {}
            return {"at": row.at, "host": row.host, "seconds": row.seconds, **row.measured}

    def get_recent_alerts(self, hours: int = 24) -> list[AlarmView]:
        """Alarms of the installation that were seen within so many hours, newest first."""
        actor.admin()
        since = now() - timedelta(hours=max(0, min(hours, LONGEST_HISTORY_H)))
        return AlarmService.list_alarms(MOST_ALERTS, wanted=AlarmFilter(kind=KIND, since=since))

    def get_health_status(self) -> HealthStatus:
        """How well everything is, and why: what ``/readyz`` says, too."""
        actor.admin()
        components = health.readiness()
        return {"status": level_of(components), "checked_at": now(), "components": components}

    def list_workers(self) -> list[HeardWorker]:
        """Workers of the last day; none while Valkey is away."""
        actor.admin()
        return health.workers_known() or []

    def get_history(self, hours: int = 24) -> History:
        """What was measured within so many hours: up to a day each measurement, then by hours.

        Raises
        ------
        Invalid
            If the hours are not from 1 to those of 400 days.
        """
        actor.admin()
        if not 1 <= hours <= LONGEST_HISTORY_H:
            raise Invalid(f"A history has from 1 to {LONGEST_HISTORY_H} hours, got {hours}.")
        by_hours = hours > MEASURED_UP_TO_H
        is_rolled = MetricSample.seconds == HOUR_S
        wanted = (
            select(MetricSample.at, MetricSample.measured)
            .where(is_rolled if by_hours else MetricSample.seconds < HOUR_S)
            .where(MetricSample.at >= now() - timedelta(hours=hours))
            .order_by(MetricSample.at)
        )
        with unit_of_work(writing=False) as session:
            rows = [(at, measured) for at, measured in session.execute(wanted)]
        return _history(rows, hours, HOUR_S if by_hours else EVERY_S)

    def _go_on(self, server: Flask, interval_seconds: int, stop: threading.Event) -> None:
        while not stop.wait(interval_seconds):
            try:
                with server.app_context(), actor.acting_as(actor.WORKER):
                    self.collect(interval_seconds)
            except Exception:
                # The database may be away; the next time may go well.
                log.exception("Measuring failed; it is tried again in %g s", interval_seconds)


monitoring_service = MonitoringService()


def _check_interval(seconds: int) -> None:
    if not 1 <= seconds <= HOUR_S // 2:
        raise Invalid(f"What is measured each time needs 1 to {HOUR_S // 2} s, got {seconds}.")


def _history(rows: Sequence[tuple[datetime, dict[str, Any]]], hours: int, least_s: int) -> History:
    """Bring together what lies closer than a chart can show."""
    seconds = max(least_s, -(-hours * HOUR_S // POINTS // least_s) * least_s)
    stretches: dict[datetime, list[dict[str, Any]]] = {}
    for at, measured in rows:
        stretches.setdefault(samples.begin_of(at, seconds), []).append(measured)
    summed = [_summed(stretch) for stretch in stretches.values()]
    names = sorted({name for one in summed for name in one})
    return {
        "seconds": seconds,
        "at": list(stretches),
        "mean": {name: [one[name][0] if name in one else None for one in summed] for name in names},
        "highest": {
            name: [one[name][1] if name in one else None for one in summed] for name in names
        },
    }


def _summed(stretch: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Mean and highest of each name, of measurements and of roll-ups."""
    columns: dict[str, list[tuple[float, float]]] = {}
    for measured in stretch:
        for name, value in measured.items():
            pair = (value[0], value[2]) if isinstance(value, list) else (value, value)
            columns.setdefault(name, []).append(pair)
    return {
        name: (sum(mean for mean, _ in pairs) / len(pairs), max(high for _, high in pairs))
        for name, pairs in columns.items()
    }
