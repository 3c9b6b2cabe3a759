"""Members of an ensemble, and ensembles of a member, on the page of an experiment."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from layouts import shell
from layouts.experiment import Ids as Page
from layouts.experiment_members import Ids, members, uses
from services.ensemble_service import EnsembleService
from services.errors import NotFound
from services.experiment_service import ExperimentService


def show(_pulse: dict[str, Any], chosen: int | None, drawn: Any) -> tuple[Any, Any]:
    """Drawn anew only when something has changed."""
    number = chosen or 0
    ensemble = EnsembleService.find_ensemble(number)
    found = EnsembleService.list_uses(number)
    now = [number, ensemble, found]
    if drawn == now:
        return no_update, no_update
    if ensemble is not None:
        return members(ensemble, _recordings(number)), now
    return uses(found) if found else None, now


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.place, "children"),
        Output(Ids.drawn, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Page.chosen, "data"),
        State(Ids.drawn, "data"),
    )(show)


def _recordings(number: int) -> int | None:
    """How many recordings were voted on, once they were."""
    try:
        summary = ExperimentService.get_experiment(number)["summary"]
    except NotFound:
        return None
    return None if summary is None else int(summary["n"]["recordings"])
