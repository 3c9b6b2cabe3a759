"""The pictures of the guide, for those who are signed in: ``/guide/images/<name>``."""

from __future__ import annotations

from flask import Flask, Response, abort, send_file

from services.errors import NotFound
from services.guide_service import GuideService


def install(server: Flask) -> None:
    server.add_url_rule("/guide/images/<name>", "guide_picture", picture)


def picture(name: str) -> Response:
    try:
        return send_file(GuideService.find_picture(name), max_age=3600)
    except NotFound:
        abort(404)
