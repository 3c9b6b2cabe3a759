"""How a figure was made: closed under it, and in the picture that is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import definition_list

Rows = Sequence[tuple[str, str]]


def place(component_id: str) -> Component:
    """Where the rows of a card will stand; ``assets/signals_pictures.js`` reads them there."""
    return disclosure("How this was made", html.Div(id=component_id, className="signals-card"))


def rows(recording: Mapping[str, Any], channel: int, card: Rows) -> Component:
    """What is shown of which recording, and how it was made."""
    name = f"{recording['name']}, {recording['channels'][channel]['name']}"
    return definition_list([("Recording", name), *((title, text) for title, text in card)])
