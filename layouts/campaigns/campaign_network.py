"""The networks of a search on the page of its campaign: the best one, or that of any trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.architecture import found_network
from layouts.components.frame import field, icon, section
from layouts.components.links import page_link, path_to
from layouts.components.quantities import count, file_size, quantity

Values = Mapping[str, Any]
EPOCHS = 50
MEASURED_TITLES = (
    *("Learned numbers", "Operations", "Size of the file", "Time for a window"),
    "Network",
)
_MEASURED: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("parameters", count),
    ("flops", lambda value: quantity(value, "FLOP")),
    ("size_bytes", file_size),
    ("latency_ms", lambda value: quantity(value / 1000, "s", 3)),
)
_MOST_EPOCHS, _MOST_TRIALS = 10_000, 20_000


class Ids:
    """``drawn`` says which network is shown."""

    place = "campaign-network"
    trial = "campaign-network-trial"
    drawn = "campaign-network-drawn"
    shown = "campaign-network-shown"
    retrained = "campaign-network-retrained"
    of_retraining = "campaign-network-of-retraining"
    epochs = "campaign-network-epochs"
    retrain = "campaign-network-retrain"
    go = "campaign-network-go"


def place() -> Component:
    """Where they will be; hidden where settings are searched."""
    number = dbc.Input(
        id=Ids.trial, type="number", min=1, max=_MOST_TRIALS, step=1, placeholder="the best"
    )
    body = [
        dcc.Store(id=Ids.drawn),
        dcc.Location(id=Ids.go, refresh="callback-nav"),
        html.Div(
            field("Network of trial", number, hint="Empty: the best so far."),
            className="features-fields",
        ),
        html.Div(id=Ids.shown, role="status"),
        html.Div(id=Ids.retrained),
        html.Div(_retraining(), id=Ids.of_retraining, hidden=True),
    ]
    return html.Div(section("Network", body), id=Ids.place, hidden=True)


def network(found: Values) -> Component:
    """A network with what was measured, and its files."""
    best = f"Trial {found['trial']}"
    experiments = found["experiment_ids"]
    title = page_link(best, f"/experiments/{experiments[0]}") if experiments else best
    value = "no score yet" if found["value"] is None else f"{found['value']:.4g}"
    files = [
        dbc.Button(
            [icon("download"), f" {text}"],
            href=path_to(
                f"/api/v1/architecture-searches/trials/{found['trial_id']}/export",
                {"format": format},
            ),
            external_link=True,
            color="secondary",
            outline=True,
            size="sm",
        )
        for format, text in (("pytorch", "Network as Python"), ("json", "Network as JSON"))
    ]
    return html.Div(
        [
            html.P([title, f": {value}"]),
            found_network(found),
            html.Div(files, className="section-actions"),
        ]
    )


def measured_cells(trial: Values) -> list[Any]:
    """What was measured of the network of a trial, under :data:`MEASURED_TITLES`."""
    measured, params = trial["measured"] or {}, trial["params"] or {}
    cells: list[Any] = [
        "–" if measured.get(name) is None else write(measured[name]) for name, write in _MEASURED
    ]
    line = params.get("architecture")
    same = f" Same as trial {trial['same_as']}." if trial["same_as"] is not None else ""
    return [*cells, "–" if line is None else [html.Code(line), same]]


def none_yet(number: int | None) -> Component:
    """Instead of a network."""
    if number is None:
        return html.P("No trial has a score yet; the best network will be shown here.")
    return html.P(f"Trial {number} is not there, or its network is not chosen yet.")


def retrained(found: Values | None) -> Component | None:
    """Where the best network was trained fully."""
    if found is None:
        return None
    link = page_link(
        f"experiment {found['experiment_id']}", f"/experiments/{found['experiment_id']}"
    )
    return html.P(
        [
            f"The network of trial {found['trial']} was trained anew, at most {found['epochs']}"
            " epochs, and tested: ",
            link,
            ".",
        ]
    )


def _retraining() -> list[Component]:
    epochs = dbc.Input(id=Ids.epochs, type="number", value=EPOCHS, min=1, max=_MOST_EPOCHS, step=1)
    button = dbc.Button("Train the best fully", id=Ids.retrain, color="secondary", outline=True)
    told = (
        "Trains the best network anew as an ordinary experiment, and tests it at its end. With that"
        " the test part was looked at, and the campaign cannot go on."
    )
    entries = html.Div([field("Epochs", epochs), button], className="field-row")
    return [html.P(told, className="figure-note"), entries]
