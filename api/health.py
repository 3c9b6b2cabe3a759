"""Whether the process lives and the site can work; open to monitors without sign-in."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from services import health

OPEN_PATHS = ("/healthz", "/readyz")


def install(server: Flask) -> None:
    server.add_url_rule("/healthz", "healthz", healthz)
    server.add_url_rule("/readyz", "readyz", readyz)


def healthz() -> Response:
    """The process answers; it asks nobody else, or a slow database would restart the web."""
    return _unstored(jsonify({"status": "alive"}))


def readyz() -> Response:
    """200 when database, broker and workers answer, otherwise 503 with the reasons."""
    checks = health.readiness()
    ready = all(check["ok"] for check in checks)
    response = jsonify({"status": "ready" if ready else "degraded", "checks": checks})
    response.status_code = 200 if ready else 503
    return _unstored(response)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
