"""Searches that a person keeps: to use, pin, delete, and to save the present one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import field, icon


class Ids:
    """Buttons of saved searches are patterns of a verb and a number."""

    act = "experiments-saved-act"
    list = "experiments-saved-list"
    pinned = "experiments-saved-pinned"
    name = "experiments-saved-name"
    save = "experiments-saved-save"


class Saved(Protocol):
    """What is shown of a saved search."""

    id: int
    name: str
    query: str
    is_pinned: bool
    usage_count: int


def panel() -> Component:
    summary = html.Summary(
        [icon("bookmark"), " Saved searches"], className="btn btn-outline-secondary"
    )
    entry = dbc.Input(id=Ids.name, maxlength=120, autoComplete="off")
    save = dbc.Button("Save", id=Ids.save, color="secondary", outline=True)
    inside = html.Div(
        [
            html.Div(id=Ids.list),
            html.Div([field("Save this search as", entry), save], className="saved-form"),
        ],
        className="shell-panel saved-panel",
    )
    return html.Div(
        [
            html.Details([summary, inside], className="shell-dropdown"),
            html.Div(id=Ids.pinned, className="saved-pinned"),
        ],
        className="saved-searches",
    )


def saved_list(searches: Sequence[Saved]) -> Any:
    """All of them, each with what can be done with it."""
    if not searches:
        return html.P("None yet. A saved search is yours alone.", className="figure-note")
    return html.Ul([_row(one) for one in searches], className="saved-list")


def pinned(searches: Sequence[Saved]) -> list[Component]:
    """The pinned ones, beside the button of the list."""
    return [
        dbc.Button(
            one.name,
            id={"type": Ids.act, "verb": "use", "place": "pin", "number": one.id},
            color="secondary",
            outline=True,
            size="sm",
            title=one.query or "everything",
        )
        for one in searches
        if one.is_pinned
    ]


def _row(one: Saved) -> Component:
    used = f"used {one.usage_count} ×" if one.usage_count else "not used yet"
    text = [
        html.Span(one.name),
        html.Code(one.query or "everything"),
        html.Span(used, className="figure-note"),
    ]
    pin = "Unpin" if one.is_pinned else "Pin"
    return html.Li(
        [
            html.Button(text, id=_id("use", one), className="saved-use", type="button"),
            _button("pin", one, pin, "pin-angle-fill" if one.is_pinned else "pin-angle"),
            _button("delete", one, "Delete", "trash"),
        ]
    )


def _button(verb: str, one: Saved, title: str, icon_name: str) -> Component:
    return html.Button(
        icon(icon_name),
        id=_id(verb, one),
        className="icon-button",
        type="button",
        title=title,
        **attributes(aria_label=f"{title} “{one.name}”"),
    )


def _id(verb: str, one: Saved) -> dict[str, Any]:
    return {"type": Ids.act, "verb": verb, "place": "list", "number": one.id}
