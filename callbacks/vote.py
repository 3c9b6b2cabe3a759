"""What happens on the form that lets experiments vote together."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, no_update

from callbacks.compare import options_of
from callbacks.errors import tell
from diagnostics.evaluation.voting import MOST
from layouts.components.links import path_to
from layouts.page import WRITERS
from layouts.vote import Ids, plan, refused, too_few, weights
from services import actor
from services.comparison_service import ComparisonService
from services.ensemble_service import EnsembleService
from services.errors import Invalid, NotFound, TooLarge

Options = list[dict[str, Any]]


def show_choices(view: dict[str, Any]) -> tuple[Options, list[int], bool]:
    """What the address names, and the newest experiments beside; whether one may start it."""
    wanted = view["experiments"][:MOST]
    return options_of("", wanted), wanted, actor.reader().role not in WRITERS


def search(words: str | None, chosen: list[int] | None) -> Options:
    return options_of(words or "", chosen or [])


def show_weights(chosen: list[int] | None, weighting: str) -> Any:
    """Fields for the weights where they are typed."""
    if weighting != "typed":
        return []
    known = ComparisonService.list_comparable(limit=1, among=chosen or [])
    return weights(chosen or [], {one["experiment_id"]: one["name"] for one in known})


def show_plan(
    chosen: list[int] | None,
    voting: str,
    weighting: str,
    given: list[float | None],
    ids: list[dict[str, Any]],
) -> tuple[Any, bool]:
    """What would be tested, or why it is not possible."""
    if len(chosen or []) < 2:
        return too_few(), True
    try:
        typed = _typed(chosen or [], weighting, given, ids)
        found = EnsembleService.preview_ensemble(chosen or [], voting, weighting, typed)
    except (Invalid, NotFound, TooLarge) as error:
        return refused(error.message), True
    return plan(found), False


def submit(
    clicks: int | None,
    chosen: list[int] | None,
    voting: str,
    weighting: str,
    given: list[float | None],
    ids: list[dict[str, Any]],
    name: str | None,
) -> Any:
    """Have them vote, and go to the experiment that comes of it."""
    if not clicks:
        return no_update
    typed = _typed(chosen or [], weighting, given, ids)
    made = EnsembleService.create_ensemble(name or "", chosen or [], voting, weighting, typed)
    tell(f"“{made['name']}” waits for a worker.", "info")
    return path_to(f"/experiments/{made['id']}")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.chooser, "options"),
        Output(Ids.chooser, "value"),
        Output(Ids.form, "hidden"),
        Input(Ids.view, "data"),
    )(show_choices)
    app.callback(
        Output(Ids.chooser, "options", allow_duplicate=True),
        Input(Ids.chooser, "search_value"),
        State(Ids.chooser, "value"),
        prevent_initial_call=True,
    )(search)
    app.callback(
        Output(Ids.weights, "children"),
        Input(Ids.chooser, "value"),
        Input(Ids.weighting, "value"),
    )(show_weights)
    weight = {"type": Ids.weight, "member": ALL}
    app.callback(
        Output(Ids.plan, "children"),
        Output(Ids.submit, "disabled"),
        Input(Ids.chooser, "value"),
        Input(Ids.voting, "value"),
        Input(Ids.weighting, "value"),
        Input(weight, "value"),
        State(weight, "id"),
    )(show_plan)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.submit, "n_clicks"),
        State(Ids.chooser, "value"),
        State(Ids.voting, "value"),
        State(Ids.weighting, "value"),
        State(weight, "value"),
        State(weight, "id"),
        State(Ids.name, "value"),
        # A double click asks once.
        running=[(Output(Ids.submit, "disabled"), True, False)],
        prevent_initial_call=True,
    )(submit)


def _typed(
    chosen: list[int], weighting: str, given: list[float | None], ids: list[dict[str, Any]]
) -> list[float] | None:
    """The typed weights in the order of the members; None where none are typed."""
    if weighting != "typed":
        return None
    by_member = {one["member"]: value for one, value in zip(ids, given, strict=True)}
    # Fields that are yet to be drawn begin with 1.
    values = [by_member.get(number, 1.0) for number in chosen]
    if any(value is None for value in values):
        raise Invalid("Type a weight above 0 for each member.")
    return [float(value or 0.0) for value in values]
