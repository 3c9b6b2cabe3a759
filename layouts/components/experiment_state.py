"""How the state of an experiment looks, wherever it is shown."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.components.frame import badge

EXPERIMENT_STATES = {
    "waiting": ("waiting for a worker", "secondary", "hourglass"),
    "training": ("training", "info", "play-circle"),
    "paused": ("paused", "warning", "pause-circle"),
    "finished": ("finished", "success", "check-circle"),
    "failed": ("failed", "danger", "x-octagon"),
    "cancelled": ("cancelled", "secondary", "slash-circle"),
}


def experiment_badge(state: str) -> Component:
    """The state of an experiment by word, colour and icon."""
    text, level, icon_name = EXPERIMENT_STATES[state]
    return badge(text, level, icon_name=icon_name)
