"""The web process of an installation, as gunicorn's worker loads it."""

from __future__ import annotations

from flask import Flask

from app import create_app
from loading import loading
from settings import Settings


def loaded_web(settings: Settings) -> Flask:
    """The application, past which searches for garbage go as they do in the web process.

    Without it each look at all modules counts as time of whatever was measured just then, which
    nobody on a running site waits for.
    """
    with loading():
        server: Flask = create_app(settings).server
        return server
