"""From the controls of the signals page to its settings: see ``assets/signals_settings.js``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from layouts.analysis import plot_settings, plots, processing
from layouts.analysis.settings import Ids
from layouts.signals import Ids as PageIds

NAMESPACE = "signals_settings"


def connect(app: Dash, controls: Sequence[str]) -> None:
    """Keep what the controls of a panel hold in the settings."""
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "gather"),
        Output(Ids.settings, "data", allow_duplicate=True),
        *(Input(control, "value") for control in controls),
        State(Ids.settings, "data"),
        State(Ids.schema, "data"),
        prevent_initial_call=True,
    )


def connect_reset(app: Dash, button: str, controls: Sequence[str]) -> None:
    """A button that sets the controls of a panel to what is usual."""
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "reset"),
        [Output(control, "value", allow_duplicate=True) for control in controls],
        Input(button, "n_clicks"),
        State(Ids.schema, "data"),
        prevent_initial_call=True,
    )


def tell_settings(drawn: Mapping[str, Any]) -> tuple[str, str]:
    """The lines beside the titles of the panels."""
    settings = drawn["settings"]
    return processing.summary(settings), plot_settings.summary(settings)


def register(app: Dash) -> None:
    for controls in (processing.CONTROLS, plot_settings.CONTROLS, plots.CONTROLS):
        connect(app, controls)
    connect_reset(app, processing.Ids.reset, processing.CONTROLS)
    connect_reset(app, plot_settings.Ids.reset, plot_settings.CONTROLS)
    app.callback(
        Output(processing.Ids.told, "children"),
        Output(plot_settings.Ids.told, "children"),
        Input(Ids.drawn, "data"),
    )(tell_settings)
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "restore"),
        Output(Ids.settings, "data"),
        Input(PageIds.view, "data"),
        State(Ids.schema, "data"),
        State(Ids.settings, "data"),
    )
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "picture"),
        Output(Ids.drawn, "data"),
        Output(Ids.processed, "data"),
        Input(plots.Ids.kind, "value"),
        Input(Ids.settings, "data"),
        State(Ids.schema, "data"),
        State(Ids.drawn, "data"),
        State(Ids.processed, "data"),
    )
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "zoom"),
        Input(plots.Ids.plot, "relayoutData"),
        State(Ids.settings, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "edges"),
        Output(processing.Ids.filter_low_field, "hidden"),
        Output(processing.Ids.filter_high_field, "hidden"),
        Input(processing.Ids.filter, "value"),
        prevent_initial_call=True,
    )
