"""What can be done with many experiments at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import field
from layouts.components.quantities import count

# Ids of more than these are not sent at once.
MOST = 1_000


class Ids:
    bar = "experiments-selection"
    every = "experiments-selection-every"
    tag = "experiments-selection-tag"
    tags = "experiments-selection-tags"
    add = "experiments-selection-add"
    take = "experiments-selection-take"
    archive = "experiments-selection-archive"
    restore = "experiments-selection-restore"
    delete = "experiments-selection-delete"
    told = "experiments-selection-told"
    plan = "experiments-selection-plan"
    plan_title = "experiments-selection-plan-title"
    plan_text = "experiments-selection-plan-text"
    planned = "experiments-selection-planned"
    carry_out = "experiments-selection-carry-out"
    put_off = "experiments-selection-put-off"


def bar() -> Component:
    """Above the table, where no message covers it; only shown to who may change something."""
    entry = dbc.Input(id=Ids.tag, list=Ids.tags, maxlength=60, autoComplete="off")
    buttons = [
        _button(Ids.add, "Add tag"),
        _button(Ids.take, "Take tag off"),
        _button(Ids.archive, "Archive"),
        _button(Ids.restore, "Restore"),
        _button(Ids.delete, "Delete …", color="danger"),
    ]
    return html.Div(
        [
            dcc.Store(id=Ids.planned),
            dbc.Checkbox(id=Ids.every, label="All that are found", value=False),
            field("Tag", entry),
            html.Datalist(id=Ids.tags),
            *buttons,
            html.Span(id=Ids.told, className="job-told", role="status"),
            _plan(),
        ],
        id=Ids.bar,
        className="field-row change-row mb-3",
        hidden=True,
    )


def told(number: int, *, every: bool) -> str:
    if every and number > MOST:
        return f"{count(number)} are found. Narrow the search down to {count(MOST)} at most."
    if every:
        return f"All {count(number)} that are found are selected."
    return f"{count(number)} selected" if number else "Select experiments in the table."


def deletion_plan(found: Mapping[str, Any]) -> list[Component]:
    """What deleting takes away, by name."""
    names = [html.Li(name) for name in found["names"]]
    more = found["experiments"] - len(found["names"])
    if more:
        names.append(html.Li(f"and {count(more)} more"))
    one = found["experiments"] == 1
    explained = found["explanations"]
    gone = "its results and its checkpoint" if one else "their results and checkpoints"
    explanations = f", and {count(explained)} explanations" if explained else ""
    return [
        html.Ul(names),
        html.P(
            f"{'The experiment goes' if one else 'The experiments go'} with {gone}{explanations}."
            " This cannot be undone; archiving can."
        ),
    ]


def _button(button_id: str, text: str, color: str = "secondary") -> Component:
    return dbc.Button(text, id=button_id, color=color, outline=True, disabled=True)


def _plan() -> Component:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Delete experiments?", id=Ids.plan_title)),
            dbc.ModalBody(id=Ids.plan_text),
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
