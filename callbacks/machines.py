"""What happens on the page of machines."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.machines import PAGE_SIZE, Ids, machine_table
from layouts.page import WRITERS
from services import actor
from services.machine_service import MachineService


def show_machines(page: int | None) -> tuple[Component, int, bool, bool]:
    """A page of the list, how many there are, and whether pages and form are hidden."""
    return *_list(page), actor.reader().role not in WRITERS


def add_machine(
    clicks: int | None, name: str | None, description: str | None, page: int | None = None
) -> tuple[Component | Any, int | Any, bool | Any, str | Any, str | Any]:
    if not clicks:
        return no_update, no_update, no_update, no_update, no_update
    MachineService.save_machine(name or "", description or "")
    tell(f"“{name}” is added.")
    return *_list(page), "", ""


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Output(Ids.form, "hidden"),
        Input(Ids.pages, "active_page"),
    )(show_machines)
    app.callback(
        Output(Ids.table, "children", allow_duplicate=True),
        Output(Ids.pages, "max_value", allow_duplicate=True),
        Output(Ids.pager, "hidden", allow_duplicate=True),
        Output(Ids.name, "value"),
        Output(Ids.description, "value"),
        Input(Ids.add, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.description, "value"),
        State(Ids.pages, "active_page"),
        prevent_initial_call=True,
    )(add_machine)


def _list(page: int | None) -> tuple[Component, int, bool]:
    first = ((page or 1) - 1) * PAGE_SIZE
    pages = max(1, -(-MachineService.count_machines() // PAGE_SIZE))
    return machine_table(MachineService.list_machines(PAGE_SIZE, first)), pages, pages == 1
