"""What happens where repeated experiments are compared."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, no_update

from layouts.fold_comparison import Ids, nothing_chosen, options, refused, result
from services.block_comparison_service import BlockComparisonService
from services.errors import Invalid, NotFound
from services.repeated_service import RepeatedExperimentService

OFFERED = 200


def show_choices(chosen: list[int] | None) -> tuple[list[dict[str, Any]], list[int]]:
    """The newest repeated experiments, and those that the address names."""
    found = options(RepeatedExperimentService.list_repeated(OFFERED))
    known = {one["value"] for one in found}
    more = [{"label": f"{n}: not among the newest", "value": n} for n in chosen or []]
    return [*found, *(one for one in more if one["value"] not in known)], chosen or []


def show(chosen: list[int] | None, score: str) -> tuple[Any, Any]:
    """The comparison or why there is none, and the address that opens it again."""
    numbers = chosen or []
    if len(numbers) < 2:
        return nothing_chosen(), no_update
    address = f"?repeated={','.join(map(str, numbers))}&score={score}"
    try:
        return result(BlockComparisonService.compare_repeated(numbers, score)), address
    except (Invalid, NotFound) as error:
        return refused(error.message), address


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.chooser, "options"),
        Output(Ids.chooser, "value"),
        Input(Ids.view, "data"),
    )(show_choices)
    app.callback(
        Output(Ids.result, "children"),
        Output(Ids.address, "search"),
        Input(Ids.chooser, "value"),
        Input(Ids.score, "value"),
    )(show)
