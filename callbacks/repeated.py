"""A repeated experiment: watched while its runs train, paused, taken up again, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.components.links import path_to
from layouts.repeated import Ids, curves, head, not_there, progress, results, settings
from services import actor
from services.errors import NotFound
from services.repeated.views import RepeatedView
from services.repeated_service import RepeatedExperimentService

VERBS: dict[str, tuple[Callable[[int], RepeatedView], str]] = {
    "pause": (RepeatedExperimentService.pause_repeated, "is asked to pause"),
    "resume": (RepeatedExperimentService.resume_repeated, "waits for a worker"),
    "cancel": (RepeatedExperimentService.cancel_repeated, "is asked to stop"),
}
NO_NUMBER = "The address has to end with the number of a repeated experiment, and does not."


def show_repeated(
    _pulse: dict[str, Any], chosen: int | None, shown: dict[str, Any] | None
) -> tuple[Any, ...]:
    """Head, progress, results and settings; a part is drawn anew only when it has changed."""
    try:
        if chosen is None:
            raise NotFound(NO_NUMBER)
        repeated = RepeatedExperimentService.get_repeated(chosen)
    except NotFound as error:
        return not_there(error.message), None, None, None, None
    may = actor.may_change(repeated["owner_id"])
    runs = [
        [run["experiment_id"], run["state"], round(run["fraction"], 2)]
        for run in repeated["members"]
    ]
    now = {
        "head": [
            *(repeated["name"], repeated["state"], sorted(repeated["states"])),
            *(may, repeated["leak"], sorted({run["priority"] for run in repeated["members"]})),
        ],
        "results": [runs, (repeated["pooled"] or {}).get("seeds"), repeated["leak"]],
        "settings": repeated["id"],
    }
    parts: dict[str, Callable[[], Any]] = {
        "head": lambda: head(repeated, can_change=may),
        "results": lambda: results(repeated),
        "settings": lambda: settings(repeated),
    }
    drawn = {
        name: no_update if shown and shown[name] == now[name] else draw()
        for name, draw in parts.items()
    }
    told: Component | None = progress(repeated)
    return drawn["head"], told, drawn["results"], drawn["settings"], now


def show_curves(_pulse: dict[str, Any], chosen: int | None, drawn: int | None) -> tuple[Any, ...]:
    """Drawn anew only when an epoch has been added."""
    try:
        runs = RepeatedExperimentService.list_curves(chosen or 0)
    except NotFound:
        runs = []
    epochs = sum(len(run["epochs"]) for run in runs)
    if epochs == drawn:
        return (no_update,) * 5
    # One epoch is no curve: a classical classifier has no more.
    most = max(len(run["epochs"]) for run in runs)
    return epochs, most < 2, *curves(runs)


def act(clicks: list[int | None], chosen: int | None) -> None:
    asked = ctx.triggered_id
    if asked is None or chosen is None or not any(clicks):
        return
    change, told = VERBS[asked["verb"]]
    tell(f"“{change(chosen)['name']}” {told}.", "info")


def prioritise(chosen: list[str | None], repeated_id: int | None) -> None:
    """Nothing where the page itself has set the field."""
    if repeated_id is None or not chosen or chosen[0] is None:
        return
    repeated = RepeatedExperimentService.get_repeated(repeated_id)
    waiting = [run for run in repeated["members"] if run["state"] in ("waiting", "paused")]
    if any(run["priority"] != chosen[0] for run in waiting):
        RepeatedExperimentService.set_priority(repeated_id, chosen[0])
        tell(f"What waits of “{repeated['name']}” has {chosen[0]} priority now.", "info")


def ask(clicks: list[int | None], _put_off: int | None) -> bool:
    """Open the question whether to delete; close it where nothing is to be deleted."""
    return ctx.triggered_id != Ids.put_off and any(clicks)


def delete(clicks: int | None, chosen: int | None) -> Any:
    if not clicks or chosen is None:
        return no_update
    number = RepeatedExperimentService.delete_repeated(chosen)
    tell(f"The repeated experiment is deleted, with {number} runs.", "info")
    return path_to("/repeated")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.progress, "children"),
        Output(Ids.result, "children"),
        Output(Ids.settings, "children"),
        Output(Ids.shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.chosen, "data"),
        State(Ids.shown, "data"),
    )(show_repeated)
    app.callback(
        Output(Ids.drawn, "data"),
        Output(Ids.curves, "hidden"),
        Output(Ids.loss, "figure"),
        Output(Ids.accuracy, "figure"),
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
        Output(Ids.plan, "is_open"),
        Input({"type": Ids.ask, "verb": ALL}, "n_clicks"),
        Input(Ids.put_off, "n_clicks"),
        prevent_initial_call=True,
    )(ask)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.carry_out, "n_clicks"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(delete)
