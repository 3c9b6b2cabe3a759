"""What programs ask of the API: how often, how fast, with what errors. For admins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, definition_list, empty_state, field, page_head, section
from layouts.components.links import path_to
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.figures.api_requests import requests_figure
from layouts.figures.template import graph_config
from layouts.page import ADMINS, Group, Page

# Hours, in words; a slot of the timeline is so many minutes wide.
PERIODS = {"1": "the last hour", "24": "the last day", "168": "the last 7 days"}
SLOT_MINUTES = {"1": 1, "24": 15, "168": 120}
MOST_ENDPOINTS = 30

Row = Mapping[str, Any]


class Ids:
    period = "api-monitoring-period"
    refresh = "api-monitoring-refresh"
    content = "api-monitoring-content"
    timeline = "api-monitoring-timeline"


def build(**_view: Any) -> Component:
    chooser = field("Show", dbc.Select(PERIODS, "24", id=Ids.period))
    again = dbc.Button("Read again", id=Ids.refresh, color="secondary", outline=True)
    return html.Div(
        [
            page_head(
                "API monitoring",
                lead="What open tabs ask every few seconds is left out.",
                actions=[chooser, again],
            ),
            dcc.Loading(html.Div(id=Ids.content), delay_show=400),
        ]
    )


def nothing(period: str) -> Component:
    return empty_state(
        "No requests",
        f"Nothing has asked the API in {PERIODS[period]}. A program needs a key for it: "
        "make one under Settings, API keys.",
        html.A("How the API is used", href=path_to("/api/docs"), className="btn btn-primary"),
        icon_name="activity",
    )


def content(
    period: str,
    stats: Row,
    percentiles: Row,
    timeline: Sequence[Row],
    endpoints: Sequence[Row],
    keys: Sequence[Row],
    errors: Sequence[Row],
) -> Component:
    """All parts of the page for one period."""
    parts = [
        *_lost(stats["lost"]),
        section("All together", _summary(stats, percentiles)),
        section("Over time", _timeline(timeline, SLOT_MINUTES[period])),
        section("By route", _endpoints(endpoints)),
        section("Keys that ask most", _keys(keys)),
        section("Last refusals and failures", _errors(errors)),
    ]
    return html.Div(parts)


def _lost(number: int) -> list[Component]:
    if not number:
        return []
    text = (
        f"{count(number)} requests were answered but not written down, as more came than could be "
        "written. The numbers below lack them."
    )
    return [alert(text, "warning")]


def _summary(stats: Row, percentiles: Row) -> Component:
    return definition_list(
        [
            (
                "Requests",
                f"{count(stats['total_requests'])}, {stats['requests_per_minute']:.3g} per minute",
            ),
            ("Refused (4xx)", count(stats["refused"])),
            ("Failed (5xx)", count(stats["failed"])),
            ("Mean time", _ms(stats["avg_response_time_ms"])),
            (
                "Half, 95 %, 99 % below",
                ", ".join(_ms(percentiles[name]) for name in ("p50", "p95", "p99")),
            ),
        ]
    )


def _timeline(entries: Sequence[Row], minutes: int) -> Component:
    graph = dcc.Graph(
        id=Ids.timeline,
        figure=requests_figure(entries, minutes),
        config=graph_config("api-requests") | {"scrollZoom": False},
        style={"height": "280px"},
    )
    named: dict[str, Any] = {"aria-label": "Requests to the API over time"}
    return html.Div(graph, role="group", **named)


def _endpoints(rows: Sequence[Row]) -> Component:
    head = ("Route", "Requests", "Refused", "Failed", "Mean", "Half below", "95 % below", "99 %")
    cells = [
        (
            html.Code(_route(row)),
            count(row["requests"]),
            count(row["refused"]),
            count(row["failed"]),
            *(_ms(row[name]) for name in ("avg_response_time_ms", "p50", "p95", "p99")),
        )
        for row in rows[:MOST_ENDPOINTS]
    ]
    drawn = table(head, cells, label="Requests by route", numbers=range(1, 8))
    left = len(rows) - MOST_ENDPOINTS
    return html.Div([drawn, html.P(f"{left} more were asked less.")]) if left > 0 else drawn


def _route(row: Row) -> str:
    """As the description of the API writes it."""
    path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", row["endpoint"])
    return f"{row['method']} {path}"


def _keys(rows: Sequence[Row]) -> Component:
    if not rows:
        return html.P("No key was used.")
    head = ("Key", "Begins with", "Of", "Requests", "Refused", "Failed", "Mean")
    cells = [
        (
            row["name"],
            html.Code(f"{row['prefix']}…"),
            row["owner"],
            *(count(row[name]) for name in ("requests", "refused", "failed")),
            _ms(row["avg_response_time_ms"]),
        )
        for row in rows
    ]
    return table(head, cells, label="Keys that ask most", numbers=range(3, 7))


def _errors(rows: Sequence[Row]) -> Component:
    if not rows:
        return html.P("None.")
    head = ("When", "Route", "Status", "What was answered", "From", "Request id")
    cells = [
        (
            moment(row["at"]),
            html.Code(_route(row)),
            str(row["status_code"]),
            row["error_message"] or "–",
            row["ip_address"] or "–",
            html.Code(row["request_id"] or "–"),
        )
        for row in rows
    ]
    return table(head, cells, label="Last refusals and failures", numbers={2})


def _ms(value: float | None) -> str:
    """Two digits are known of a time that is read off a histogram.

    Examples
    --------
    >>> _ms(1.234), _ms(99.6), _ms(1234.0)
    ('1.2 ms', '100 ms', '1,200 ms')
    """
    if value is None:
        return "–"
    if value < 99.5:
        return f"{value:.2g} ms"
    return f"{count(round(round(value), -1 if value < 1000 else -2))} ms"


PAGE = Page(
    "api_monitoring",
    "API monitoring",
    "/api-monitoring",
    build,
    Group.ADMIN,
    "activity",
    roles=ADMINS,
)
