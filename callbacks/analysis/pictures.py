"""Figures as files, with how they were made: see ``assets/signals_pictures.js``."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input

from layouts.analysis import compare, overview, plots
from layouts.signals import Ids


def register(app: Dash) -> None:
    parts = (plots.Ids, compare.Ids, overview.Ids)
    buttons = [Ids.waveform_png, Ids.waveform_svg]
    buttons += [button for part in parts for button in (part.png, part.svg)]
    app.clientside_callback(
        ClientsideFunction("signals_pictures", "save"),
        *(Input(button, "n_clicks") for button in buttons),
        prevent_initial_call=True,
    )
