"""System health, for admins: how well the installation is, why, and how it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.alarm_state import alarm_badge, object_link, severity_badge
from layouts.components.attributes import attributes
from layouts.components.frame import badge, empty_state, page_head, section
from layouts.components.links import number_of, page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.figures import health
from layouts.figures.template import graph_config
from layouts.page import ADMINS, Group, Page

REFRESH_MS = 60_000
RANGES = {1: "1 hour", 6: "6 hours", 24: "1 day", 168: "7 days", 720: "30 days", 8760: "1 year"}
USUAL = 24
MOST_INCIDENTS = 50
LEVELS = {
    "healthy": ("healthy", "success", "check-circle"),
    "degraded": ("degraded", "warning", "exclamation-triangle"),
    "unhealthy": ("unhealthy", "danger", "x-octagon"),
}
COMPONENTS = {
    "database": "Database",
    "broker": "Broker (Valkey)",
    "workers": "Workers",
    "disk": "Disk",
    "queues": "Queues",
    "collector": "Measuring",
    "cpu": "Processor",
    "memory": "Memory",
}
CHARTS: tuple[tuple[str, str, Callable[[Mapping[str, Any]], go.Figure]], ...] = (
    ("Processor and memory", "load", health.load_figure),
    ("Disk", "disk", health.disk_figure),
    ("Queues", "queues", health.waiting_figure),
    ("Time of jobs", "job-times", health.took_figure),
    ("Jobs", "jobs", health.ended_figure),
    ("Workers", "workers", health.workers_figure),
)


class Ids:
    hours = "system-health-hours"
    tick = "system-health-tick"
    status = "system-health-status"
    components = "system-health-components"
    workers = "system-health-workers"
    charts = "system-health-charts"
    incidents = "system-health-incidents"
    retention = "system-health-retention"


def build(hours: str | None = None, **_view: Any) -> Component:
    """The address holds how far back the charts go."""
    given = number_of(hours)
    shown = given if given in RANGES else USUAL
    return html.Div(
        [
            page_head(
                "System health",
                lead=html.Span(id=Ids.status, role="status"),
                actions=[
                    dbc.Button(
                        "Alarms of the installation",
                        href=path_to("/alarms", {"kind": "health", "states": "any"}),
                        color="secondary",
                        outline=True,
                    )
                ],
            ),
            dcc.Store(id=Ids.hours, data=shown),
            dcc.Interval(id=Ids.tick, interval=REFRESH_MS),
            section("Components", html.Div(id=Ids.components)),
            section("Workers", html.Div(id=Ids.workers)),
            section("Over time", html.Div(id=Ids.charts), actions=_ranges(shown)),
            section("Incidents", html.Div(id=Ids.incidents)),
            section("Retention", html.Div(id=Ids.retention)),
        ],
        className="system-health",
    )


def status_line(status: str, checked_at: Any) -> list[Any]:
    return [_level(status), " at ", moment(checked_at)]


def components_table(components: Sequence[Mapping[str, Any]]) -> Component:
    rows = [
        [COMPONENTS.get(one["name"], one["name"]), _level(one["level"]), one["message"]]
        for one in components
    ]
    return table(("Component", "Level", "Why"), rows, label="Components")


def workers_table(workers: Sequence[Mapping[str, Any]]) -> Component:
    if not workers:
        return empty_state(
            "No worker was heard for a day",
            "Start one with “python -m cli worker”, or everything with “python -m cli up”. Jobs "
            "wait until then.",
            icon_name="cpu",
        )
    rows = [
        [one["name"], ", ".join(one["queues"]), _heard(one), _ago(one["heard_s"])]
        for one in workers
    ]
    return table(("Worker", "Queues", "State", "Last sign"), rows, label="Workers")


def charts(history: Mapping[str, Any]) -> Component:
    if not history["at"]:
        return empty_state(
            "Nothing was measured in this time",
            "“python -m cli beat” measures each minute; “python -m cli up” starts it. After a "
            "minute its first measurement is here.",
            icon_name="graph-up",
        )
    # As texts once: each figure would else write the same times anew, one by one.
    drawn = {**history, "at": [at.isoformat() for at in history["at"]]}
    cards = [
        html.Figure(
            [
                html.Figcaption(title),
                dcc.Graph(
                    figure=draw(drawn),
                    config=graph_config(f"health-{name}"),
                    style={"height": "260px"},
                ),
            ],
            className="health-chart",
        )
        for title, name, draw in CHARTS
    ]
    return html.Div(cards, className="health-charts")


def incidents_table(alarms: Sequence[Mapping[str, Any]]) -> Component:
    if not alarms:
        return empty_state(
            "No incident in this time",
            "When something of the installation is worse than it should be, an alarm is raised "
            "and is listed here, also after it is over.",
            icon_name="check-circle",
        )
    rows = [
        [
            severity_badge(one["severity"]),
            object_link(one["object"]),
            page_link(one["message"], "/alarms", {"id": one["id"]}),
            alarm_badge(one["state"]),
            moment(one["first_seen_at"]),
            duration(
                ((one["cleared_at"] or one["last_seen_at"]) - one["first_seen_at"]).total_seconds()
            ),
        ]
        for one in alarms[:MOST_INCIDENTS]
    ]
    head = ("Severity", "Component", "What", "State", "Began", "Lasted")
    listed = table(head, rows, label="Incidents")
    left = len(alarms) - MOST_INCIDENTS
    if left <= 0:
        return listed
    more = page_link(f"{count(left)} earlier ones", "/alarms")
    return html.Div([listed, html.P(["The newest are listed. ", more, " are among the alarms."])])


def retention_table(kinds: Sequence[Mapping[str, Any]]) -> Component:
    """What the next cleaning takes away."""
    rows = [
        [one["name"], f"{one['days']} days" if one["days"] else "for ever", count(one["count"])]
        for one in kinds
    ]
    told = html.P(
        "The daily cleaning deletes what is older. RETENTION_DAYS in the settings of the "
        "installation changes how long it is kept.",
        className="page-lead",
    )
    head = ("What", "Is kept", "To be deleted by the next cleaning")
    return html.Div([told, table(head, rows, label="Retention", numbers=(2,))])


def _ranges(shown: int) -> list[Component]:
    links = [
        html.Li(
            page_link(
                text,
                "/system-health",
                {"hours": hours},
                class_name="is-current" if hours == shown else "",
            )
        )
        for hours, text in RANGES.items()
    ]
    named = attributes(aria_label="How far back")
    return [html.Nav(html.Ul(links), className="settings-pages health-ranges", **named)]


def _level(level: str) -> Component:
    text, color, icon_name = LEVELS[level]
    return badge(text, color, icon_name=icon_name)


def _heard(worker: Mapping[str, Any]) -> Component:
    if worker["has_stopped"]:
        return badge("stopped", "secondary", icon_name="stop-circle")
    if worker["heard_s"] > 60:
        return badge("silent", "danger", icon_name="x-octagon")
    return badge("heard", "success", icon_name="check-circle")


def _ago(seconds: int) -> str:
    return "now" if seconds == 0 else f"{duration(float(seconds))} ago"


PAGE = Page(
    "system_health",
    "System health",
    "/system-health",
    build,
    Group.ADMIN,
    "heart-pulse",
    roles=ADMINS,
)
