"""A repeated experiment: its runs while they train, the pooled result, how the runs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.bands import band_of, whole_until
from layouts.components.attributes import attributes
from layouts.components.experiment_state import experiment_badge
from layouts.components.frame import (
    alert,
    badge,
    definition_list,
    empty_state,
    icon,
    page_head,
    section,
)
from layouts.components.leak import leak_badge
from layouts.components.links import number_of, page_link, path_to
from layouts.components.moments import moment
from layouts.components.priority import priority_choice
from layouts.components.versions import version_name
from layouts.experiment_settings import CARDS, settings_list, split_by
from layouts.figures.repeated import accuracy_bands, loss_bands
from layouts.figures.template import graph_config
from layouts.page import Group, Page
from layouts.repeated_result import difference, result, runs_table

AT_WORK = ("waiting", "training", "paused")
Values = Mapping[str, Any]


class Ids:
    """``shown`` says what is drawn already, ``drawn`` how many epochs the curves have."""

    chosen = "repeated-chosen"
    shown = "repeated-shown"
    head = "repeated-head"
    progress = "repeated-progress"
    result = "repeated-result"
    curves = "repeated-curves"
    drawn = "repeated-drawn"
    loss = "repeated-loss"
    accuracy = "repeated-accuracy"
    curves_note = "repeated-curves-note"
    settings = "repeated-settings"
    act = "repeated-act"
    ask = "repeated-ask"
    priority = "repeated-priority"
    plan = "repeated-plan"
    plan_title = "repeated-plan-title"
    carry_out = "repeated-carry-out"
    put_off = "repeated-put-off"
    go = "repeated-go"


def build(repeated_id: str = "", **_view: Any) -> Component:
    return html.Div(
        [
            dcc.Store(id=Ids.chosen, data=number_of(repeated_id)),
            dcc.Store(id=Ids.shown),
            dcc.Store(id=Ids.drawn, data=0),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            html.Div(id=Ids.head),
            html.Div(id=Ids.progress),
            html.Div(id=Ids.result, className="evaluation-result"),
            html.Div(_curves(), id=Ids.curves, hidden=True),
            html.Div(id=Ids.settings),
            _plan(),
        ],
        className="experiment-page repeated-page",
    )


def head(repeated: Values, *, can_change: bool) -> Component:
    """Name, state, and what can be done with all runs."""
    data = page_link(version_name(repeated), f"/datasets/{repeated['dataset_id']}")
    generated: list[Any] = [" ", badge("generated", "info", icon_name="cpu")]
    lead = html.P(
        [
            experiment_badge(repeated["state"]),
            f" {CARDS[repeated['classifier']].title} on ",
            data,
            *(generated if repeated["generated"] else []),
            " ",
            leak_badge(repeated["leak"]),
            f", split by {split_by(repeated)}: {shape(repeated)}. Made by"
            f" {repeated['owner_name']}, ",
            moment(repeated["created_at"]),
            ".",
        ],
        className="page-lead experiment-lead",
    )
    again = dbc.Button(
        [icon("files"), " New from this"],
        href=path_to("/new-experiment", {"repeated": repeated["id"]}),
        color="secondary",
        outline=True,
    )
    beside = dbc.Button(
        [icon("layout-split"), " Compare"],
        href=path_to("/compare-repeated", {"repeated": repeated["id"]}),
        color="secondary",
        outline=True,
    )
    actions = [*_actions(repeated), beside, again] if can_change else [beside]
    if can_change and not {*repeated["states"]} & {*AT_WORK}:
        delete = {"type": Ids.ask, "verb": "delete"}
        actions.append(dbc.Button("Delete …", id=delete, color="danger", outline=True))
    waiting = [run for run in repeated["members"] if run["state"] in ("waiting", "paused")]
    if can_change and waiting:
        actions.insert(0, priority_choice(Ids.priority, waiting[0]["priority"]))
    return html.Div(
        [
            html.Div([html.H1(repeated["name"]), lead]),
            html.Div(actions, className="page-actions"),
        ],
        className="page-head",
    )


def shape(repeated: Values) -> str:
    """How many folds and seeds there are.

    Examples
    --------
    >>> shape({"folds": 4, "seeds": [0, 1]}), shape({"folds": 0, "seeds": [0, 1, 2]})
    ('4 folds × 2 seeds', '3 seeds')
    """
    seeds = len(repeated["seeds"])
    told = f"{seeds} seed{'' if seeds == 1 else 's'}"
    return f"{repeated['folds']} folds × {told}" if repeated["folds"] else told


def not_there(sentence: str) -> Component:
    back = page_link("All repeated experiments", "/repeated")
    told = empty_state("No such experiment", [sentence, " "], back, icon_name="question-circle")
    return html.Div([page_head("Repeated experiment"), told])


def progress(repeated: Values) -> Component | None:
    """How far the runs are; nothing any more once all are finished."""
    if repeated["state"] == "finished":
        return None
    percent = round(100 * repeated["fraction"])
    states = [experiment_badge(state) for state in repeated["states"]]
    counted = [
        html.Span([shown, f" {number}"], className="repeated-count")
        for shown, number in zip(states, repeated["states"].values(), strict=True)
    ]
    bar = html.Div(
        html.Div(className="progress-bar", style={"width": f"{percent}%"}),
        className="progress job-bar",
        role="progressbar",
        **attributes(
            aria_label=f"Progress of {repeated['name']}",
            aria_valuenow=str(percent),
            aria_valuemin="0",
            aria_valuemax="100",
        ),
    )
    told = f"{percent} % · {repeated['finished']} of {repeated['runs']} runs are finished"
    failed = [run for run in repeated["members"] if run["state"] == "failed"]
    errors: list[Component] = []
    if failed:
        one = failed[0]
        errors.append(
            alert(
                [
                    page_link(one["name"], f"/experiments/{one['experiment_id']}"),
                    f" failed. {one['error'] or ''}",
                ],
                "danger",
            )
        )
    return section(
        "Runs",
        [
            html.Div([bar, html.Span(told, className="job-told")], className="job-progress"),
            html.Div(counted, className="repeated-counts"),
            *errors,
        ],
    )


def results(repeated: Values) -> list[Component]:
    """The pooled result, the runs, and how they differ."""
    parts = [] if repeated["pooled"] is None else [result(repeated)]
    parts.append(runs_table(repeated))
    if repeated["spreads"]:
        parts.append(difference(repeated))
    return parts


def curves(runs: Sequence[Values]) -> tuple[Any, Any, str]:
    """Loss and accuracy of all runs with a sentence about them."""
    epochs = [run["epochs"] for run in runs]
    train_loss, loss = band_of(epochs, "train_loss"), band_of(epochs, "validation_loss")
    train_right, right = band_of(epochs, "train_accuracy"), band_of(epochs, "validation_accuracy")
    until = whole_until(train_loss, len(runs))
    note = "Lines are means over the runs, shaded is from the lowest run to the highest."
    if train_loss and until < train_loss[-1].epoch:
        note += (
            f" Until epoch {until} all {len(runs)} runs are in it; beyond, only those that went on."
        )
    return loss_bands(train_loss, loss), accuracy_bands(train_right, right), note


def settings(repeated: Values) -> Component:
    """What all runs were asked for."""
    shown = {
        "config": repeated["config"],
        "split": {"sample_rate_hz": repeated["sample_rate_hz"]},
        "class_names": repeated["class_names"],
        "parameter_count": None,
        "feature_set": repeated["feature_set"],
    }
    seeds = ", ".join(map(str, repeated["seeds"]))
    rows = [row for row in settings_list(shown) if row[0] != "Seed"]
    runs = page_link(
        "in the table of experiments", "/experiments", {"query": f"repeated:{repeated['id']}"}
    )
    return section("Settings", definition_list([*rows, ("Seeds", seeds), ("All runs", runs)]))


def _curves() -> Component:
    graphs = [_graph(Ids.loss, "loss", "Loss"), _graph(Ids.accuracy, "accuracy", "Accuracy")]
    note = html.P(id=Ids.curves_note, className="figure-note")
    return section("Learning curves", [html.Div(graphs, className="experiment-graphs"), note])


def _graph(graph_id: str, file_name: str, label: str) -> Component:
    graph = dcc.Graph(
        id=graph_id,
        config=graph_config(file_name) | {"scrollZoom": False},
        style={"height": "280px"},
    )
    return html.Div(graph, role="group", **attributes(aria_label=f"{label} by epoch, all runs"))


def _actions(repeated: Values) -> list[Component]:
    states = set(repeated["states"])
    offered = [
        ("pause", "Pause all", "pause", {"training", "waiting"}),
        ("resume", "Go on", "play", {"paused", "failed", "cancelled"}),
        ("cancel", "Cancel all", "x-lg", {*AT_WORK}),
    ]
    return [
        dbc.Button(
            [icon(icon_name), f" {text}"],
            id={"type": Ids.act, "verb": verb},
            color="primary" if verb == "resume" else "secondary",
            outline=verb != "resume",
        )
        for verb, text, icon_name, wanted in offered
        if states & wanted
    ]


def _plan() -> Component:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Delete the repeated experiment?", id=Ids.plan_title)),
            dbc.ModalBody(
                "It goes with all its runs, their results and checkpoints. This cannot be undone."
            ),
            dbc.ModalFooter(
                [
                    dbc.Button("Delete nothing", id=Ids.put_off, color="secondary", outline=True),
                    dbc.Button("Delete", id=Ids.carry_out, color="danger"),
                ]
            ),
        ],
        id=Ids.plan,
        labelledby=Ids.plan_title,
        is_open=False,
    )


PAGE = Page(
    "repeated",
    "Repeated experiment",
    "/repeated/<repeated_id>",
    build,
    Group.LEARN,
    "layers",
    parent=("Repeated experiments", "/repeated"),
    in_navigation=False,
)
