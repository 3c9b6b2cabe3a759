"""Every part of the HTTP API, registered with the application under ``/api/v1``."""

from typing import NoReturn

from flask import Blueprint, Flask, abort, request

from api import (
    alarms,
    anomalies,
    anomaly_batches,
    architectures,
    audit,
    campaigns,
    comparison,
    datasets,
    deployments,
    documentation,
    ensembles,
    experiments,
    explanations,
    exports,
    features,
    generate,
    guide_pictures,
    health,
    idempotency,
    imports,
    jobs,
    json_bodies,
    keys,
    leakage,
    metrics,
    model_batches,
    notifications,
    predictions,
    pulse,
    recordings,
    repeated,
    results,
    saved_searches,
    sources,
    streaming,
    tags,
    uploads,
    versions,
    webhooks,
)
from api.errors import register_errors
from api.openapi import openapi
from api.schemas.paging import LARGEST_NUMBER

BLUEPRINTS = (
    audit.blueprint,
    alarms.blueprint,
    anomalies.blueprint,
    anomaly_batches.blueprint,
    architectures.blueprint,
    campaigns.blueprint,
    comparison.blueprint,
    datasets.blueprint,
    deployments.blueprint,
    model_batches.blueprint,
    ensembles.blueprint,
    experiments.blueprint,
    explanations.blueprint,
    exports.blueprint,
    features.blueprint,
    generate.blueprint,
    imports.blueprint,
    jobs.blueprint,
    keys.blueprint,
    leakage.blueprint,
    notifications.blueprint,
    predictions.blueprint,
    pulse.blueprint,
    recordings.blueprint,
    repeated.blueprint,
    results.blueprint,
    saved_searches.blueprint,
    sources.blueprint,
    streaming.blueprint,
    tags.blueprint,
    uploads.blueprint,
    versions.blueprint,
    webhooks.blueprint,
)


def register_api(server: Flask) -> None:
    # A fresh parent for each application: a blueprint that was registered once takes
    # no more error handlers, and the tests make several applications.
    parent = Blueprint("api", __name__, url_prefix="/api/v1")
    json_bodies.install(server)
    register_errors(server, parent)
    parent.before_request(_refuse_large_numbers)
    idempotency.install(parent)
    for blueprint in BLUEPRINTS:
        parent.register_blueprint(blueprint)
    parent.add_url_rule("/openapi.json", "openapi", openapi)
    # Dash answers every other path with the page and 200; not under this prefix.
    parent.add_url_rule("/<path:_unknown>", "unknown", _unknown_route)
    server.register_blueprint(parent)
    health.install(server)
    metrics.install(server)
    documentation.install(server)
    guide_pictures.install(server)


def _refuse_large_numbers() -> None:
    """Nothing has such a number, and the database would end the request with an error."""
    given = (request.view_args or {}).values()
    if any(isinstance(value, int) and value > LARGEST_NUMBER for value in given):
        abort(404)


def _unknown_route(_unknown: str) -> NoReturn:
    abort(404)
