"""Figures as files, with how they were made: see ``assets/signals_pictures.js``."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input

from layouts.analysis import plots
from layouts.signals import Ids


def register(app: Dash) -> None:
    buttons = (Ids.waveform_png, Ids.waveform_svg, plots.Ids.png, plots.Ids.svg)
    app.clientside_callback(
        ClientsideFunction("signals_pictures", "save"),
        *(Input(button, "n_clicks") for button in buttons),
        prevent_initial_call=True,
    )
