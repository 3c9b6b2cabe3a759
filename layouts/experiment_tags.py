"""Tags and notes of one experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import field, icon, section
from layouts.components.links import page_link

Values = Mapping[str, Any]
LONGEST_NOTES = 10_000


class Ids:
    """Buttons that take a tag off are patterns with its number; ``drawn`` says what is shown."""

    place = "experiment-tags-place"
    drawn = "experiment-tags-drawn"
    shown = "experiment-tags-shown"
    take = "experiment-tags-take"
    change = "experiment-tags-change"
    name = "experiment-tags-name"
    known = "experiment-tags-known"
    add = "experiment-tags-add"
    notes = "experiment-tags-notes"
    notes_shown = "experiment-tags-notes-shown"
    save = "experiment-tags-save"
    archive = "experiment-tags-archive"
    restore = "experiment-tags-restore"


def place() -> Component:
    """The part of the page; what people type lies beside what is drawn anew."""
    entry = dbc.Input(id=Ids.name, list=Ids.known, maxlength=60, autoComplete="off")
    notes = dbc.Textarea(id=Ids.notes, rows=3, maxlength=LONGEST_NOTES)
    change = html.Div(
        [
            html.Div(
                [
                    field("Tag", entry),
                    html.Datalist(id=Ids.known),
                    _button(Ids.add, "Add tag"),
                    _button(Ids.archive, "Archive"),
                    _button(Ids.restore, "Restore"),
                ],
                className="field-row",
            ),
            field("Notes", notes, hint="Searches find their words."),
            html.Div(_button(Ids.save, "Save notes")),
        ],
        id=Ids.change,
        className="tag-form",
        hidden=True,
    )
    shown = html.Div(id=Ids.shown, role="status")
    written = html.P(id=Ids.notes_shown, className="experiment-notes")
    parts = [dcc.Store(id=Ids.drawn), shown, written, change]
    return html.Div(section("Tags and notes", parts), id=Ids.place, hidden=True)


def tags(found: Sequence[Values], *, can_change: bool) -> Component:
    """Each leads to all experiments that have it."""
    if not found:
        return html.P("No tags yet.", className="figure-note")
    return html.Ul([_tag(one, can_change=can_change) for one in found], className="tag-list")


def _tag(one: Values, *, can_change: bool) -> Component:
    parts: list[Any] = [
        html.Span(className="tag-spot", style={"background": one["color"]}),
        page_link(one["name"], "/experiments", {"query": f"tag:{one['slug']}"}),
    ]
    if can_change:
        title = f"Take “{one['name']}” off"
        parts.append(
            html.Button(
                icon("x-lg"),
                id={"type": Ids.take, "number": one["id"]},
                className="tag-take",
                type="button",
                title=title,
                **attributes(aria_label=title),
            )
        )
    return html.Li(parts, className="tag-chip")


def _button(button_id: str, text: str) -> Component:
    return dbc.Button(text, id=button_id, color="secondary", outline=True)
