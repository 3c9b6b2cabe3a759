"""Go on with a finished training: how, and from where one came that did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import field
from layouts.components.links import page_link
from layouts.components.quantities import count

Values = Mapping[str, Any]


class Ids:
    place = "experiment-continue-place"
    shown = "experiment-continue-shown"
    epochs = "experiment-continue-epochs"
    rate = "experiment-continue-rate"
    start = "experiment-continue-start"
    note = "experiment-continue-note"
    source = "experiment-continue-source"
    go = "experiment-continue-go"


def place() -> Component:
    """Hidden until it is known that the training can go on."""
    epochs = dbc.Input(id=Ids.epochs, type="number", min=1, max=10_000, step=1, value=10)
    rate = dbc.Input(id=Ids.rate, type="number", min=1e-8, max=10, step="any")
    form = html.Div(
        [
            field("Further epochs", epochs, hint="Exactly so many, without an early stop."),
            field(
                "Learning rate",
                rate,
                hint="Stays the same throughout; a tenth of what it was is usual.",
            ),
        ],
        className="wizard-fields",
    )
    start = dbc.Button("Train on", id=Ids.start, color="primary", outline=True)
    return html.Div(
        [
            dcc.Store(id=Ids.shown),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            html.P(id=Ids.source, className="page-lead", hidden=True),
            html.Div(
                disclosure(
                    "Continue for more epochs",
                    [html.P(id=Ids.note, className="form-text"), form, start],
                ),
                id=Ids.place,
                hidden=True,
            ),
        ],
        className="experiment-continue",
    )


def note(offer: Values) -> str:
    """What going on means."""
    kept = (
        "Weights, history and the state of the optimiser are kept."
        if offer["with_state"]
        else "The state of its optimiser is gone by now: it goes on from the weights of the best"
        " epoch with a new one."
    )
    return (
        f"A new experiment on the same split goes on after epoch {count(offer['epochs'])}; this one"
        f" keeps its result. {kept} Who goes on because the test was not good enough tunes on the"
        " test: let the validation decide."
    )


def source_line(source: Values) -> list[Any]:
    """Of an experiment that goes on with another one."""
    after = f", after its epoch {count(source['epochs'])}" if source["epochs"] else ""
    if source["name"] is None:
        return ["Goes on with an experiment that was deleted."]
    link = page_link(source["name"], f"/experiments/{source['experiment_id']}")
    return ["Goes on with ", link, f"{after}."]
