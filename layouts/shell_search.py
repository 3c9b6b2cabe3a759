"""The search in the header: a field, and what was found, each with the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import field, icon
from layouts.components.links import page_link
from layouts.page import Page

# Title, picture, and address of each kind of object; in this order.
KINDS = {
    "dataset": ("Data sets", "collection", "/datasets/{id}", None),
    "recording": ("Recordings", "soundwave", "/signals", "recording"),
    "machine": ("Machines", "gear-wide-connected", "/machines/{id}", None),
    "bearing": ("Bearings", "record-circle", "/machines/{id}", None),
    "source": ("Sources", "table", "/sources/{id}", None),
    "feature_set": ("Feature sets", "table", "/features/{id}", None),
    "experiment": ("Experiments", "graph-up", "/experiments/{id}", None),
    "repeated": ("Repeated experiments", "graph-up", "/repeated/{id}", None),
    "campaign": ("Campaigns", "bullseye", "/campaigns/{id}", None),
}
HINT = (
    "What is called so: data sets, recordings, machines, bearings, sources, experiments, pages; "
    "and where the guide has the word."
)


class Ids:
    button = "shell-search-button"
    text = "shell-search"
    results = "shell-search-results"
    panel = "shell-search-panel"


def panel() -> Component:
    text = dbc.Input(
        id=Ids.text,
        type="search",
        debounce=300,
        maxlength=200,
        autocomplete="off",
    )
    return html.Div(
        [
            field("Name, or a part of it", text),
            html.Div(hint(), id=Ids.results, className="search-results", role="status"),
        ],
        id=Ids.panel,
    )


def hint() -> Component:
    return html.P(HINT, className="tray-empty")


def results(
    text: str,
    found: Sequence[Mapping[str, Any]],
    pages: Sequence[Page],
    topics: Sequence[Mapping[str, Any]],
) -> Component:
    """Groups of links; pages come first, as there are few of them, and the guide last."""
    groups = [("Pages", [_row(page.icon, page.title, "", page.path, {}) for page in pages])]
    for kind, (title, icon_name, path, parameter) in KINDS.items():
        rows = [
            _row(
                icon_name,
                one["name"],
                one["about"],
                path.format(id=one["id"]),
                {parameter: one["id"]} if parameter else {},
            )
            for one in found
            if one["kind"] == kind
        ]
        groups.append((title, rows))
    told = [_row("book", one["title"], "", "/guide", {"topic": one["name"]}) for one in topics]
    groups.append(("In the guide", told))
    filled = [(title, rows) for title, rows in groups if rows]
    if not filled:
        return html.P(
            f"Nothing is called “{text}”, and the guide does not have it.", className="tray-empty"
        )
    return html.Div([html.Section([html.H3(title), html.Ul(rows)]) for title, rows in filled])


def _row(
    icon_name: str, name: str, about: str, path: str, query: Mapping[str, object]
) -> Component:
    told = [icon(icon_name), html.Span(name, className="search-name")]
    if about:
        told.append(html.Span(about, className="search-about"))
    return html.Li(page_link(told, path, query))
