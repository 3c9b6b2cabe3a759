"""The result of an experiment appears once it is there; its tables follow the chosen level."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from layouts import shell
from layouts.evaluation_detail import detail
from layouts.evaluation_panels import Ids, result
from services.errors import NotFound
from services.evaluation_service import EvaluationService

LEVELS = ("recordings", "windows")


def show_result(
    _pulse: dict[str, Any], experiment_id: int | None, shown: int | None
) -> tuple[Any, Any]:
    """Drawn once: jobs of others must not fold up what somebody is reading."""
    if experiment_id is None or experiment_id == shown:
        return no_update, no_update
    try:
        found = EvaluationService.get_result(experiment_id)
    except NotFound:  # the head of the page says so
        found = None
    if found is None:
        return [], None
    return result(*found), experiment_id


def show_level(level: str | None, experiment_id: int | None) -> list[Component]:
    """The tables by class, of recordings or of windows."""
    report = None if experiment_id is None else EvaluationService.get_report(experiment_id)
    if report is None or level not in LEVELS:
        return []
    return detail(report, level)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.result, "children"),
        Output(Ids.shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.experiment, "data"),
        State(Ids.shown, "data"),
    )(show_result)
    app.callback(
        Output(Ids.detail, "children"),
        Input(Ids.level, "value"),
        State(Ids.experiment, "data"),
        prevent_initial_call=True,
    )(show_level)
