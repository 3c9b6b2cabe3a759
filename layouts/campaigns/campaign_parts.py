"""Parts of a campaign's page: its table of trials, limits, importance, and what is asked first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.campaigns.all_campaigns import score
from layouts.campaigns.campaign_network import MEASURED_TITLES, measured_cells
from layouts.components.disclosure import disclosure
from layouts.components.frame import badge, field, section
from layouts.components.links import page_link
from layouts.components.moments import duration
from layouts.components.tables import table
from layouts.components.titles import setting_title
from layouts.figures.campaigns import importance_figure
from layouts.figures.template import graph_config

Values = Mapping[str, Any]
PAGE_SIZE = 25
STATES = {
    "running": ("training", "info", "play-circle"),
    "complete": ("complete", "success", "check-circle"),
    "pruned": ("ended early", "warning", "scissors"),
    "failed": ("failed", "danger", "x-octagon"),
    "cancelled": ("cancelled", "secondary", "slash-circle"),
}
# Below this, a share says more of chance than of settings.
FEW_TRIALS = 20


class Ids:
    limits = "campaign-limits"
    budget = "campaign-limits-budget"
    parallel = "campaign-limits-parallel"
    hours = "campaign-limits-hours"
    patience = "campaign-limits-patience"
    change = "campaign-limits-change"
    delete = "campaign-delete"
    delete_title = "campaign-delete-title"
    delete_go = "campaign-delete-go"
    delete_not = "campaign-delete-not"
    evaluate = "campaign-evaluate"
    evaluate_title = "campaign-evaluate-title"
    evaluate_go = "campaign-evaluate-go"
    evaluate_not = "campaign-evaluate-not"
    act = "campaign-act"


def trials_table(campaign: Values, trials: Sequence[Values]) -> Component:
    """A page of trials with their settings, or with what was measured of their networks."""
    numbers, titles = {2, 3}, list(campaign["space"])
    cells: Callable[[Values], list[Any]] = partial(_settings, titles)
    if campaign["kind"] == "nas":
        numbers |= {5, 6, 7, 8}
        titles, cells = list(MEASURED_TITLES), measured_cells
    else:
        titles = [setting_title(name) for name in titles]
    head = ["Trial", "State", "Score", "Epochs", "Took", *titles, "Note"]
    return table(head, [_row(one, cells(one)) for one in trials], label="Trials", numbers=numbers)


def _settings(names: Sequence[str], one: Values) -> list[Any]:
    params = one["params"] or {}
    return [_value(params.get(name)) for name in names]


def _row(one: Values, cells: Sequence[Any]) -> list[Any]:
    text, level, icon_name = STATES[one["state"]]
    experiments = one["experiment_ids"]
    number = str(one["number"])
    shown = page_link(number, f"/experiments/{experiments[0]}") if experiments else number
    return [
        shown,
        badge(text, level, icon_name=icon_name),
        score(one["value"]),
        str(one["epochs"]),
        duration(one["seconds"]),
        *cells,
        one["reason"],
    ]


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def importance(campaign: Values, *, can_change: bool) -> Component | None:
    """What each setting decides, with the number of trials that say so."""
    done, found = campaign["trials"]["complete"], campaign["importance"]
    if not done:
        return None
    what = "settings" if campaign["kind"] == "hpo" else "the outline of networks"
    title = f"Importance of {what}"
    button = dbc.Button(
        "Measure" if found is None else "Measure again",
        id={"type": Ids.act, "verb": "measure"},
        color="secondary",
        outline=True,
        size="sm",
        style=None if can_change else {"display": "none"},
    )
    if found is None:
        told = "Not measured yet: what decided, and what hardly mattered."
        return section(title, [html.P(told), button])
    if not found["importances"]:
        return section(title, [html.P(found["note"]), button])
    of = f"fANOVA over n = {found['n']} finished trials"
    of += f" of {done}" if found["n"] != done else ""
    few = " So few trials say more of chance than of settings." if found["n"] < FEW_TRIALS else ""
    note = (
        f"{of}: what each setting alone explains of how scores differ, within the bounds of this"
        f" search. What is missing to 100 % is what settings do together only. Lines reach from"
        f" the lowest to the highest of five forests.{_fit(found)}{few}"
    )
    drawn = importance_figure(found)
    graph = dcc.Graph(
        figure=drawn,
        config=graph_config("importance") | {"scrollZoom": False},
        style={"height": f"{drawn.layout.height}px"},
    )
    return section(title, [graph, html.P(note, className="figure-note"), button])


def _fit(found: Values) -> str:
    if found.get("r2") is None:
        return ""
    worth = "; it knows less than their mean, and the shares mean nothing" * (found["r2"] <= 0)
    return f" A forest’s R² for trials that it has not seen is {found['r2']:.2f}{worth}."


def limits_form() -> Component:
    """How far it may go, to be changed while it works."""
    entries = [
        field("Trials in all", _number(Ids.budget, 1, 20_000)),
        field("At once", _number(Ids.parallel, 1, 64), hint="On as many workers."),
        field("Hours", _number(Ids.hours, None, None), hint="Empty: no limit."),
        field(
            "Trials without a better one",
            _number(Ids.patience, 1, 20_000),
            hint="Then it ends. Empty: never.",
        ),
    ]
    button = dbc.Button("Change", id=Ids.change, color="secondary", outline=True)
    body = [html.Div(entries, className="features-fields"), button]
    return html.Div(disclosure("Change the limits", body), id=Ids.limits, hidden=True)


def _number(own: str, low: int | None, high: int | None) -> Component:
    bounds: dict[str, Any] = {} if low is None else {"min": low, "max": high, "step": 1}
    return dbc.Input(id=own, type="number", **bounds)


def dialogs() -> list[Component]:
    """What is asked before something that cannot be undone."""
    return [
        _dialog(
            Ids.delete,
            Ids.delete_title,
            "Delete the campaign?",
            "It goes with all its trials, their experiments and checkpoints. This cannot be"
            " undone.",
            ("Delete nothing", Ids.delete_not),
            ("Delete", Ids.delete_go, "danger"),
        ),
        _dialog(
            Ids.evaluate,
            Ids.evaluate_title,
            "Look at the test part?",
            "The best trial is asked about the recordings that nobody has looked at, once. After"
            " that the campaign cannot go on: what it chose then would be chosen by the test.",
            ("Not yet", Ids.evaluate_not),
            ("Evaluate and close", Ids.evaluate_go, "primary"),
        ),
    ]


def _dialog(
    own: str,
    title_id: str,
    title: str,
    text: str,
    put_off: tuple[str, str],
    carry_out: tuple[str, str, str],
) -> Component:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title, id=title_id)),
            dbc.ModalBody(text),
            dbc.ModalFooter(
                [
                    dbc.Button(put_off[0], id=put_off[1], color="secondary", outline=True),
                    dbc.Button(carry_out[0], id=carry_out[1], color=carry_out[2]),
                ]
            ),
        ],
        id=own,
        labelledby=title_id,
        is_open=False,
    )
