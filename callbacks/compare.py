"""What happens on the compare page."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from layouts.compare import MOST, Ids, nothing_chosen, options, refused, result
from services.comparison_service import ComparisonService
from services.errors import Invalid, NotFound, TooLarge

Options = list[dict[str, Any]]
OFFERED = 50


def show_choices(view: dict[str, Any]) -> tuple[Options, list[int], bool]:
    """What the address names, and the newest experiments beside."""
    wanted = view["experiments"][:MOST]
    return options_of("", wanted), wanted, view["windows"]


def search(words: str | None, chosen: list[int] | None) -> Options:
    """Experiments by name or number; the chosen ones stay."""
    return options_of(words or "", chosen or [])


def show(chosen: list[int] | None, windows: bool | None) -> Any:
    """The comparison, or why there is none."""
    numbers = chosen or []
    if len(numbers) < 2:
        return nothing_chosen(len(ComparisonService.list_comparable(limit=2)))
    try:
        data = ComparisonService.get_comparison_data(numbers, windows=bool(windows))
    except (Invalid, NotFound, TooLarge) as error:
        return refused(error.message)
    sentences = ComparisonService.identify_key_differences(data)
    return result(data, sentences, bool(windows))


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.chooser, "options"),
        Output(Ids.chooser, "value"),
        Output(Ids.windows, "value"),
        Input(Ids.view, "data"),
    )(show_choices)
    app.callback(
        Output(Ids.chooser, "options", allow_duplicate=True),
        Input(Ids.chooser, "search_value"),
        State(Ids.chooser, "value"),
        prevent_initial_call=True,
    )(search)
    app.callback(
        Output(Ids.result, "children"),
        Input(Ids.chooser, "value"),
        Input(Ids.windows, "value"),
    )(show)
    app.clientside_callback(
        ClientsideFunction("compare", "remember"),
        Output(Ids.address, "data"),
        Input(Ids.chooser, "value"),
        Input(Ids.windows, "value"),
        prevent_initial_call=True,
    )


def options_of(words: str, chosen: list[int]) -> Options:
    """Experiments that have the words, after the chosen ones."""
    choices = ComparisonService.list_comparable(words, OFFERED, chosen)
    # One that is not there stays chosen: the page then says so.
    return options([*choices, *_unknown(chosen, choices)])


def _unknown(numbers: list[int], choices: list[Any]) -> list[dict[str, Any]]:
    known = {choice["experiment_id"] for choice in choices}
    return [{"experiment_id": n, "name": "Not found"} for n in numbers if n not in known]
