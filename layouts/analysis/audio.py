"""The shown time by ear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.links import path_to


class Ids:
    player = "signals-audio"
    told = "signals-audio-told"


def place() -> Component:
    """A player, which fetches nothing before it is started."""
    player = html.Audio(
        id=Ids.player,
        controls=True,
        preload="none",
        hidden=True,
        className="signals-player",
        **attributes(aria_label="The shown time as sound"),
    )
    return html.Div([player, html.P(id=Ids.told, className="plot-note")], className="signals-audio")


def source(shown: Mapping[str, Any]) -> str:
    """Where the sound of the shown time is fetched."""
    wanted = {"channel": shown["channel"], "start": shown["start"], "stop": shown["stop"]}
    return path_to(f"/api/v1/recordings/{shown['recording']}/audio", wanted)
