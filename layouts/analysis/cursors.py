"""Cursors in a plot over frequency: how they are chosen, and what they read."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis.controls import Choices, choice, number
from layouts.analysis.settings import Settings, value_of
from layouts.components.attributes import attributes
from layouts.components.tables import scrolling


class Ids:
    """``still`` are the places of a cursor that has come to rest, ``exact`` what the server
    read there."""

    cursor = "signals-cursor"
    at = "signals-at"
    spacing = "signals-spacing"
    count = "signals-count"
    handle = "signals-cursor-handle"
    place = "signals-cursor-place"
    rows = "signals-cursor-rows"
    read_head = "signals-cursor-read"
    note = "signals-cursor-note"
    still = "signals-cursor-still"
    exact = "signals-cursor-exact"


CONTROLS = (Ids.cursor, Ids.at, Ids.spacing, Ids.count)
KINDS: Choices = {
    "none": "none",
    "single": "single",
    "harmonic": "harmonics",
    "sideband": "sidebands",
}
HINT = (
    "Click on the plot to set it, with Shift one of its harmonics or the spacing of its sidebands. "
    "Arrow keys move it by one line, with Shift by ten, with Ctrl by a tenth, Page up and Page "
    "down to the next peak."
)


def controls(settings: Settings) -> Component:
    """The choice of a cursor, and its numbers."""
    fields = [
        choice(settings, Ids.cursor, "Cursor", KINDS),
        number(settings, Ids.at, "Cursor at [Hz]", hint="click on the plot"),
        number(settings, Ids.spacing, "Spacing [Hz]", hint="of sidebands"),
        number(settings, Ids.count, "Lines [1 to 50]", hint="5", step="1"),
    ]
    return html.Div(
        [
            html.Div(fields, className="field-row signals-fields"),
            html.P(HINT, className="plot-note"),
        ],
        className="signals-cursor-controls",
    )


def place(settings: Settings) -> Component:
    """What the cursor reads, while there is one."""
    heads = ("Cursor", "Frequency", "Order")
    table = html.Table(
        [
            html.Thead(
                html.Tr(
                    [
                        *(html.Th(text, scope="col") for text in heads),
                        html.Th("As drawn", id=Ids.read_head, scope="col", className="number"),
                        html.Th("Exact", scope="col", className="number"),
                        html.Th("Nearest line", scope="col"),
                        html.Th("Off by", scope="col", className="number"),
                    ]
                )
            ),
            html.Tbody(id=Ids.rows),
        ],
        className="plain-table signals-cursor-table",
    )
    return html.Div(
        [
            dcc.Store(id=Ids.still),
            dcc.Store(id=Ids.exact),
            html.Div(
                "Cursor",
                id=Ids.handle,
                className="signals-cursor-handle",
                role="slider",
                tabIndex="0",
                title=HINT,
                **attributes(aria_label="Cursor in the plot", aria_valuenow="0"),
            ),
            scrolling(table, "What the cursor reads"),
            html.P(id=Ids.note, className="plot-note", role="status"),
        ],
        id=Ids.place,
        hidden=value_of(settings, "cursor") == "none",
    )
