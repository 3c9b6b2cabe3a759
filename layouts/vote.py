"""A small form that lets finished experiments vote together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.evaluation.voting import MOST
from layouts.components.frame import alert, definition_list, empty_state, field, page_head, section
from layouts.components.links import numbers_in, page_link
from layouts.components.quantities import count, plural
from layouts.components.tables import table
from layouts.page import Group, Page

Values = Mapping[str, Any]
VOTINGS = [
    {"label": "Soft: the mean of the class probabilities", "value": "soft"},
    {"label": "Hard: each member names a class for each recording", "value": "hard"},
]
WEIGHTINGS = [
    {"label": "All alike", "value": "equal"},
    {"label": "By balanced accuracy in the validation part of each", "value": "validation"},
    {"label": "Typed", "value": "typed"},
]


class Ids:
    """``view`` holds what the address says."""

    view = "vote-view"
    go = "vote-go"
    chooser = "vote-chooser"
    voting = "vote-voting"
    weighting = "vote-weighting"
    weights = "vote-weights"
    weight = "vote-weight"
    plan = "vote-plan"
    name = "vote-name"
    submit = "vote-submit"
    form = "vote-form"


def build(experiments: str = "", **_view: str) -> Component:
    """The query names who votes."""
    chooser = dcc.Dropdown(
        [],
        [],
        id=Ids.chooser,
        multi=True,
        clearable=False,
        closeOnSelect=False,
        placeholder=f"Choose 2 to {MOST}",
        labels={"search": "Search by name or number"},
    )
    members = section(
        "Members",
        [
            field("Experiments with a result", chooser, class_name="compare-chooser"),
            html.P(
                "Choose them by what they are, or by their validation. Members that are picked by"
                " their scores in the test make the vote look better than it is.",
                className="figure-note",
            ),
        ],
    )
    vote = section(
        "Vote",
        [
            html.Div(
                [
                    _radio("How they vote", Ids.voting, VOTINGS, "soft"),
                    _radio("How much each counts", Ids.weighting, WEIGHTINGS, "equal"),
                ],
                className="vote-choices",
            ),
            html.Div(id=Ids.weights, className="field-row"),
        ],
    )
    return html.Div(
        [
            page_head(
                "Vote together",
                lead="Finished experiments of the same classes as one: tested on the recordings"
                " that all of them were tested on, and that none of them knows.",
            ),
            dcc.Store(id=Ids.view, data={"experiments": numbers_in(experiments)}),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            members,
            vote,
            section("What is tested", html.Div(id=Ids.plan, role="status")),
            html.Div(_submit(), id=Ids.form, hidden=True),
        ],
        className="vote-page",
    )


def weights(chosen: Sequence[int], names: Mapping[int, str]) -> list[Component]:
    """A number for each member."""
    return [_weight(number, names.get(number, f"experiment {number}")) for number in chosen]


def _weight(number: int, name: str) -> Component:
    entry = dbc.Input(
        id={"type": Ids.weight, "member": number},
        type="number",
        min=0,
        step="any",
        value=1,
        debounce=True,
    )
    # The label is around its field: one that names the id of a pattern is not found.
    label = html.Label([html.Span(f"Weight of {name}", className="form-label"), entry])
    return html.Div(label, className="field")


def too_few() -> Component:
    return empty_state(
        "Choose two experiments or more",
        "Search for them above, or select them in the table of experiments.",
        icon_name="people",
    )


def refused(sentence: str) -> Component:
    """Why these cannot vote together."""
    return alert(sentence, "warning")


def plan(found: Values) -> list[Component]:
    """What would be tested, and what has to be known of it."""
    rows = [
        [
            page_link(one["name"], f"/experiments/{one['experiment_id']}"),
            one["classifier_title"],
            count(one["recordings"]),
            "by validation" if one["weight"] is None else f"{one['weight']:.3f}",
        ]
        for one in found["members"]
    ]
    head = ["Member", "Classifier", "Recordings in its test", "Share of the vote"]
    classes = ", ".join(f"{name} {count(number)}" for name, number in found["classes"].items())
    facts: list[tuple[str, Any]] = [
        ("Tested together", f"{plural(found['recordings'], 'recording')}: {classes}"),
        ("Groups", count(found["groups"])),
        ("Single windows", "voted on, too" if found["by_window"] else "not voted on"),
    ]
    notes = [html.Div(note) for note in found["notes"]]
    return [
        table(head, rows, numbers=(2, 3), label="Members"),
        html.Div(definition_list(facts), className="vote-facts"),
        *([alert(notes)] if notes else []),
    ]


def _radio(label: str, radio_id: str, options: list[dict[str, str]], value: str) -> Component:
    chosen = dbc.RadioItems(options, value, id=radio_id)
    return html.Fieldset([html.Legend(label, className="form-label"), chosen])


def _submit() -> Component:
    name = dbc.Input(id=Ids.name, maxlength=120, autoComplete="off")
    button = dbc.Button("Vote together", id=Ids.submit, color="primary", disabled=True)
    return section("Name", html.Div([field("Name", name), button], className="field-row"))


PAGE = Page(
    "vote",
    "Vote together",
    "/vote",
    build,
    Group.LEARN,
    "people",
    parent=("Experiments", "/experiments"),
    in_navigation=False,
)
