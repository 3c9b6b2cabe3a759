"""Small tables of plain values. Long lists that are sorted and filtered use AG Grid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    label: str,
    numbers: Collection[int] = (),
) -> Component:
    """A table that scrolls sideways on a narrow screen; ``numbers`` are columns set right."""

    def classes(column: int) -> dict[str, Any]:
        return {"className": "number"} if column in numbers else {}

    titles = [html.Th(text, scope="col", **classes(n)) for n, text in enumerate(head)]
    body = [html.Tr([html.Td(cell, **classes(n)) for n, cell in enumerate(row)]) for row in rows]
    drawn = html.Table([html.Thead(html.Tr(titles)), html.Tbody(body)], className="plain-table")
    return scrolling(drawn, label)


def scrolling(wide: Component, label: str) -> Component:
    """A frame that scrolls sideways, reached by the keyboard too."""
    named = attributes(aria_label=label)
    return html.Div(wide, className="table-scroll", tabIndex="0", role="region", **named)


def pagination(pages: str) -> Component:
    """The numbers under a list that is read page by page."""
    return dbc.Pagination(
        id=pages, max_value=1, active_page=1, fully_expanded=False, first_last=True, size="sm"
    )
