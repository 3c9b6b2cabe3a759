"""Begin a search over settings: data, classifier, what may vary, how far it may go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.card import Family
from diagnostics.training.classifiers import CLASSIFIERS
from layouts.campaigns.space_rows import Ids as RowIds
from layouts.components.disclosure import disclosure
from layouts.components.frame import (
    alert,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
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
COSTS = (
    # A value that is empty would show nothing at all.
    ("none", "nothing"),
    ("parameters", "learned numbers of the network"),
    ("latency_ms", "time that a window takes"),
)
METRICS = (("val_accuracy", "Validation accuracy"), ("val_loss", "Validation loss"))
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


def no_data() -> Component:
    return empty_state(
        "No data to search on yet",
        "Import recordings and say what they show; a version of their data set can then be"
        " chosen here.",
        link_button("Import recordings", "/import", icon_name="upload"),
        icon_name="database",
    )


def version_options(versions: Sequence[Values]) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{one['dataset_name']}, version {one['version_number']}"
            + (" (generated)" if one["generated"] else ""),
            "value": one["version_id"],
        }
        for one in versions
    ]


def group_options(version: Values) -> list[dict[str, str]]:
    """Fields by which recordings can be kept together."""
    return [
        {"label": f"{one['title']} ({one['different']} different)", "value": one["name"]}
        for one in version["fields"]
        if one["name"] != "label" and one["different"] > 1
    ]


def space_text(space: Values) -> str:
    """One setting in a line, as one would write it.

    Examples
    --------
    >>> print(space_text({"window": {"type": "int", "low": 1, "high": 2}}))
    {
      "window": {"type": "int", "low": 1, "high": 2}
    }
    """
    lines = [f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in space.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def space_told(space: Values) -> Component:
    """The space as it is understood."""
    told = []
    for name, one in space.items():
        condition = _condition(one)
        told.append(f"{name} {_range(one)}" + (f" where {condition}" if condition else ""))
    return html.P(f"Understood: {'; '.join(told)}.", className="figure-note")


def space_refused(sentence: str) -> Component:
    return alert(sentence, "danger")


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
    shares = html.Div(
        [
            field("Share for validation", _number(Ids.validation_share, 0.2, 0, 1, 0.05)),
            field("Share for the test", _number(Ids.test_share, 0.2, 0, 1, 0.05)),
        ],
        id=Ids.of_shares,
        className="features-fields",
    )
    folds = html.Div(
        field(
            "Folds",
            _number(Ids.folds, 5, 3, 50, 1),
            hint="The first is the test; each of the others is left out once.",
        ),
        id=Ids.of_folds,
        hidden=True,
    )
    return html.Div(
        [
            field("Version of a data set", dbc.Select([], id=Ids.version)),
            field(
                "Keep together",
                dbc.Select([], id=Ids.group_by),
                hint="No group is on two sides.",
            ),
            field("Validation", dbc.Select(_options(VALIDATIONS), "once", id=Ids.validation)),
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
            _number(Ids.epochs, 27, 1, 10_000, 1),
            hint="What a trial gets that nobody ends early.",
        ),
        id=Ids.of_networks,
    )
    more = dbc.Textarea(id=Ids.more, value="{}", rows=5, className="wizard-json")
    return html.Div(
        [
            html.Div(
                [
                    field("Kind", dbc.Select(_options(names), AT_FIRST, id=Ids.classifier)),
                    field("Window, samples", _number(Ids.window, 2048, 1024, 1_048_576, 1)),
                    network,
                ],
                className="features-fields",
            ),
            disclosure(
                "Other settings of all trials",
                field("As JSON, like in “New experiment”", more),
            ),
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
            field("Method", dbc.Select(_options(METHODS), "bayesian", id=Ids.method)),
            field("End poor trials early", dbc.Select(_options(PRUNERS), "none", id=Ids.pruner)),
            field("Judge by", dbc.Select(_options(METRICS), "val_accuracy", id=Ids.metric)),
            field("Keep low beside it", dbc.Select(_options(COSTS), "none", id=Ids.also)),
            field("Trials", _number(Ids.trials, 30, 1, 20_000, 1)),
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


def is_network(classifier: str | None) -> bool:
    """Whether it learns epoch by epoch."""
    return any(c.name == classifier and c.family is Family.NETWORK for c in CLASSIFIERS)


def _options(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": text, "value": value} for value, text in pairs]


def _number(own: str, value: Any, low: float, high: float, step: Any) -> Component:
    return dbc.Input(id=own, type="number", value=value, min=low, max=high, step=step)


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
