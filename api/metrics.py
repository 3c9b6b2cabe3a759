"""Numbers for Prometheus, at ``/metrics``, behind a token of its own.

They are read from the database, so every process answers the same.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from itertools import accumulate

from flask import Flask, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from services import health
from services.actor import COMMAND_LINE, acting_as
from services.api_monitoring_service import APIMonitoringService
from services.api_requests.reading import Sums
from services.api_requests.writing import BOUNDS_US

PATH = "/metrics"


def install(server: Flask) -> None:
    server.add_url_rule(PATH, "metrics", metrics)


def metrics() -> Response:
    """What Prometheus collects; 404 where no token is set, 401 without the right one."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(401)
    registry = CollectorRegistry()
    with acting_as(COMMAND_LINE):
        registry.register(_Collector(APIMonitoringService.get_totals()))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Collector:
    def __init__(self, totals: dict[tuple[str, str], Sums]) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Metric]:
        yield self._durations()
        yield self._errors()
        healthy = GaugeMetricFamily(
            "rotorscope_check", "Whether a part of the site works.", labels=["part"]
        )
        for check in health.readiness():
            healthy.add_metric([check["name"]], float(check["ok"]))
        yield healthy

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "rotorscope_api_request_duration_seconds",
            "Requests to the API and how long they took.",
            labels=["endpoint", "method"],
        )
        bounds = [f"{bound / 1e6:g}" for bound in BOUNDS_US.values()]
        for labels, sums in self._totals.items():
            counts = zip([*bounds, "+Inf"], accumulate(sums.slots), strict=True)
            family.add_metric(list(labels), list(counts), sums.duration_us / 1e6)
        return family

    def _errors(self) -> Metric:
        family = CounterMetricFamily(
            "rotorscope_api_errors",
            "Requests to the API that were refused (4xx) or failed (5xx).",
            labels=["endpoint", "method", "class"],
        )
        for labels, sums in self._totals.items():
            family.add_metric([*labels, "4xx"], sums.refused)
            family.add_metric([*labels, "5xx"], sums.failed)
        return family
