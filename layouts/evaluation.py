"""The evaluation page: one tested experiment, looked at in several ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import (
    alert,
    badge,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.job_state import job_progress
from layouts.components.leak import leak_badge
from layouts.components.links import number_of, page_link
from layouts.page import Group, Page

PARTS = {
    "curves": "Curves",
    "calibration": "Calibration",
    "risk": "Risk and coverage",
    "errors": "Errors",
    "robustness": "Robustness",
    "estimates": "Severity and speed",
    "architectures": "Architectures",
}
LEVELS = {"recordings": "Recordings", "windows": "Windows"}
ALL_CLASSES = "*"
NOISE_LEVELS = "0.01, 0.05, 0.1, 0.2"


class Ids:
    """``view`` holds what the address says, ``of`` the experiment that was chosen, ``seen`` says
    what is on the screen, ``asked`` changes when a job was asked for."""

    view = "evaluation-view"
    of = "evaluation-of"
    part = "evaluation-part"
    counted = "evaluation-counted"
    counted_row = "evaluation-counted-row"
    line = "evaluation-line"
    line_row = "evaluation-line-row"
    others = "evaluation-others"
    others_row = "evaluation-others-row"
    noise = "evaluation-noise"
    robustness_row = "evaluation-robustness-row"
    robustness_run = "evaluation-robustness-run"
    temperature_row = "evaluation-temperature-row"
    temperature_run = "evaluation-temperature-run"
    costs_row = "evaluation-costs-row"
    costs_run = "evaluation-costs-run"
    asked = "evaluation-asked"
    state = "evaluation-state"
    body = "evaluation-body"
    seen = "evaluation-seen"
    address = "evaluation-address"
    open = "evaluation-open"


def build(experiment: str = "", part: str = "", level: str = "", **others: str) -> Component:
    """The query names what to show, so that a link opens the same view."""
    named = [number_of(text) for text in others.get("with", "").split(",")]
    view = {
        "experiment": number_of(experiment),
        "asked": experiment,
        "with": [number for number in named if number is not None],
        "class": others.get("class") or ALL_CLASSES,
    }
    chosen_part = part if part in PARTS else "curves"
    chosen_level = level if level in LEVELS else "recordings"
    stores: dict[str, Any] = {Ids.view: view, Ids.asked: 0, Ids.seen: None, Ids.address: None}
    return html.Div(
        [
            page_head(
                "Evaluation",
                lead="What the test of an experiment says beyond its score: what more could be "
                "found, whether probabilities can be believed, where it errs, how far it holds.",
                actions=[html.Span(id=Ids.open)],
            ),
            *[dcc.Store(id=name, data=data) for name, data in stores.items()],
            section("What to look at", _choices(chosen_part, chosen_level)),
            html.Div(id=Ids.state),
            dcc.Loading(html.Div(id=Ids.body, className="evaluation-result"), delay_show=400),
        ],
        className="evaluation-page",
    )


def nothing_tested() -> Component:
    return empty_state(
        "No tested experiment yet",
        "Train an experiment first. When it is done, its test can be looked at here.",
        link_button("New experiment", "/new-experiment", icon_name="plus-lg"),
        icon_name="clipboard-data",
    )


def not_tested(asked: str) -> Component:
    """The address names an experiment that is not there, or has no result."""
    return empty_state(
        "No test result",
        f"Experiment {asked:.20} does not exist, or has no test result yet. Choose another one.",
        icon_name="question-circle",
    )


def progress(title: str, job: Mapping[str, Any]) -> Component:
    return section(title, job_progress(job))


def refusal(sentence: str) -> Component:
    return alert(sentence, "warning")


def open_link(experiment_id: int, *, generated: bool, leak: str | None = None) -> list[Any]:
    """The way to the experiment, a mark when its data were never measured, the verdict on leaks."""
    text = [icon("graph-up"), " Open the experiment"]
    link = page_link(text, f"/experiments/{experiment_id}", class_name="btn btn-outline-secondary")
    marks = [badge("generated", "info", icon_name="cpu"), " "] if generated else []
    return [leak_badge(leak), " ", *marks, link]


def _choices(part: str, level: str) -> list[Component]:
    parts = html.Fieldset(
        [
            html.Legend("Part of the evaluation", className="visually-hidden"),
            dbc.RadioItems(
                [{"label": title, "value": name} for name, title in PARTS.items()],
                part,
                id=Ids.part,
                inline=True,
                className="evaluation-parts",
                inputClassName="btn-check",
                labelClassName="btn btn-outline-secondary btn-sm",
                labelCheckedClassName="active",
            ),
        ]
    )
    levels = html.Fieldset(
        [
            html.Legend("Count by", className="form-label"),
            dbc.RadioItems(
                [{"label": title, "value": name} for name, title in LEVELS.items()],
                level,
                id=Ids.counted,
                inline=True,
            ),
        ],
        className="level-choice",
    )
    rows = [
        html.Div(field("Experiment", dbc.Select([], id=Ids.of)), className="evaluation-which"),
        html.Div(levels, id=Ids.counted_row),
        html.Div(
            field("Class", dbc.Select([], ALL_CLASSES, id=Ids.line)), id=Ids.line_row, hidden=True
        ),
        html.Div(_robustness_form(), id=Ids.robustness_row, hidden=True),
        html.Div(_temperature_form(), id=Ids.temperature_row, hidden=True),
        html.Div(_costs_form(), id=Ids.costs_row, hidden=True),
    ]
    # Dash's own cross to clear it has no role.
    others = dcc.Dropdown(
        id=Ids.others, multi=True, value=[], clearable=False, placeholder="choose experiments"
    )
    return [
        parts,
        html.Div(rows, className="field-row evaluation-choices"),
        html.Div(
            field("Experiments to compare", others),
            id=Ids.others_row,
            className="evaluation-others",
            hidden=True,
        ),
    ]


def _robustness_form() -> Component:
    levels = dbc.Input(id=Ids.noise, value=NOISE_LEVELS, maxLength=200, debounce=False)
    button = dbc.Button([icon("play"), " Try"], id=Ids.robustness_run, disabled=True)
    return html.Div(
        [field("Noise, as fractions of the signal's standard deviation", levels), button],
        className="evaluation-form",
    )


def _temperature_form() -> Component:
    button = dbc.Button(
        [icon("thermometer-half"), " Fit a temperature"], id=Ids.temperature_run, disabled=True
    )
    return html.Div(button, className="evaluation-form")


def _costs_form() -> Component:
    button = dbc.Button(
        [icon("stopwatch"), " Measure operations and latency"], id=Ids.costs_run, disabled=True
    )
    return html.Div(button, className="evaluation-form")


PAGE = Page(
    "evaluation",
    "Evaluation",
    "/evaluation",
    build,
    Group.UNDERSTAND,
    "clipboard-data",
)
