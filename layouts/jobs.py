"""Jobs: what waits, runs and ended; one of them in detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import badge, definition_list, empty_state, field, page_head, section
from layouts.components.job_state import STATES, job_progress
from layouts.components.links import number_of, page_link
from layouts.components.moments import duration, moment
from layouts.components.tables import pagination, scrolling
from layouts.page import Group, Page

PAGE_SIZE = 25
VERBS = {
    "waiting": ("cancel",),
    "running": ("cancel",),
    "paused": ("resume", "cancel"),
    "failed": ("retry",),
    "cancelled": ("retry",),
}
# What the page of a job's place shows, by the first part of its path.
PLACES = {
    "anomalies": "the detection",
    "anomaly-comparisons": "the comparison",
    "campaigns": "the campaign",
    "datasets": "the data set",
    "deployments": "the deployment",
    "evaluation": "the evaluation",
    "experiments": "the experiment",
    "explain": "the explanation",
    "features": "the feature set",
    "mail": "the mail",
    "quality-checks": "the checks",
    "signals": "the recording",
    "sources": "the source",
    "streams": "the stream",
}


class Ids:
    chosen = "jobs-chosen"
    statuses = "jobs-statuses"
    mine = "jobs-mine"
    pages = "jobs-pages"
    pager = "jobs-pager"
    table = "jobs-table"
    detail = "jobs-detail"
    act = "jobs-act"


def build(id: str | None = None, **_view: Any) -> Component:
    chosen = number_of(id)
    return html.Div(
        [
            page_head("Jobs", lead="Everything that takes longer than a moment runs here."),
            dcc.Store(id=Ids.chosen, data=chosen),
            html.Div(id=Ids.detail),
            section(
                "All jobs",
                [
                    _filters(),
                    html.Div(id=Ids.table),
                    html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
                ],
            ),
        ]
    )


def table(jobs: Sequence[Mapping[str, Any]], can_change: Sequence[bool]) -> Component:
    if not jobs:
        return empty_state(
            "No jobs here",
            "Importing, generating, exporting, training and explaining make jobs; they are "
            "listed here with their progress, their log and what became of them.",
            icon_name="activity",
        )
    titles = ("Job", "Owner", "State", "Started", "Took", "")
    head = html.Tr([html.Th(title, scope="col") for title in titles])
    rows = [_row(job, may) for job, may in zip(jobs, can_change, strict=True)]
    parts = [html.Thead(head), html.Tbody(rows)]
    return scrolling(html.Table(parts, className="plain-table jobs-table"), "Jobs")


def detail(
    job: Mapping[str, Any], log: Sequence[Mapping[str, Any]], *, can_change: bool
) -> Component:
    """One job with its log."""
    items: list[tuple[str, Any]] = [
        ("State", job_progress(job)),
        ("Kind", job["kind"].replace("_", " ")),
        ("Owner", job["owner_name"] or "the system"),
        ("Made", moment(job["created_at"])),
        ("Started", moment(job["started_at"], missing="not yet")),
        ("Ended", moment(job["finished_at"], missing="not yet")),
        ("Took", _took(job)),
        ("Attempts", str(job["attempt"])),
    ]
    about = _about(job)
    if about is not None:
        items.append(("About", about))
    lines = [f"{line['at']:%H:%M:%S}  {line['message']}" for line in log]
    told = html.Pre("\n".join(lines), className="log-tail", tabIndex="0", role="log")
    return section(
        f"Job {job['id']}: {job['title']}",
        [
            definition_list(items),
            html.H3("Log (UTC)", className="mt-3"),
            told if lines else html.P("This job has not told anything.", className="page-lead"),
        ],
        actions=job_actions(job) if can_change else (),
    )


def _filters() -> Component:
    states = [{"label": text, "value": state} for state, (text, *_) in STATES.items()]
    return html.Div(
        [
            field(
                "State", dcc.Dropdown(states, [], id=Ids.statuses, multi=True, placeholder="all")
            ),
            dbc.Checkbox(id=Ids.mine, label="Only mine", value=False),
        ],
        className="field-row mb-3",
    )


def _row(job: Mapping[str, Any], may: bool) -> Component:
    title = page_link(job["title"], "/jobs", {"id": job["id"]})
    if job["status"] == "waiting" and job["priority"] != "normal":
        title = html.Span([title, " ", badge(f"{job['priority']} priority")])
    cells: list[Any] = [
        title,
        job["owner_name"] or "the system",
        job_progress(job),
        moment(job["started_at"], missing="not yet"),
        _took(job),
        html.Div(job_actions(job) if may else [], className="section-actions"),
    ]
    return html.Tr([html.Td(cell) for cell in cells])


def job_actions(job: Mapping[str, Any]) -> list[Component]:
    """What can be done with a job, on any page: ``callbacks/jobs.py`` hears the buttons."""
    texts = {"cancel": "Cancel", "retry": "Try again", "resume": "Go on"}
    if job["cancel_requested"] and job["status"] == "running":
        return [html.Span("stopping", className="job-told")]
    return [
        dbc.Button(
            texts[verb],
            id={"type": Ids.act, "verb": verb, "id": job["id"]},
            size="sm",
            color="secondary",
            outline=True,
        )
        for verb in VERBS.get(job["status"], ())
    ]


def _took(job: Mapping[str, Any]) -> str:
    if job["started_at"] is None or job["finished_at"] is None:
        return "–"
    return duration((job["finished_at"] - job["started_at"]).total_seconds())


def _about(job: Mapping[str, Any]) -> Component | None:
    place = job["place"]
    if place is None:
        return None
    return page_link(PLACES[PurePath(urlsplit(place).path).parts[1]], place)


PAGE = Page("jobs", "Jobs", "/jobs", build, Group.ADMIN, "activity")
