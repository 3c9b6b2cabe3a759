"""The list of experiments follows what happens to them."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import shell
from layouts.experiments import SHOWN, Ids, grid_options, grid_rows, note, nothing_yet
from layouts.page import WRITERS
from services import actor
from services.experiment_service import ExperimentService


def show_experiments(_pulse: dict[str, Any]) -> tuple[list[dict[str, Any]], str, bool, Any]:
    experiments = ExperimentService.list_experiments(limit=SHOWN)
    total = ExperimentService.count_experiments()
    empty = nothing_yet(may_add=actor.reader().role in WRITERS) if total == 0 else None
    return grid_rows(experiments), note(len(experiments), total), total == 0, empty


def filter_rows(words: str | None) -> dict[str, Any]:
    return grid_options((words or "").strip())


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.grid, "rowData"),
        Output(Ids.note, "children"),
        Output(Ids.place, "hidden"),
        Output(Ids.empty, "children"),
        Input(shell.Ids.pulse, "data"),
    )(show_experiments)
    app.callback(
        Output(Ids.grid, "dashGridOptions"), Input(Ids.words, "value"), prevent_initial_call=True
    )(filter_rows)
