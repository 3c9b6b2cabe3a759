"""What the page for generated data shows of a config: size, examples, checks, the job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.synthesis.faults import JournalFault
from diagnostics.synthesis.preview import Example, Mark
from layouts.components.attributes import attributes
from layouts.components.frame import alert, badge, definition_list, link_button
from layouts.components.job_state import job_progress
from layouts.components.links import page_link
from layouts.components.moments import duration, moment
from layouts.components.quantities import count, file_size, quantity
from layouts.components.tables import table
from layouts.figures import synthesis as figures
from layouts.figures.template import graph_config

Values = Mapping[str, Any]


def estimate(given: Values) -> Component:
    """How many recordings there will be, and what they take."""
    return definition_list(
        [
            ("Recordings", count(given["recordings"])),
            ("Samples", count(given["samples"])),
            ("On the disk, about", file_size(given["bytes"])),
            ("Time, about", duration(given["seconds"])),
        ]
    )


def not_possible(sentence: str) -> Component:
    return alert(sentence, "warning")


def examples(given: Sequence[Example]) -> Component:
    """Two small pictures of each class."""
    return html.Div([_example(one) for one in given], className="generate-examples")


def check_progress(given: Values) -> Component:
    """The job that checks, while it has not done so."""
    return html.Div(job_progress(given), className="generate-checks")


def checks(given: Sequence[Values]) -> Component:
    """Each measured number next to the expected one; what failed comes first."""
    failed = sum(not check["passed"] for check in given)
    told = f"{len(given) - failed} of {len(given)} numbers are as the formulas say."
    if failed:
        told += (
            " The others are drowned by this noise, moved by this speed, or cut off by the "
            "converter: look at their rows."
        )
    ordered = sorted(given, key=itemgetter("passed"))
    rows = [
        [
            _verdict(check["passed"]),
            check["fault"].replace("_", " "),
            check["what"],
            f"{_digits(check['expected'])} ± {_digits(check['tolerance'])}"
            if check["tolerance"]
            else _digits(check["expected"]),
            _digits(check["measured"]),
            _digits(check["sound"]),
            check["unit"],
        ]
        for check in ordered
    ]
    head = ("", "Class", "What", "Expected", "Measured", "Without the fault", "Unit")
    return html.Div(
        [
            alert(told, "warning" if failed else "success"),
            html.Details(
                [
                    html.Summary("The numbers"),
                    table(head, rows, label="Checked signatures", numbers=(3, 4, 5)),
                ],
                open=bool(failed),
            ),
        ],
        className="generate-checks",
    )


def job(given: Values) -> Component:
    """The newest generation: its progress, or where its result is."""
    if given["status"] in ("waiting", "running", "paused"):
        inner: list[Any] = [html.Strong(given["title"]), job_progress(given)]
        return html.Div(inner, className="section-card generate-job")
    if given["status"] == "done":
        made = given["result"]
        text: list[Any] = [
            badge("generated", "info", icon_name="cpu"),
            f" {count(made['recordings'])} recordings, ",
            moment(given["finished_at"]),
            ". ",
        ]
        address = f"/datasets/{made['dataset_id']}"
        inner = [
            html.Div([html.Strong(given["title"]), html.Div(text)]),
            link_button("Look at the data set", address, icon_name="database", color="secondary"),
        ]
        return html.Div(inner, className="section-card generate-job is-done")
    inner = [
        html.Strong(given["title"]),
        job_progress(given),
        page_link("See the jobs page", "/jobs", {"id": given["id"]}),
    ]
    return html.Div(inner, className="section-card generate-job")


def _example(one: Example) -> Component:
    name = one.fault.value.replace("_", " ")
    journal = isinstance(one.fault, JournalFault)
    drawn = figures.spectrum(one) if journal else figures.envelope_spectrum(one)
    kind = "spectrum" if journal else "envelope spectrum"
    facts = one.made.facts
    state = "no fault"
    if facts["severity"]:
        state = f"{facts['severity_level']} ({facts['severity']:.2f})"
    told = f"{state}, {one.made.speed_rpm:.0f} rpm, load {100 * one.made.load:.0f} %"
    return html.Section(
        [
            html.H3([name, html.Span(told, className="figure-note")]),
            html.Div(
                [
                    _graph(figures.wave(one), f"wave of {name}"),
                    _graph(drawn, f"{kind} of {name}"),
                ],
                className="generate-pair",
            ),
            html.P(_expected(one.marks), className="figure-note"),
        ],
        className="generate-example",
    )


def _expected(marks: Sequence[Mark]) -> str:
    if not marks:
        return "No line is expected."
    return "Expected: " + "; ".join(f"{mark.name} at {_place(mark)}" for mark in marks) + "."


def _place(mark: Mark) -> str:
    if mark.high_hz - mark.low_hz < 0.005 * mark.high_hz:
        return quantity(mark.high_hz, "Hz")
    low, high = quantity(mark.low_hz, "Hz", 3), quantity(mark.high_hz, "Hz", 3)
    number, _, unit = low.partition(" ")
    return f"{number if high.endswith(f' {unit}') else low} to {high}"


def _graph(drawn: Any, name: str) -> Component:
    config: Any = graph_config(name.replace(" ", "-"))
    quiet: Any = {**config, "displayModeBar": False, "scrollZoom": False}
    return html.Div(
        dcc.Graph(figure=drawn, config=quiet, style={"height": "200px"}),
        role="img",
        **attributes(aria_label=name.capitalize()),
    )


def _verdict(passed: bool) -> Component:
    if passed:
        return badge("as expected", "success", icon_name="check-circle")
    return badge("not seen", "danger", icon_name="x-octagon")


def _digits(value: float | None) -> str:
    """A dash for what was not measured or could not be."""
    return "–" if value is None else f"{value:.3g}"
