"""How the state and the progress of a job look, wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import badge

STATES = {
    "waiting": ("waiting", "secondary", "hourglass"),
    "running": ("running", "info", "play-circle"),
    "paused": ("paused", "warning", "pause-circle"),
    "done": ("done", "success", "check-circle"),
    "failed": ("failed", "danger", "x-octagon"),
    "cancelled": ("cancelled", "secondary", "slash-circle"),
}


def job_badge(status: str) -> Component:
    """The state of a job by word, colour and icon."""
    text, level, icon_name = STATES[status]
    return badge(text, level, icon_name=icon_name)


def job_progress(job: Mapping[str, Any]) -> Component:
    """Bar, stage and message of a job that has not ended; else its badge and its error."""
    if job["status"] not in ("waiting", "running"):
        parts: list[Any] = [job_badge(job["status"])]
        if job["error"]:
            parts.append(html.Span(job["error"], className="job-error"))
        return html.Div(parts, className="job-progress")
    percent = round(100 * job["fraction"])
    told = " · ".join(part for part in (job["stage"], job["message"]) if part)
    bar = html.Div(
        html.Div(className="progress-bar", style={"width": f"{percent}%"}),
        className="progress job-bar",
        role="progressbar",
        **attributes(
            aria_label=f"Progress of {job['title']}",
            aria_valuenow=str(percent),
            aria_valuemin="0",
            aria_valuemax="100",
        ),
    )
    told = " · ".join(part for part in (f"{percent} %", told or job["status"]) if part)
    return html.Div(
        [bar, html.Span(told, className="job-told")],
        className="job-progress",
        role="status",
    )
