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


def number_of(text: str | None) -> int | None:
    """The number of something in an address; None for what cannot be one.

    Anybody can write an address: more digits than a database takes would break the page.

    Examples
    --------
    >>> number_of("12"), number_of("x"), number_of("9" * 30)
    (12, None, None)
    """
    number = int(text) if text and len(text) <= 10 and text.isdecimal() else None
    return number if number is not None and number < 2**31 else None


def page_link(
    children: Any, path: str, query: Mapping[str, object] | None = None, *, class_name: str = ""
) -> Component:
    """A link to one of our pages that does not load the document again."""
    return dcc.Link(children, href=path_to(path, query), className=class_name)


def numbers_in(text: str | None) -> list[int]:
    """The numbers in ``3,5,8``, each once; what is none is left out.

    Examples
    --------
    >>> numbers_in("3,5,x,3"), numbers_in(None)
    ([3, 5], [])
    """
    found = (number_of(part.strip()) for part in (text or "").split(","))
    return list(dict.fromkeys(number for number in found if number is not None))
