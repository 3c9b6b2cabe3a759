"""Anomalies: what was detected, in one source or many, and how algorithms compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from diagnostics.detectors.registry import ALGORITHMS
from layouts.components.detection_state import share, state_badge
from layouts.components.frame import empty_state, field, icon, link_button, page_head, section
from layouts.components.links import page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.page import Group, Page

Values = Mapping[str, Any]

LEAD = (
    "Rows that are unlike the others: found by detectors that need no labels, with the columns "
    "that make them unusual."
)
PAGE_SIZE = 25
ALL = "*"


class Ids:
    """``pages`` pages through the detections."""

    source = "anomalies-source"
    start = "anomalies-start"
    detections = "anomalies-detections"
    pager = "anomalies-pager"
    pages = "anomalies-pages"
    batches = "anomalies-batches"
    comparisons = "anomalies-comparisons"


def build(source: str = "", **_view: Any) -> Component:
    start = dbc.Button(
        [icon("search"), " Detect anomalies"],
        href=path_to("/new-detection"),
        color="primary",
        id=Ids.start,
    )
    choose = dbc.Select([{"label": "all", "value": ALL}], source or ALL, id=Ids.source)
    pager = html.Div(
        dbc.Pagination(id=Ids.pages, max_value=1, active_page=1, fully_expanded=False),
        id=Ids.pager,
        hidden=True,
    )
    return html.Div(
        [
            page_head("Anomalies", lead=LEAD, actions=[start]),
            html.Div(field("Source", choose), className="sources-search"),
            html.Div([html.Div(id=Ids.detections), pager]),
            html.Div(id=Ids.batches),
            html.Div(id=Ids.comparisons),
        ],
        className="features-page anomalies-page",
    )


def title_of(algorithm: str) -> str:
    """What people call an algorithm."""
    found = ALGORITHMS.get(algorithm)
    return found.display_name if found else algorithm


def source_options(sources: Sequence[Values]) -> list[dict[str, str]]:
    every = [{"label": "all", "value": ALL}]
    return every + [{"label": one["name"], "value": one["id"]} for one in sources]


def detection_table(detections: Sequence[Values], *, has_sources: bool) -> Component:
    """A page of detections, newest first, or what to do while there is none."""
    if not detections and not has_sources:
        return empty_state(
            "No sources yet",
            "Anomalies are found in the rows of a source: a table, a feature set, recordings.",
            link_button("Make a source", "/sources", icon_name="table"),
            icon_name="search",
        )
    if not detections:
        return empty_state(
            "Nothing was detected yet",
            "Choose a source and an algorithm.",
            link_button("Detect anomalies", "/new-detection", icon_name="search"),
            icon_name="search",
        )
    rows = [
        [
            page_link(title_of(one["algorithm"]), f"/anomalies/{one['id']}"),
            page_link(one["source_name"], f"/sources/{one['source_id']}"),
            state_badge(one["status"]),
            "–" if one["total_rows"] is None else count(one["total_rows"]),
            "–" if one["anomaly_count"] is None else count(one["anomaly_count"]),
            share(one["anomaly_rate"]),
            duration(one["duration_ms"] / 1e3) if one["duration_ms"] else "–",
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in detections
    ]
    heads = ("Algorithm", "Source", "State", "Rows", "Anomalies", "Share", "Took", "By", "Made")
    return section("Detections", table(heads, rows, label="Detections", numbers={3, 4, 5}))


def batch_table(batches: Sequence[Values]) -> Component | list[Any]:
    if not batches:
        return []
    rows = [
        [
            page_link(one["name"], f"/anomaly-batches/{one['id']}"),
            title_of(one["algorithm"]),
            state_badge(one["status"]),
            f"{one['completed_sources']} of {one['total_sources']}",
            count(one["total_anomalies"]),
            share(one["average_anomaly_rate"]),
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in batches
    ]
    heads = ("Batch", "Algorithm", "State", "Sources", "Anomalies", "Mean share", "By", "Made")
    return section("Batches", table(heads, rows, label="Batches", numbers={3, 4, 5}))


def comparison_table(comparisons: Sequence[Values]) -> Component | list[Any]:
    if not comparisons:
        return []
    rows = [
        [
            page_link(
                ", ".join(title_of(name) for name in one["algorithms"]),
                f"/anomaly-comparisons/{one['id']}",
            ),
            page_link(one["source_name"], f"/sources/{one['source_id']}"),
            state_badge(one["status"]),
            count(one["agreement_summary"]["total_unique_anomalies"]),
            count(one["agreement_summary"]["all_agree_count"]),
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in comparisons
    ]
    heads = ("Algorithms", "Source", "State", "Rows flagged", "By all", "By", "Made")
    return section("Comparisons", table(heads, rows, label="Comparisons", numbers={3, 4}))


PAGE = Page("anomalies", "Anomalies", "/anomalies", build, Group.OPERATE, "search")
