"""The part of the page of deployments where a model is tried, and how its answers look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.heads import HEADS
from layouts.components.doubt import doubt
from layouts.components.frame import definition_list, field
from layouts.components.head_numbers import amount
from layouts.components.links import page_link
from layouts.components.quantities import plural, quantity
from layouts.components.tables import table
from layouts.evaluation_numbers import share_text

Values = Mapping[str, Any]
USED = {
    "train": "The model was trained on it: that it is right about it says nothing of new ones.",
    "validation": "The model was chosen by it: that it is right about it says little of new ones.",
    "windows": "Parts of it were trained on: that it is right about it says nothing of new ones.",
}


class Ids:
    form = "deployment-recording-form"
    dataset = "deployment-recording-dataset"
    recording = "deployment-recording-recording"
    go = "deployment-recording-go"
    answer = "deployment-recording-answer"


def build() -> Component:
    """The model and its version are those that are chosen above."""
    choose = dcc.Dropdown(
        [],
        id=Ids.recording,
        clearable=False,
        placeholder="Choose a recording",
        labels={"search": "Search recordings"},
    )
    return html.Div(
        [
            html.Div(
                [
                    field("From data set", dbc.Select([], id=Ids.dataset)),
                    field("Recording", choose),
                    dbc.Button("Ask about its beginning", id=Ids.go, color="primary"),
                ],
                className="field-row",
            ),
            html.Div(id=Ids.answer, role="status", className="mt-3"),
        ],
        id=Ids.form,
        hidden=True,
    )


def answer(found: Values) -> list[Component]:
    """What a model said of the samples."""
    rows = [
        [one["name"], f"{100 * one['probability']:.1f} %"]
        for one in sorted(found["classes"], key=lambda one: -one["probability"])
    ]
    windows = plural(found["windows"], "window")
    unsure = doubt(one["probability"] for one in found["classes"])
    facts = [
        ("Class", f"{found['predicted']}. {unsure}" if unsure else found["predicted"]),
        ("Voted by", f"{windows}, {share_text(found['agreement'])} of them agree"),
        ("Answered by", f"{found['model']}, version {found['version']}"),
        ("Probabilities", "calibrated" if found["calibrated"] else "not calibrated"),
        *(
            (HEADS[one["name"]].title, f"{amount(one['name'], one['value'])}, estimated")
            for one in found["estimates"]
        ),
    ]
    return [
        definition_list(facts),
        table(["Class", "Probability"], rows, numbers={1}, label="Probabilities"),
    ]


def said(found: Values) -> list[Component]:
    """What the first windows of a recording came to, and how the model knows it."""
    windows = found["answer"]["windows"]
    parts = [
        "Asked about " if found["whole"] else "Asked about the first ",
        f"{plural(windows, 'window')} ({quantity(found['seconds'], 's')}) of ",
        page_link(found["recording"], f"/signals?recording={found['recording_id']}"),
        ". ",
        USED.get(found["side"], ""),
    ]
    if not found["whole"]:
        parts.append(" A batch below asks about all of it.")
    return [html.P(parts, className="figure-note"), *answer(found["answer"])]
