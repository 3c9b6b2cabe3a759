"""Where a person came from, and where to go on to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def local_path(wanted: str) -> str:
    """A path of this site, whatever the address says."""
    try:
        parts = urlsplit(wanted)
    except ValueError:  # a bracket that is no address
        return "/"
    # Browsers read a backslash as a slash, and leave out what cannot be printed.
    odd = "\\" in wanted or not wanted.isprintable()
    outside = parts.scheme or parts.netloc or odd
    return "/" if outside or not wanted.startswith("/") or wanted.startswith("//") else wanted


def safe_target(wanted: str) -> str:
    """Where to go after signing in, behind the prefix under which the site is served."""
    return request.root_path.rstrip("/") + local_path(wanted)


def where_from() -> tuple[str | None, str | None]:
    return request.remote_addr, request.headers.get("User-Agent")
