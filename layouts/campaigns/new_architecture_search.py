"""Begin a search over networks: data, what they may be made of, what chooses, how far it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.campaigns.new_campaign import COSTS, METRICS
from layouts.components.architecture import architecture_picture
from layouts.components.disclosure import disclosure
from layouts.components.frame import alert, field, icon, page_head, section
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


def space_lines(space: Values) -> str:
    """One list in a line, as one would write it.

    Examples
    --------
    >>> print(space_lines({"depth": [3, 6], "skip": True}))
    {
      "depth": [3, 6],
      "skip": true
    }
    """
    lines = [f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in space.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def space_understood() -> Component:
    return html.P("The space is understood.", className="figure-note")


def drawn(architecture: Values) -> Component:
    """One network of the space, to see what it is made of."""
    return architecture_picture(dict(architecture))


def refused(sentence: str) -> Component:
    return alert(sentence, "danger")


def _data() -> Component:
    more = dbc.Textarea(id=Ids.more, value="{}", rows=5, className="wizard-json")
    hint = "Empty: shares. Else the first fold is the test; each other one is left out once."
    fields = html.Div(
        [
            field("Version of a data set", dbc.Select([], id=Ids.version)),
            field(
                "Keep together",
                dbc.Select([], id=Ids.group_by),
                hint="No group is on two sides.",
            ),
            field("Share for validation", _number(Ids.validation_share, 0.2, 0, 1, 0.05)),
            field("Share for the test", _number(Ids.test_share, 0.2, 0, 1, 0.05)),
            field("Folds", _number(Ids.folds, None, 3, 50, 1), hint=hint),
            field("Window, samples", _number(Ids.window, 2048, 1024, 1_048_576, 1)),
        ],
        className="features-fields",
    )
    others = disclosure(
        "Other settings of all trials", field("As JSON, like in “New experiment”", more)
    )
    return html.Div([fields, others])


def _networks() -> list[Component]:
    entry = dbc.Textarea(
        id=Ids.space, rows=18, className="wizard-json", debounce=True, spellCheck=False
    )
    hint = (
        "Fewest and most stages, operations with their kernels, widths, and what else a stage may"
        " have. max_parameters and max_latency_ms (one window on one thread) are limits; null is"
        " none."
    )
    button = dbc.Button("Draw one", id=Ids.draw, color="secondary", outline=True, size="sm")
    return [
        field("As JSON", entry, hint=hint),
        html.Div(id=Ids.space_told, role="status"),
        html.Div(button, className="section-actions"),
        html.Div(id=Ids.drawn, role="status", className="wizard-gap"),
    ]


def _search() -> Component:
    return html.Div(
        [
            field("Name", dbc.Input(id=Ids.name, maxlength=85, autocomplete="off")),
            field("Method", dbc.Select(_options(ALGORITHMS), "evolution", id=Ids.algorithm)),
            field("Trials", _number(Ids.trials, 20, 1, 20_000, 1)),
            field("Epochs of a trial", _number(Ids.epochs, 10, 1, 10_000, 1)),
            field("End poor trials early", dbc.Select(_options(PRUNERS), "median", id=Ids.pruner)),
            field("Judge by", dbc.Select(_options(METRICS), "val_accuracy", id=Ids.metric)),
            field("Keep low beside it", dbc.Select(_options(COSTS), "none", id=Ids.also)),
            field("At once", _number(Ids.parallel, 1, 1, 64, 1), hint="On as many workers."),
            field("Seed", _number(Ids.seed, 0, 0, 2**31 - 1, 1)),
            field("Hours", _number(Ids.hours, None, 0, 8760, "any"), hint="Empty: no limit."),
            field(
                "Trials without a better one",
                _number(Ids.patience, None, 1, 20_000, 1),
                hint="Then it ends. Empty: never.",
            ),
        ],
        className="features-fields",
    )


def _options(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"label": text, "value": value} for value, text in pairs]


def _number(own: str, value: Any, low: float, high: float, step: Any) -> Component:
    return dbc.Input(id=own, type="number", value=value, min=low, max=high, step=step)


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
