"""What happens on the page of machines."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.machines import Ids, machine_table
from layouts.page import WRITERS
from services import actor
from services.machine_service import MachineService

MOST = 500


def show_machines(_id: str) -> tuple[Component, bool]:
    """The list, and whether the form is hidden."""
    return _table(), actor.reader().role not in WRITERS


def add_machine(
    clicks: int | None, name: str | None, description: str | None
) -> tuple[Component | Any, str | Any, str | Any]:
    if not clicks:
        return no_update, no_update, no_update
    MachineService.save_machine(name or "", description or "")
    tell(f"“{name}” is added.")
    return _table(), "", ""


def register(app: Dash) -> None:
    app.callback(Output(Ids.table, "children"), Output(Ids.form, "hidden"), Input(Ids.table, "id"))(
        show_machines
    )
    app.callback(
        Output(Ids.table, "children", allow_duplicate=True),
        Output(Ids.name, "value"),
        Output(Ids.description, "value"),
        Input(Ids.add, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.description, "value"),
        prevent_initial_call=True,
    )(add_machine)


def _table() -> Component:
    return machine_table(MachineService.list_machines(limit=MOST), MachineService.count_machines())
