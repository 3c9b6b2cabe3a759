"""The list of experiments follows what happens to them."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from layouts import shell
from layouts.experiments import (
    SHOWN,
    Ids,
    compare_link,
    grid_options,
    grid_rows,
    note,
    nothing_yet,
)
from layouts.page import WRITERS
from services import actor
from services.experiment_service import ExperimentService
from services.experiments.views import ExperimentState


def show_experiments(_pulse: dict[str, Any], known: list[Any] | None) -> tuple[Any, ...]:
    """All rows when one was added or ended; else only those that train, with their progress."""
    experiments = ExperimentService.list_experiments(limit=SHOWN)
    total = ExperimentService.count_experiments()
    now = [total, [[e["id"], e["name"], e["state"], e["summary"] is None] for e in experiments]]
    if known == now:
        training = [e for e in experiments if e["state"] is ExperimentState.TRAINING]
        change = {"update": grid_rows(training)} if training else no_update
        return no_update, change, no_update, no_update, no_update, no_update
    empty = nothing_yet(may_add=actor.reader().role in WRITERS) if total == 0 else None
    counted = note(len(experiments), total)
    return grid_rows(experiments), no_update, counted, total == 0, empty, now


def filter_rows(words: str | None) -> dict[str, Any]:
    return grid_options((words or "").strip())


def choose(rows: list[dict[str, Any]] | None) -> tuple[str, bool]:
    """The chosen experiments, side by side on the compare page."""
    return compare_link(rows or [])


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.grid, "rowData"),
        Output(Ids.grid, "rowTransaction"),
        Output(Ids.note, "children"),
        Output(Ids.place, "hidden"),
        Output(Ids.empty, "children"),
        Output(Ids.known, "data"),
        Input(shell.Ids.pulse, "data"),
        State(Ids.known, "data"),
    )(show_experiments)
    app.callback(
        Output(Ids.grid, "dashGridOptions"), Input(Ids.words, "value"), prevent_initial_call=True
    )(filter_rows)
    app.callback(
        Output(Ids.compare, "href"),
        Output(Ids.compare_place, "hidden"),
        Input(Ids.grid, "selectedRows"),
        prevent_initial_call=True,
    )(choose)
