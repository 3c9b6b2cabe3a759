"""Files of the site that a browser keeps: their addresses change with what is in them."""

from __future__ import annotations

from flask import Request, Response

LIBRARIES = "/_dash-component-suites/"
ASSETS = "/assets/"
FOREVER = "max-age=31536000"


def is_library(request: Request) -> bool:
    """Whether a script of Dash and its components is asked for; nothing there is anybody's."""
    return request.path.startswith(LIBRARIES)


def is_kept(request: Request, response: Response) -> bool:
    """Whether the address names a state of the file: a library's by its version and time, of
    which Dash tells, one of ours by the ``m`` that Dash appends."""
    if response.status_code != 200:
        return False
    if is_library(request):
        return FOREVER in response.headers.get("Cache-Control", "")
    return request.path.startswith(ASSETS) and "m" in request.args
