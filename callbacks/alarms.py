"""What happens on the alarms page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.alarms import ANY, OPEN, PAGE_SIZE, Ids, detail, found_text, kind_options, table
from layouts.components.frame import alert
from layouts.page import WRITERS
from models.base import now
from services import actor
from services.alarm_service import AlarmFilter, AlarmService, AlarmView
from services.errors import NotFound


def show_alarms(
    _stamp: int,
    states: list[str] | None,
    severities: list[str] | None,
    kind: str | None,
    text: str | None,
    order: str,
    page: int | None,
) -> tuple[Component, str, int, bool]:
    wanted = AlarmFilter(
        states=tuple(states or ()),
        severities=tuple(severities or ()),
        kind=kind if kind and kind != ANY else "",
        text=text or "",
    )
    found = AlarmService.list_alarms(PAGE_SIZE, ((page or 1) - 1) * PAGE_SIZE, wanted, order)
    total = AlarmService.count_alarms(wanted)
    pages = max(1, -(-total // PAGE_SIZE))
    is_narrowed = bool(severities or wanted.kind or text or set(states or OPEN) != set(OPEN))
    return table(found, is_narrowed=is_narrowed), found_text(total), pages, pages == 1


def list_kinds(_stamp: int, present: str | None) -> list[dict[str, str]]:
    kinds = AlarmService.list_kinds()
    if present and present not in (ANY, *kinds):
        kinds.append(present)
    return kind_options(kinds)


def show_detail(_stamp: int, chosen: int | None) -> Component | list[Any]:
    if chosen is None:
        return []
    try:
        alarm = AlarmService.get_alarm(chosen)
    except NotFound as error:
        return alert(error.message, "warning")
    return detail(alarm, can_change=actor.reader().role in WRITERS)


def act(
    _acknowledge: int | None,
    _shelve: int | None,
    _clear: int | None,
    _confirm: int | None,
    note: str | None,
    hours: str | None,
    fault: str | None,
    chosen: int | None,
    stamp: int,
) -> int | Any:
    """One of the four buttons of the alarm; drawing them counts as no click."""
    if chosen is None or not any((_acknowledge, _shelve, _clear, _confirm)):
        return no_update
    alarm = _change(str(ctx.triggered_id), chosen, note or "", int(hours or 8), fault or "")
    tell(f"Alarm {alarm['id']} is {alarm['state']}.")
    return stamp + 1


def _change(button: str, alarm_id: int, note: str, hours: int, fault: str) -> AlarmView:
    if button == Ids.acknowledge:
        return AlarmService.acknowledge(alarm_id, note)
    if button == Ids.shelve:
        return AlarmService.shelve(alarm_id, now() + timedelta(hours=hours), note)
    if button == Ids.clear:
        return AlarmService.clear(alarm_id, note)
    return AlarmService.confirm_fault(alarm_id, fault, note)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.found, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(Ids.stamp, "data"),
        Input(Ids.states, "value"),
        Input(Ids.severities, "value"),
        Input(Ids.kind, "value"),
        Input(Ids.text, "value"),
        Input(Ids.order, "value"),
        Input(Ids.pages, "active_page"),
    )(show_alarms)
    app.callback(Output(Ids.kind, "options"), Input(Ids.stamp, "data"), State(Ids.kind, "value"))(
        list_kinds
    )
    app.callback(
        Output(Ids.detail, "children"), Input(Ids.stamp, "data"), Input(Ids.chosen, "data")
    )(show_detail)
    app.callback(
        Output(Ids.stamp, "data"),
        Input(Ids.acknowledge, "n_clicks"),
        Input(Ids.shelve, "n_clicks"),
        Input(Ids.clear, "n_clicks"),
        Input(Ids.confirm, "n_clicks"),
        State(Ids.note, "value"),
        State(Ids.hours, "value"),
        State(Ids.fault, "value"),
        State(Ids.chosen, "data"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(act)
