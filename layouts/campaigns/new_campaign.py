"""Begin a search over settings: data, classifier, what may vary, how far it may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.card import Family
from diagnostics.training.classifiers import CLASSIFIERS
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
from layouts.campaigns.space_rows import Ids as RowIds
from layouts.components.disclosure import disclosure
from layouts.components.frame import field, icon, page_head, section
from layouts.page import WRITERS, Group, Page

Values = Mapping[str, Any]
METHODS = (
    ("bayesian", "Bayesian: learns from what it has tried (TPE)"),
    ("hyperband", "Hyperband: many begin, the best get all epochs"),
    ("random", "Random: each by chance"),
    ("grid", "Grid: every combination of steps and choices"),
)
PRUNERS = (
    ("none", "never"),
    ("median", "below the median of the others"),
    ("hyperband", "by the rule of Hyperband"),
)
AT_FIRST = "cnn1d"
VALIDATIONS = (
    ("once", "one part of the groups"),
    ("folds", "cross-validation over folds of groups"),
)


class Ids:
    none = "new-campaign-none"
    form = "new-campaign-form"
    version = "new-campaign-version"
    group_by = "new-campaign-group-by"
    validation = "new-campaign-validation"
    validation_share = "new-campaign-validation-share"
    test_share = "new-campaign-test-share"
    folds = "new-campaign-folds"
    of_shares = "new-campaign-of-shares"
    of_folds = "new-campaign-of-folds"
    classifier = "new-campaign-classifier"
    epochs = "new-campaign-epochs"
    window = "new-campaign-window"
    of_networks = "new-campaign-of-networks"
    more = "new-campaign-more"
    method = "new-campaign-method"
    pruner = "new-campaign-pruner"
    metric = "new-campaign-metric"
    also = "new-campaign-also"
    trials = "new-campaign-trials"
    parallel = "new-campaign-parallel"
    seed = "new-campaign-seed"
    hours = "new-campaign-hours"
    patience = "new-campaign-patience"
    space = "new-campaign-space"
    space_told = "new-campaign-space-told"
    name = "new-campaign-name"
    start = "new-campaign-start"
    go = "new-campaign-go"


def build(**_view: Any) -> Component:
    start = dbc.Button([icon("bullseye"), " Begin"], id=Ids.start, color="primary")
    body = [
        section("Data", _data()),
        section("Classifier", _classifier()),
        section("Search space", _space()),
        section("Search", _search()),
    ]
    lead = (
        "Every trial is an experiment with other settings. Trials are judged by their validation"
        " groups; nobody looks at the test groups until you ask for it, once, at the end."
    )
    return html.Div(
        [
            page_head("New search", lead=lead, actions=[start]),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            html.Div(id=Ids.none),
            html.Div(body, id=Ids.form, className="features-body"),
        ],
        className="features-page",
    )


def space_told(space: Values) -> Component:
    """The space as it is understood."""
    told = []
    for name, one in space.items():
        condition = _condition(one)
        told.append(f"{name} {_range(one)}" + (f" where {condition}" if condition else ""))
    return html.P(f"Understood: {'; '.join(told)}.", className="figure-note")


def _range(one: Values) -> str:
    if one["type"] == "categorical":
        return ", ".join(map(str, one["choices"]))
    text = f"{one['low']:g} to {one['high']:g}"
    if one.get("log"):
        text += ", by its logarithm"
    return text + (f", in steps of {one['step']:g}" if one.get("step") else "")


def _condition(one: Values) -> str:
    when = one.get("when") or {}
    return " and ".join(f"{name} is {' or '.join(map(str, of))}" for name, of in when.items())


def _data() -> Component:
    shares = html.Div(share_fields(Ids), id=Ids.of_shares, className="features-fields")
    folds = html.Div(
        field(
            "Folds",
            number(Ids.folds, 5, 3, 50, 1),
            hint="The first is the test; each of the others is left out once.",
        ),
        id=Ids.of_folds,
        hidden=True,
    )
    return html.Div(
        [
            *data_fields(Ids),
            field("Validation", dbc.Select(options(VALIDATIONS), "once", id=Ids.validation)),
            shares,
            folds,
        ],
        className="features-fields",
    )


def _classifier() -> Component:
    names = [(card.name, card.title) for card in CLASSIFIERS]
    network = html.Div(
        field(
            "Epochs",
            number(Ids.epochs, 27, 1, 10_000, 1),
            hint="What a trial gets that nobody ends early.",
        ),
        id=Ids.of_networks,
    )
    return html.Div(
        [
            html.Div(
                [
                    field("Kind", dbc.Select(options(names), AT_FIRST, id=Ids.classifier)),
                    window_field(Ids),
                    network,
                ],
                className="features-fields",
            ),
            other_settings(Ids),
        ]
    )


def _space() -> list[Component]:
    entry = dbc.Textarea(
        id=Ids.space, rows=12, className="wizard-json", debounce=True, spellCheck=False
    )
    hint = (
        "A setting and its bounds in each line: float or int with low and high, log or step;"
        " categorical with choices. “when” lets a setting exist only where an earlier one has some"
        " value. Choosing another classifier writes its usual space anew."
    )
    add = dbc.Button(
        [icon("plus-lg"), " Add"], id=RowIds.add, color="secondary", outline=True, size="sm"
    )
    rows_hint = (
        "Choices are parted by commas. “Only where” names an earlier setting with choices and those"
        " under which this one exists: loss: focal."
    )
    return [
        html.Div(id=RowIds.rows),
        html.P(rows_hint, className="figure-note"),
        html.Div(
            [field("One more setting", dbc.Select([], id=RowIds.more)), add],
            className="features-fields space-add",
        ),
        html.P(id=RowIds.told, role="status", className="figure-note"),
        html.Div(id=Ids.space_told, role="status"),
        disclosure("The same as JSON", field("As JSON", entry, hint=hint)),
    ]


def _search() -> Component:
    name = dbc.Input(id=Ids.name, maxlength=85, autocomplete="off")
    return html.Div(
        [
            field("Name", name),
            field("Method", dbc.Select(options(METHODS), "bayesian", id=Ids.method)),
            field("End poor trials early", dbc.Select(options(PRUNERS), "none", id=Ids.pruner)),
            *judging_fields(Ids),
            field("Trials", number(Ids.trials, 30, 1, 20_000, 1)),
            *limit_fields(Ids),
        ],
        className="features-fields",
    )


def is_network(classifier: str | None) -> bool:
    """Whether it learns epoch by epoch."""
    return any(c.name == classifier and c.family is Family.NETWORK for c in CLASSIFIERS)


PAGE = Page(
    "new_campaign",
    "New search",
    "/new-campaign",
    build,
    Group.LEARN,
    "bullseye",
    roles=WRITERS,
    parent=("Campaigns", "/campaigns"),
    in_navigation=False,
)
