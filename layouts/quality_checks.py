"""Quality checks, for admins of a copy for development: the project's own tests and linter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import badge, definition_list, empty_state, field, page_head, section
from layouts.components.job_state import job_progress
from layouts.components.links import number_of, page_link
from layouts.components.moments import duration, moment
from layouts.components.tables import table
from layouts.page import ADMINS, Group, Page

CHECKS = {
    "tests": "Tests",
    "coverage": "Coverage of a folder by tests",
    "quality": "Linter and formatter",
    "benchmarks": "Times of this site and of a network",
}
# What is optional is left out: a choice without a value would be drawn empty.
NONE = "none"
NAMES = (
    *("test_path", "markers", "verbose", "source_path", "least", "path"),
    *("model_path", "api_url", "count"),
)
# Which fields each check has.
FIELDS = {
    "tests": ("test_path", "markers", "verbose"),
    "coverage": ("test_path", "source_path", "least"),
    "quality": ("path",),
    "benchmarks": ("model_path", "api_url", "count"),
}
OUTCOMES = {
    "passed": ("passed", "success", "check-circle"),
    "failed": ("failed", "danger", "x-octagon"),
    "error": ("error", "danger", "x-octagon"),
    "no_tests": ("no tests", "warning", "exclamation-triangle"),
    "unknown": ("unknown", "secondary", "question-circle"),
}
CASES = {
    "passed": "success",
    "failed": "danger",
    "error": "danger",
    "skipped": "secondary",
    "xfailed": "info",
}


class Ids:
    chosen = "quality-checks-chosen"
    place = "quality-checks-place"
    off = "quality-checks-off"
    check = "quality-checks-check"
    test_path = "quality-checks-test-path"
    markers = "quality-checks-markers"
    verbose = "quality-checks-verbose"
    source_path = "quality-checks-source-path"
    least = "quality-checks-least"
    path = "quality-checks-path"
    model_path = "quality-checks-model-path"
    api_url = "quality-checks-api-url"
    count = "quality-checks-count"
    test_path_field = "quality-checks-test-path-field"
    markers_field = "quality-checks-markers-field"
    verbose_field = "quality-checks-verbose-field"
    source_path_field = "quality-checks-source-path-field"
    least_field = "quality-checks-least-field"
    path_field = "quality-checks-path-field"
    model_path_field = "quality-checks-model-path-field"
    api_url_field = "quality-checks-api-url-field"
    count_field = "quality-checks-count-field"
    start = "quality-checks-start"
    run = "quality-checks-run"
    history = "quality-checks-history"


def build(id: str | None = None, **_view: Any) -> Component:
    return html.Div(
        [
            page_head(
                "Quality checks",
                lead="The tests, coverage and linter of this project, run by a worker.",
            ),
            dcc.Store(id=Ids.chosen, data=number_of(id)),
            html.Div(id=Ids.off),
            html.Div(section("New check", _form()), id=Ids.place, hidden=True),
            html.Div(id=Ids.run),
            section("Checks so far", html.Div(id=Ids.history)),
        ],
        className="quality-checks",
    )


def field_id(name: str) -> str:
    """Of what is shown or hidden as a whole with the label of a field."""
    found: str = getattr(Ids, f"{name}_field")
    return found


def switched_off() -> Component:
    return empty_state(
        "Checks are off in this installation",
        "They run the project's own tests, and are meant for development. Set QUALITY_CHECKS=1 "
        "and install requirements-dev.txt in a copy for development.",
        icon_name="slash-circle",
    )


def history_table(jobs: Sequence[Mapping[str, Any]]) -> Component:
    if not jobs:
        return empty_state(
            "No check was run yet",
            "Choose one above; what it found stays here.",
            icon_name="clipboard-check",
        )
    rows = [
        [
            page_link(job["title"], "/quality-checks", {"id": job["id"]}),
            _outcome(job),
            _summary(job["result"] or {}),
            job["owner_name"] or "the system",
            moment(job["created_at"]),
        ]
        for job in jobs
    ]
    return table(("Check", "Outcome", "Found", "By", "Made"), rows, label="Checks so far")


def run_panel(
    job: Mapping[str, Any], log: Sequence[Mapping[str, Any]], actions: Sequence[Component]
) -> Component:
    """One check: its output while it runs, what it found afterwards."""
    told = job["result"] or {}
    parts: list[Any] = [job_progress(job)]
    if told:
        parts.append(_result(told))
    output = told.get("output") or "\n".join(line["message"] for line in log)
    if output:
        parts += [
            html.H3("Output", className="mt-3"),
            html.Pre(output, className="log-tail", tabIndex="0", role="log"),
        ]
    return section(job["title"], parts, actions=actions)


def _form() -> Component:
    checks = [{"label": text, "value": name} for name, text in CHECKS.items()]
    shown = {
        "test_path": field("Tests", dbc.Select([], "tests", id=Ids.test_path)),
        "markers": field(
            "Markers",
            dbc.Input(id=Ids.markers, maxlength=200, autocomplete="off"),
            hint="Such as “database and not slow”; empty for all.",
        ),
        "verbose": dbc.Checkbox(id=Ids.verbose, label="Name each test", value=False),
        "source_path": field("Folder", dbc.Select([], "services", id=Ids.source_path)),
        "least": field(
            "Least coverage in %", dbc.Input(value=80, id=Ids.least, type="number", min=0, max=100)
        ),
        "path": field("Folder or file", dbc.Select([], "services", id=Ids.path)),
        "model_path": field(
            "Network of an experiment", dbc.Select([], NONE, id=Ids.model_path), hint="Optional."
        ),
        "api_url": field("Address", dbc.Select([], NONE, id=Ids.api_url), hint="Optional."),
        "count": field(
            "How often", dbc.Input(value=100, id=Ids.count, type="number", min=1, max=10_000)
        ),
    }
    fields = [
        html.Div(part, id=field_id(name), hidden=name not in FIELDS["tests"])
        for name, part in shown.items()
    ]
    return html.Div(
        [
            field("Check", dbc.Select(checks, "tests", id=Ids.check)),
            *fields,
            dbc.Button("Run", id=Ids.start, color="primary"),
        ],
        className="field-row",
    )


def _outcome(job: Mapping[str, Any]) -> Component:
    status = (job["result"] or {}).get("status")
    if job["status"] != "done" or status not in OUTCOMES:
        return job_progress(job)
    text, level, icon_name = OUTCOMES[status]
    return badge(text, level, icon_name=icon_name)


def _summary(told: Mapping[str, Any]) -> str:
    """The numbers of a check in one line."""
    if "finding_count" in told:
        formatted = "formatted" if told["is_formatted"] else "not formatted"
        return f"{told['finding_count']} findings, {formatted}"
    if "num_samples" in told:
        timed = [
            f"{name} {told[name]['median_ms']} ms" for name in ("model", "api") if name in told
        ]
        return f"median: {', '.join(timed)}" if timed else "nothing was timed"
    if "total" not in told:
        return "–"
    ends = ("passed", "failed", "errors", "skipped", "xfailed")
    counts = ", ".join(f"{told[name]} {name}" for name in ends if told[name])
    covered = told.get("coverage_percent")
    return (counts or "no tests") + ("" if covered is None else f"; {covered} % covered")


def _result(told: Mapping[str, Any]) -> Component:
    items: list[tuple[str, Any]] = [("Found", _summary(told))]
    if "seconds" in told:
        items.append(("Took", duration(told["seconds"])))
    if "min_coverage" in told:
        enough = "reached" if told["is_enough"] else "missed"
        items.append(("Least coverage", f"{told['min_coverage']} %, {enough}"))
    parts: list[Any] = [definition_list(items)]
    if told.get("tests"):
        parts.append(_cases(told))
    if told.get("files"):
        rows = [[one["path"], one["percent"], one["missing"]] for one in told["files"]]
        head = ("File", "Covered [%]", "Lines not reached")
        parts.append(table(head, rows, label="Files", numbers=(1, 2)))
    if told.get("findings"):
        rows = [
            [f"{one['path']}:{one['line']}", one["code"], one["message"]]
            for one in told["findings"]
        ]
        parts.append(table(("Place", "Rule", "What"), rows, label="Findings"))
    for name, title in (("model", "Network"), ("api", "Address")):
        if name in told:
            parts.append(_times(title, told[name]))
    return html.Div(parts, className="check-result")


def _cases(told: Mapping[str, Any]) -> Component:
    rows = [
        [
            html.Span(case["name"], className="check-name"),
            badge(case["status"], CASES.get(case["status"], "secondary")),
            f"{case['seconds']:.3f}",
            html.Span(case["message"], className="check-message"),
        ]
        for case in told["tests"]
    ]
    drawn = table(("Test", "Outcome", "Time [s]", "Why"), rows, label="Tests", numbers=(2,))
    if told["test_count"] <= len(rows):
        return drawn
    return html.Div([drawn, html.P(f"The first {len(rows)} of {told['test_count']} tests.")])


def _times(title: str, told: Mapping[str, Any]) -> Component:
    names = (("median_ms", "Median"), ("p95_ms", "95 % within"), ("longest_ms", "Longest"))
    rows = [[text, told[name]] for name, text in names]
    return table((title, "Time [ms]"), rows, label=title, numbers=(1,))


PAGE = Page(
    "quality_checks",
    "Quality checks",
    "/quality-checks",
    build,
    Group.ADMIN,
    "clipboard-check",
    roles=ADMINS,
)
