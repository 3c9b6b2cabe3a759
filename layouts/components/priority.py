"""Choose how urgent a training is that waits."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

TITLES = {"high": "high priority", "normal": "normal priority", "low": "low priority"}


def priority_choice(kind: str, present: str) -> Component:
    """A list to choose from; it comes and goes with the head that it stands in."""
    choice = dbc.Select(
        id={"type": kind, "of": "all"},
        options=[{"label": title, "value": name} for name, title in TITLES.items()],
        value=present,
        size="sm",
    )
    named = html.Span("Priority", className="visually-hidden")
    return html.Label([named, choice], className="priority-choice")
