"""One experiment: watched while it trains, paused, taken up again, renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.experiment import (
    LOG_SHOWN,
    Ids,
    curves,
    head,
    log,
    not_there,
    progress,
    settings,
)
from services import actor
from services.campaigns.campaign_service import CampaignService
from services.errors import NotFound
from services.experiment_service import ExperimentService
from services.experiments.views import ExperimentView
from services.job_service import JobService
from services.repeated_service import RepeatedExperimentService

VERBS: dict[str, tuple[Callable[[int], ExperimentView], str]] = {
    "pause": (ExperimentService.pause_experiment, "is asked to pause"),
    "resume": (ExperimentService.resume_experiment, "waits for a worker"),
    "cancel": (ExperimentService.cancel_experiment, "is asked to stop"),
}
NO_NUMBER = "The address has to end with the number of an experiment, and does not."


def show_experiment(
    _pulse: dict[str, Any], chosen: int | None, shown: dict[str, Any] | None
) -> tuple[Any, ...]:
    """Head, progress, log and settings; all tabs ask for the same rows.

    A part is drawn anew only when it has changed: what is replaced loses the keyboard's
    focus and is folded up again.
    """
    if chosen is None:
        return not_there(NO_NUMBER), None, None, None, True, None
    try:
        experiment = ExperimentService.get_experiment(chosen)
    except NotFound as error:
        return not_there(error.message), None, None, None, True, None
    lines = JobService.list_log(experiment["job"]["id"], LOG_SHOWN)
    epochs = ExperimentService.list_epochs(experiment["id"])
    may = actor.may_change(experiment["owner_id"])
    job = experiment["job"]
    now = {
        "head": [
            *(experiment["name"], experiment["state"], experiment["archived"]),
            *(job["cancel_requested"], may, job["priority"], experiment["leak"]),
        ],
        "log": [line["at"].isoformat() for line in lines[-1:]],
        "settings": [
            *(experiment["name"], experiment["parameter_count"], experiment["wall_time_s"]),
        ],
    }
    parts: dict[str, Callable[[], Component]] = {
        "head": lambda: _head(experiment, can_change=may),
        "log": lambda: log(lines),
        "settings": lambda: settings(experiment),
    }
    drawn = {
        name: no_update if shown and shown[name] == now[name] else draw()
        for name, draw in parts.items()
    }
    told = progress(experiment, epochs)
    return drawn["head"], told, drawn["log"], drawn["settings"], not may, now


def show_curves(_pulse: dict[str, Any], chosen: int | None, drawn: int | None) -> tuple[Any, ...]:
    """Drawn anew only when an epoch has been added."""
    try:
        epochs = ExperimentService.list_epochs(chosen or 0)
    except NotFound:
        epochs = []
    if len(epochs) == drawn:
        return (no_update,) * 7
    # One epoch is no curve: a classical classifier has no more.
    return len(epochs), len(epochs) < 2, *curves(epochs)


def act(clicks: list[int | None], chosen: int | None) -> None:
    asked = ctx.triggered_id
    if asked is None or chosen is None or not any(clicks):
        return
    change, told = VERBS[asked["verb"]]
    experiment = change(chosen)
    tell(f"“{experiment['name']}” {told}.", "info")


def prioritise(chosen: list[str | None], experiment_id: int | None) -> None:
    """Nothing where the page itself has set the field."""
    if experiment_id is None or not chosen or chosen[0] is None:
        return
    if ExperimentService.get_experiment(experiment_id)["job"]["priority"] != chosen[0]:
        experiment = ExperimentService.set_priority(experiment_id, chosen[0])
        tell(f"“{experiment['name']}” has {chosen[0]} priority now.", "info")


def rename(_clicks: int | None, chosen: int | None, name: str | None) -> Any:
    experiment = ExperimentService.rename_experiment(chosen or 0, name or "")
    tell(f"The experiment is called “{experiment['name']}” now.", "info")
    return _head(experiment, can_change=True)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.progress, "children"),
        Output(Ids.log, "children"),
        Output(Ids.settings, "children"),
        Output(Ids.rename_form, "hidden"),
        Output(Ids.shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.chosen, "data"),
        State(Ids.shown, "data"),
    )(show_experiment)
    app.callback(
        Output(Ids.drawn, "data"),
        Output(Ids.curves, "hidden"),
        Output(Ids.loss, "figure"),
        Output(Ids.accuracy, "figure"),
        Output(Ids.rate, "figure"),
        Output(Ids.heads, "children"),
        Output(Ids.curves_note, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.chosen, "data"),
        State(Ids.drawn, "data"),
    )(show_curves)
    app.callback(
        Input({"type": Ids.act, "verb": ALL}, "n_clicks"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(act)
    app.callback(
        Input({"type": Ids.priority, "of": ALL}, "value"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(prioritise)
    app.callback(
        Output(Ids.head, "children", allow_duplicate=True),
        Input(Ids.rename, "n_clicks"),
        State(Ids.chosen, "data"),
        State(Ids.name, "value"),
        prevent_initial_call=True,
    )(rename)


def _head(experiment: ExperimentView, *, can_change: bool) -> Component:
    run = RepeatedExperimentService.find_run(experiment["id"])
    trial = CampaignService.find_trial_of(experiment["id"])
    return head(experiment, can_change=can_change, run=run, trial=trial)
