"""Begin a search over networks: data, what they may be made of, what chooses, how far it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.campaigns.search_form import (
    data_fields,
    judging_fields,
    limit_fields,
    number,
    options,
    other_settings,
    share_fields,
    window_field,
)
from layouts.components.architecture import architecture_picture
from layouts.components.frame import field, icon, page_head, section
from layouts.page import WRITERS, Group, Page

Values = Mapping[str, Any]
ALGORITHMS = (
    ("evolution", "Evolution: changes one thing of a good one"),
    ("bayesian", "Bayesian: learns which choices did well (TPE)"),
    ("random", "Random: each by chance"),
)
PRUNERS = (
    ("median", "below the median of the others"),
    ("hyperband", "by the rule of Hyperband"),
    ("none", "never"),
)


class Ids:
    none = "new-architecture-search-none"
    form = "new-architecture-search-form"
    version = "new-architecture-search-version"
    group_by = "new-architecture-search-group-by"
    validation_share = "new-architecture-search-validation-share"
    test_share = "new-architecture-search-test-share"
    folds = "new-architecture-search-folds"
    window = "new-architecture-search-window"
    more = "new-architecture-search-more"
    space = "new-architecture-search-space"
    most_parameters = "new-architecture-search-most-parameters"
    most_ms = "new-architecture-search-most-ms"
    space_told = "new-architecture-search-space-told"
    draw = "new-architecture-search-draw"
    drawn = "new-architecture-search-drawn"
    algorithm = "new-architecture-search-algorithm"
    pruner = "new-architecture-search-pruner"
    metric = "new-architecture-search-metric"
    also = "new-architecture-search-also"
    trials = "new-architecture-search-trials"
    epochs = "new-architecture-search-epochs"
    parallel = "new-architecture-search-parallel"
    seed = "new-architecture-search-seed"
    hours = "new-architecture-search-hours"
    patience = "new-architecture-search-patience"
    name = "new-architecture-search-name"
    start = "new-architecture-search-start"
    go = "new-architecture-search-go"


def build(**_view: Any) -> Component:
    start = dbc.Button([icon("diagram-3"), " Begin"], id=Ids.start, color="primary")
    body = [
        section("Data", _data()),
        section("Networks", _networks()),
        section("Search", _search()),
    ]
    lead = (
        "Every trial trains another network. Trials are judged by their validation groups; nobody"
        " looks at the test groups until you ask for it, once, at the end."
    )
    return html.Div(
        [
            page_head("Search networks", lead=lead, actions=[start]),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            html.Div(id=Ids.none),
            html.Div(body, id=Ids.form, className="features-body"),
        ],
        className="features-page",
    )


def space_understood() -> Component:
    return html.P("The space is understood.", className="figure-note")


def drawn(architecture: Values) -> Component:
    """One network of the space, to see what it is made of."""
    return architecture_picture(dict(architecture))


def _data() -> Component:
    hint = "Empty: shares. Else the first fold is the test; each other one is left out once."
    fields = html.Div(
        [
            *data_fields(Ids),
            *share_fields(Ids),
            field("Folds", number(Ids.folds, None, 3, 50, 1), hint=hint),
            window_field(Ids),
        ],
        className="features-fields",
    )
    return html.Div([fields, other_settings(Ids)])


def _networks() -> list[Component]:
    entry = dbc.Textarea(
        id=Ids.space, rows=18, className="wizard-json", debounce=True, spellCheck=False
    )
    hint = (
        "Fewest and most stages, operations with their kernels, widths, and what else a stage may"
        " have."
    )
    as_json = "Empty: as the JSON says, where null is none."
    limits = html.Div(
        [
            field("Most parameters", number(Ids.most_parameters, None, 1, 10**9, 1), hint=as_json),
            field(
                "Most ms for a window, on one thread",
                number(Ids.most_ms, None, 0.001, 60_000, "any"),
                hint=as_json,
            ),
        ],
        className="features-fields mt-3",
    )
    button = dbc.Button("Draw one", id=Ids.draw, color="secondary", outline=True, size="sm")
    return [
        field("As JSON", entry, hint=hint),
        html.Div(id=Ids.space_told, role="status"),
        limits,
        html.Div(button, className="section-actions"),
        html.Div(id=Ids.drawn, role="status", className="wizard-gap"),
    ]


def _search() -> Component:
    return html.Div(
        [
            field("Name", dbc.Input(id=Ids.name, maxlength=85, autocomplete="off")),
            field("Method", dbc.Select(options(ALGORITHMS), "evolution", id=Ids.algorithm)),
            field("Trials", number(Ids.trials, 20, 1, 20_000, 1)),
            field("Epochs of a trial", number(Ids.epochs, 10, 1, 10_000, 1)),
            field("End poor trials early", dbc.Select(options(PRUNERS), "median", id=Ids.pruner)),
            *judging_fields(Ids),
            *limit_fields(Ids),
        ],
        className="features-fields",
    )


PAGE = Page(
    "new_architecture_search",
    "Search networks",
    "/new-architecture-search",
    build,
    Group.LEARN,
    "diagram-3",
    roles=WRITERS,
    parent=("Campaigns", "/campaigns"),
    in_navigation=False,
)
