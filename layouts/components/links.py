"""Addresses inside the application, wherever it is mounted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import dash
from dash import dcc
from dash.development.base_component import Component


def path_to(path: str, query: Mapping[str, object] | None = None) -> str:
    """The address of one of our paths, behind a reverse proxy's prefix too."""
    given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
    address: str = dash.get_relative_path(path)
    return f"{address}?{urlencode(given)}" if given else address


def page_link(
    children: Any, path: str, query: Mapping[str, object] | None = None, *, class_name: str = ""
) -> Component:
    """A link to one of our pages that does not load the document again."""
    return dcc.Link(children, href=path_to(path, query), className=class_name)
