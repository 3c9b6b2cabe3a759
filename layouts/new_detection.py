"""Detect anomalies: choose sources and algorithms; forms come from the algorithms themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.detectors.description import Description, Kind, Parameter
from diagnostics.detectors.registry import ALGORITHMS
from layouts.components.disclosure import disclosure
from layouts.components.frame import (
    badge,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.page import WRITERS, Group, Page

LEAD = (
    "One source and one algorithm: a detection. One source and several algorithms: a comparison. "
    "Several sources and one algorithm: a batch."
)
CATEGORIES = {
    "tree": "trees",
    "density": "density",
    "svm": "boundary",
    "clustering": "clusters",
    "statistical": "statistics",
    "neural": "neural network",
    "ensemble": "ensemble",
    "time_series": "time series",
}
# Of all it misses least at its defaults: docs/benchmarks.md, planted anomalies.
AT_FIRST = "ensemble"
POLICIES = (
    ("auto", "few false alarms: as the algorithm says"),
    ("contamination", "a share of the rows"),
    ("calibrated", "a calibrated score, 0 to 1"),
    ("threshold", "a raw score"),
)


class Ids:
    """``card`` and ``parameter`` are types of patterns, with the name of the algorithm.

    ``copied`` is what the address names to begin from, and ``given`` what that one was asked.
    """

    copied = "new-detection-copied"
    given = "new-detection-given"
    asked = "new-detection-asked"
    sources = "new-detection-sources"
    none = "new-detection-none"
    form = "new-detection-form"
    card = "new-detection-card"
    cards = "new-detection-cards"
    parameter = "new-detection-parameter"
    parameters = "new-detection-parameters"
    columns = "new-detection-columns"
    sample = "new-detection-sample"
    alarm_from = "new-detection-alarm-from"
    policy = "new-detection-policy"
    value = "new-detection-value"
    fit_source = "new-detection-fit-source"
    fit_first = "new-detection-fit-first"
    fit_end = "new-detection-fit-end"
    one_only = "new-detection-one-only"
    name = "new-detection-name"
    of_batch = "new-detection-of-batch"
    told = "new-detection-told"
    start = "new-detection-start"


def build(
    source: str = "", copy: str = "", comparison: str = "", algorithm: str = "", **_view: Any
) -> Component:
    """The address names a source, or a detection or an algorithm of a comparison to ask again."""
    copied = {"source": source, "copy": copy, "comparison": comparison, "algorithm": algorithm}
    start = dbc.Button([icon("search"), " Detect"], id=Ids.start, color="primary")
    chosen = dcc.Dropdown(
        [],
        [],
        id=Ids.sources,
        multi=True,
        clearable=False,
        placeholder="choose one or more",
    )
    cards = html.Div(id=Ids.cards, className="algorithm-cards")
    name = dbc.Input(id=Ids.name, maxlength=255, autocomplete="off")
    body = [
        section(
            "Sources",
            [
                field("Rows of", chosen),
                html.Div(field("Name of the batch", name), id=Ids.of_batch, hidden=True),
            ],
        ),
        section("Algorithms", cards),
        html.Div(id=Ids.parameters),
        section("What is judged", _more()),
    ]
    told = html.Div(id=Ids.told, className="plot-note", role="status")
    return html.Div(
        [
            page_head("Detect anomalies", lead=LEAD, actions=[start]),
            told,
            # Not the value of the dropdown: one that is no option yet is thrown away.
            dcc.Store(id=Ids.asked),
            dcc.Store(id=Ids.copied, data=copied),
            dcc.Store(id=Ids.given),
            html.Div(id=Ids.none),
            html.Div(body, id=Ids.form, className="features-body"),
        ],
        className="features-page anomalies-page",
    )


def no_sources() -> Component:
    return empty_state(
        "No source can be judged yet",
        "Make one of a file, a feature set, a data set or a recording.",
        link_button("Make a source", "/sources", icon_name="table"),
        icon_name="table",
    )


def algorithm_cards(chosen: Sequence[str] = ()) -> list[Component]:
    """Every algorithm as it describes itself; one of them is chosen at first."""
    return [_card(one, on=one.name in (chosen or [AT_FIRST])) for one in ALGORITHMS.values()]


def parameter_forms(chosen: Sequence[str], given: Mapping[tuple[str, str], Any]) -> list[Component]:
    """A form for each chosen algorithm, with what was typed before."""
    return [
        section(
            f"Parameters of {ALGORITHMS[name].display_name}",
            html.Div(
                [
                    _entry(name, one, given.get((name, one.name)))
                    for one in ALGORITHMS[name].parameters
                ],
                className="features-fields",
            ),
        )
        for name in chosen
        if ALGORITHMS[name].parameters
    ]


def told(sources: int, algorithms: int) -> tuple[str, str, bool]:
    """What will be done, what the button says, and whether it can be pressed."""
    if not sources:
        return "Choose a source.", "Detect", True
    if not algorithms:
        return "Choose an algorithm.", "Detect", True
    if sources > 1 and algorithms > 1:
        return "A batch has one algorithm, a comparison has one source.", "Detect", True
    if sources > 1:
        return f"A batch over {sources} sources; workers share them.", f"Detect in {sources}", False
    if algorithms > 1:
        text = f"A comparison of {algorithms} algorithms on the same rows."
        return (
            (text, f"Compare {algorithms}", False)
            if algorithms <= 12
            else ("At most 12 algorithms are compared at once.", "Compare", True)
        )
    return "", "Detect", False


def _card(about: Description, *, on: bool) -> Component:
    lists = html.Div(
        [
            html.Ul([html.Li(text) for text in about.pros], className="pros"),
            html.Ul([html.Li(text) for text in about.cons], className="cons"),
            html.P(f"Best for: {about.best_for[:1].lower()}{about.best_for[1:]}."),
            html.P(about.source, className="figure-note"),
        ]
    )
    return html.Div(
        [
            _tick(about.display_name, {"type": Ids.card, "name": about.name}, on=on),
            badge(CATEGORIES[about.category.value]),
            html.P(about.description),
            disclosure("For and against", lists),
        ],
        className="algorithm-card",
    )


def _entry(algorithm: str, one: Parameter, given: Any) -> Component:
    value = one.default if given is None else given
    own = {"type": Ids.parameter, "of": algorithm, "name": one.name}
    if one.type is Kind.BOOLEAN:
        control: Component = _tick(one.label, own, on=bool(value))
        return html.Div([control, html.Div(one.description, className="form-text")])
    if one.type is Kind.SELECT:
        options = [{"label": word, "value": word} for word in one.options]
        control = dbc.Select(options, value, id=own)
    elif one.options:
        control = dbc.Input(id=own, value=str(value), maxlength=40, autocomplete="off")
    else:
        step = 1 if one.type is Kind.INTEGER else "any"
        bounds = {"min": one.min_value, "max": one.max_value}
        control = dbc.Input(id=own, type="number", value=value, step=step, **bounds)
    # The label is around its field: one that names the id of a pattern is not found.
    label = html.Label([html.Span(one.label, className="form-label"), control])
    hint = html.Div(f"{one.description} {_bounds(one)}".strip(), className="form-text")
    return html.Div([label, hint], className="field wizard-parameter")


def _tick(label: str, own: dict[str, str], *, on: bool) -> Component:
    """The label is around its box: one that names the id of a pattern is not found."""
    return html.Label([dbc.Checkbox(id=own, value=on), html.Span(label)], className="tick-label")


def _bounds(one: Parameter) -> str:
    return "" if one.type is Kind.SELECT else f"{one.allowed[:1].upper()}{one.allowed[1:]}."


def _more() -> Component:
    number = {"type": "number", "step": 1}
    policies = [{"label": title, "value": name} for name, title in POLICIES]
    usual = field(
        "Columns",
        dcc.Dropdown(
            [], [], id=Ids.columns, multi=True, clearable=False, placeholder="all numbers"
        ),
        class_name="features-wide",
    )
    train = [
        field(
            "Learn from the rows of",
            dbc.Select([], "*", id=Ids.fit_source),
            hint="Train on one period, judge another.",
        ),
        field("From row", dbc.Input(id=Ids.fit_first, min=0, placeholder="first", **number)),
        field("To before row", dbc.Input(id=Ids.fit_end, min=1, placeholder="end", **number)),
        field(
            "Flagged are rows above",
            dbc.Select(policies, "auto", id=Ids.policy),
            hint="In a comparison each algorithm draws its own line.",
        ),
        field("Value", dbc.Input(id=Ids.value, type="number", step="any")),
    ]
    return html.Div(
        [
            html.Div(
                [
                    usual,
                    field(
                        "Only a sample of rows",
                        dbc.Input(id=Ids.sample, min=100, placeholder="all", **number),
                    ),
                    field(
                        "Alarm from flagged rows",
                        dbc.Input(id=Ids.alarm_from, min=1, placeholder="never", **number),
                        hint="Fewer than that clear the alarm of the source.",
                    ),
                ],
                className="features-fields",
            ),
            html.Div(train, id=Ids.one_only, className="features-fields mt-3"),
        ]
    )


PAGE = Page(
    "new_detection",
    "Detect anomalies",
    "/new-detection",
    build,
    Group.OPERATE,
    "search",
    roles=WRITERS,
    parent=("Anomalies", "/anomalies"),
    in_navigation=False,
)
