"""A part of a page that is opened when it is wanted, and told in a line while it is closed."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component


def disclosure(
    title: str, children: Any, *, summary_id: str | None = None, summary: str = ""
) -> Component:
    """Closed at first. ``summary_id`` names the line beside the title."""
    line: list[Any] = [html.Span(title, className="disclosure-title")]
    if summary_id is not None:
        line += [" ", html.Span(summary, id=summary_id, className="disclosure-told")]
    return html.Details(
        [html.Summary(line), html.Div(children, className="disclosure-body")],
        className="disclosure",
    )
