"""The application in the process of a test, beside a running ``up``."""

from __future__ import annotations

from flask import Flask

from server import create_server
from services import runtime
from settings import Settings
from tasks.celery_app import make_celery, make_sender
from tests.running import Up


def beside(up: Up) -> Flask:
    """The same application as the running one: its data, its settings, and its workers."""
    settings = Settings.from_environment({"DATA_FOLDER": str(up.folder), **up.given})
    server = create_server(settings)
    runtime.send_with(server, make_sender(make_celery(settings)))
    return server
