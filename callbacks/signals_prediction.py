"""What a trained classifier says of the recording that the signals page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.errors import tell
from layouts import shell
from layouts.signals import Ids as PageIds
from layouts.signals_prediction import Ids, answer, no_classifier, not_asked
from models import Role
from services import actor
from services.prediction_service import PredictionService

Shown = Mapping[str, Any]


def offer_classifiers(
    _target: Shown | None, chosen: str | None
) -> tuple[list[dict[str, str]], str | None, bool]:
    """The trained experiments, the newest chosen, and whether the button must rest."""
    offered = [
        {"label": f"{one['name']} ({one['classifier']})", "value": str(one["experiment_id"])}
        for one in PredictionService.list_classifiers()
    ]
    values = [one["value"] for one in offered]
    if chosen not in values:
        chosen = values[0] if values else None
    return offered, chosen, chosen is None or not _may_ask()


def ask(clicks: int | None, experiment: str | None, shown: Shown | None) -> None:
    """Have the recording named; the answer comes when the job is done."""
    if not clicks or experiment is None or shown is None:
        raise PreventUpdate
    PredictionService.request_prediction(int(experiment), shown["recording"])
    tell("The recording is being looked at.", "info")


def show_answer(
    _pulse: Mapping[str, Any], experiment: str | None, target: Shown | None
) -> Component:
    """The newest answer about this recording, also one that somebody else asked for."""
    if target is None:
        raise PreventUpdate
    if experiment is None:
        return no_classifier()
    found = PredictionService.find_prediction(int(experiment), target["recording"])
    if found is None:
        return not_asked(_may_ask())
    return answer(found, {"experiment": int(experiment), "recording": target["recording"]})


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.experiment, "options"),
        Output(Ids.experiment, "value"),
        Output(Ids.ask, "disabled"),
        Input(PageIds.target, "data"),
        State(Ids.experiment, "value"),
    )(offer_classifiers)
    app.callback(
        Input(Ids.ask, "n_clicks"),
        State(Ids.experiment, "value"),
        State(PageIds.target, "data"),
        prevent_initial_call=True,
    )(ask)
    app.callback(
        Output(Ids.answer, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.experiment, "value"),
        Input(PageIds.target, "data"),
    )(show_answer)


def _may_ask() -> bool:
    return actor.reader().role is not Role.VIEWER
