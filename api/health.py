"""Whether the process lives and the site can work; open to monitors without sign-in."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from services import health
from services.monitoring.levels import Level, level_of

OPEN_PATHS = ("/healthz", "/readyz")


def install(server: Flask) -> None:
    server.add_url_rule("/healthz", "healthz", healthz)
    server.add_url_rule("/readyz", "readyz", readyz)


def healthz() -> Response:
    """The process answers; it asks nobody else, or a slow database would restart the web."""
    return _unstored(jsonify({"status": "alive"}))


def readyz() -> Response:
    """200 when database, broker and workers answer and files can be kept; otherwise 503.

    The status says “ready”, “degraded” or “unhealthy”, and the checks why.
    """
    checks = health.readiness()
    level = level_of(checks)
    status = "ready" if level is Level.HEALTHY else level
    response = jsonify({"status": status, "checks": checks})
    response.status_code = 200 if all(check["ok"] for check in checks) else 503
    return _unstored(response)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
