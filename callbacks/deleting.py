"""A button that deletes what a page shows: asked about first, and then another page opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State, no_update

from layouts import shell


def register_deletion(
    app: Dash, ids: Any, ask: Callable[[str], str], delete: Callable[[str], str]
) -> None:
    """Wire ``ids.delete``, ``ids.confirm`` and ``ids.id`` of a page.

    ``ask`` gives the question about the thing with an id; ``delete`` deletes it and says where to
    go.
    """

    def ask_first(clicks: int | None, chosen: str) -> tuple[Any, Any]:
        return (ask(chosen), True) if clicks else (no_update, no_update)

    def delete_it(confirmed: int | None, chosen: str) -> Any:
        return delete(chosen) if confirmed else no_update

    app.callback(
        Output(ids.confirm, "message"),
        Output(ids.confirm, "displayed"),
        Input(ids.delete, "n_clicks"),
        State(ids.id, "data"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(shell.Ids.location, "pathname", allow_duplicate=True),
        Input(ids.confirm, "submit_n_clicks"),
        State(ids.id, "data"),
        prevent_initial_call=True,
    )(delete_it)
