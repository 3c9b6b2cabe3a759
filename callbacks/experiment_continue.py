"""Go on with a finished training for some epochs."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from layouts import shell
from layouts.components.links import path_to
from layouts.experiment import Ids as Page
from layouts.experiment_continue import Ids, note, source_line
from layouts.page import WRITERS
from services import actor
from services.continuing_service import ContinuedTrainingService
from services.errors import Invalid, NotFound


def show_offer(
    _pulse: dict[str, Any], chosen: int | None, shown: list[Any] | None
) -> tuple[Any, ...]:
    """The form once the training is over; what is typed in it stays."""
    try:
        offer = ContinuedTrainingService.find_offer(chosen or 0)
    except NotFound:
        return (no_update,) * 6
    source = ContinuedTrainingService.find_source(chosen or 0)
    may = offer is not None and actor.reader().role in WRITERS
    now = [chosen, offer, source, may]
    if now == shown:
        return (no_update,) * 6
    line = [] if source is None else source_line(source)
    told = "" if offer is None else note(offer)
    rate = no_update if offer is None else offer["learning_rate"]
    return not may, told, rate, line, source is None, now


def go_on(clicks: int | None, chosen: int | None, epochs: float | None, rate: float | None) -> Any:
    if not clicks or chosen is None:
        return no_update
    if epochs is None or rate is None or epochs != int(epochs):
        raise Invalid("Say for how many epochs, and with which learning rate.")
    made = ContinuedTrainingService.continue_experiment(chosen, int(epochs), rate)
    return path_to(f"/experiments/{made['id']}")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.place, "hidden"),
        Output(Ids.note, "children"),
        Output(Ids.rate, "value"),
        Output(Ids.source, "children"),
        Output(Ids.source, "hidden"),
        Output(Ids.shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Page.chosen, "data"),
        State(Ids.shown, "data"),
    )(show_offer)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.start, "n_clicks"),
        State(Page.chosen, "data"),
        State(Ids.epochs, "value"),
        State(Ids.rate, "value"),
        running=[(Output(Ids.start, "disabled"), True, False)],
        prevent_initial_call=True,
    )(go_on)
