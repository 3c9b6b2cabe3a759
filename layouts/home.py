"""The first page: how much there is, what runs, what was found, and how to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.experiment_state import experiment_badge
from layouts.components.frame import empty_state, icon, link_button, page_head, section
from layouts.components.job_state import job_progress
from layouts.components.leak import leak_mark
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.evaluation_numbers import interval_text, score_text
from layouts.page import Page

Values = Mapping[str, Any]


class Ids:
    begin = "home-begin"
    figures = "home-figures"
    latest = "home-latest"
    jobs = "home-jobs"
    demo = "home-demo"


def build(**_view: Any) -> Component:
    return html.Div(
        [
            page_head("Home"),
            html.Div(id=Ids.figures),
            html.Div(id=Ids.begin),
            html.Div(
                [
                    section("Latest experiments", html.Div(id=Ids.latest)),
                    section("Running jobs", html.Div(id=Ids.jobs)),
                ],
                className="two-columns home-columns",
            ),
        ]
    )


def figures(overview: Values) -> Component:
    """Six numbers, each with the way to what it counts."""
    hours = overview["signal_s"] / 3600
    free = overview["disk_free_bytes"] / 2**30
    waiting = overview["waiting_jobs"]
    cards = [
        _figure("Data sets", count(overview["dataset_count"]), "", "/datasets"),
        _figure("Recordings", count(overview["recording_count"]), "", "/signals"),
        _figure("Hours of signal", _hours(hours), "", "/signals"),
        _figure("Experiments", count(overview["experiment_count"]), "", "/experiments"),
        _figure(
            "Jobs at work",
            count(overview["running_jobs"]),
            f"{count(waiting)} more waiting" if waiting else "",
            "/jobs",
        ),
        _figure(
            "Disk free", f"{free:.1f} GiB", f"of {overview['disk_total_bytes'] / 2**30:.0f} GiB"
        ),
    ]
    return html.Div(cards, className="home-figures")


def begin(steps: Values, *, may_change: bool, generating: bool) -> list[Component]:
    """What to do first, until it has all been done; nothing for those who only look."""
    asked = [steps[name] for name in ("data", "experiment", "explanation", "people")]
    if not may_change or all(step is not False for step in asked):
        return []
    rows = [
        _step(
            done=steps["data"],
            title="Bring in recordings",
            text="MATLAB, NumPy or text files; or a generated set of bearing faults to try with.",
            actions=[] if steps["data"] else [_import_button(), _demo_button(generating)],
        ),
        _step(
            done=steps["experiment"],
            title="Train a classifier",
            text="Split by bearing, machine or load, so that the test says what it is worth.",
            actions=_go("New experiment", "/new-experiment", steps["experiment"]),
        ),
        _step(
            done=steps["explanation"],
            title="See why it decides",
            text="Which stretches of a recording spoke for a class.",
            actions=_go("Explain", "/explain", steps["explanation"]),
        ),
    ]
    if steps["people"] is not None:
        text = "Analysts work with data; viewers look."
        actions = _go("Users", "/users", steps["people"])
        rows.append(
            _step(done=steps["people"], title="Invite a colleague", text=text, actions=actions)
        )
    return [section("First steps", html.Ol(rows, className="home-steps"))]


def latest(experiments: Sequence[Values], total: int, *, may_change: bool) -> Component:
    """Those that somebody asked for one by one; ``total`` counts the others, too."""
    if not experiments and total:
        return html.P(
            ["Campaigns and repetitions made all ", page_link("experiments", "/experiments"), "."],
            className="page-lead",
        )
    if not experiments:
        return empty_state(
            "No experiments yet",
            "A trained classifier is listed here with what its test said.",
            link_button("New experiment", "/new-experiment") if may_change else None,
            icon_name="graph-up",
        )
    titles = ("Experiment", "State", "Balanced accuracy", "Recordings", "Made")
    head = html.Tr([html.Th(title, scope="col") for title in titles])
    rows = [html.Tr([html.Td(cell) for cell in _cells(e)]) for e in experiments]
    parts = [html.Thead(head), html.Tbody(rows)]
    return html.Div(html.Table(parts, className="plain-table"), className="table-scroll")


def running(jobs: Sequence[Values]) -> Component:
    if not jobs:
        return html.P("Nothing runs at the moment.", className="page-lead")
    items = [
        html.Li([page_link(job["title"], "/jobs", {"id": job["id"]}), job_progress(job)])
        for job in jobs
    ]
    return html.Ul(items, className="home-jobs")


def score(summary: Values | None) -> str:
    """The test score with its interval, or that none can be given."""
    if summary is None:
        return "–"
    found, n = summary["recordings"]["balanced_accuracy"], summary["n"]["recordings"]
    told = "no interval can be given"
    if found["low"] is not None:
        told = interval_text(found["low"], found["high"], n).replace("–", " to ")
    return f"{score_text(found['value'], n)} ({told})"


def _cells(experiment: Values) -> list[Any]:
    summary = experiment["summary"]
    return [
        page_link(experiment["name"], f"/experiments/{experiment['id']}"),
        experiment_badge(experiment["state"]),
        html.Span([score(summary), *(leak_mark(experiment["leak"]) if summary else [])]),
        "–" if summary is None else count(summary["n"]["recordings"]),
        moment(experiment["created_at"]),
    ]


def _figure(title: str, value: str, note: str, path: str = "") -> Component:
    parts: list[Component] = [
        html.Span(title, className="figure-note"),
        html.Span(value, className="figure-value"),
    ]
    if note:
        parts.append(html.Span(note, className="figure-note"))
    body: Component = html.Div(parts, className="figure-card")
    inner = page_link(body, path, class_name="home-figure-link") if path else body
    return html.Div(inner, className="section-card")


def _hours(hours: float) -> str:
    """Hours with the digits that say something: 0.083, 1.25, 340."""
    return "0" if hours == 0 else f"{hours:.0f}" if hours >= 100 else f"{hours:.3g}"


def _step(*, done: bool | None, title: str, text: str, actions: Sequence[Component]) -> Component:
    mark = icon("check-circle-fill", title="done") if done else icon("circle", title="to do")
    words = html.Div([html.Strong(title), html.P(text, className="figure-note")])
    class_name = "home-step is-done" if done else "home-step"
    acts = html.Div(list(actions), className="section-actions")
    return html.Li([mark, words, acts], className=class_name)


def _go(text: str, path: str, done: bool) -> list[Component]:
    return [] if done else [link_button(text, path, color="secondary")]


def _import_button() -> Component:
    return link_button("Import files", "/import", icon_name="upload")


def _demo_button(generating: bool) -> Component:
    text = "Generating…" if generating else "Generate a demo data set"
    return dbc.Button(text, id=Ids.demo, color="secondary", outline=True, disabled=generating)


PAGE = Page("home", "Home", "/", build, icon="house")
