"""What happens on the page of the audit log."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from layouts.audit import BLOCK, Ids, grid_rows, type_options
from layouts.components.links import path_to
from layouts.components.quantities import count
from services.audit_service import AuditService, EventFilter
from services.profile_service import ProfileService

FILTERS = ("type", "actor", "object", "since", "until")


def list_types(_grid: str) -> list[dict[str, str]]:
    return type_options(AuditService.list_types())


def give_rows(request: dict[str, Any] | None, *texts: str | None) -> tuple[Any, ...]:
    """A block of the table; with the first one, how many there are, and the way to all of them."""
    if request is None:
        return (no_update,) * 4
    given = dict(zip(FILTERS, (text or "" for text in texts), strict=True))
    wanted, start = filter_of(given), int(request["startRow"])
    total = AuditService.count_events(wanted)
    rows = grid_rows(AuditService.list_events(wanted, BLOCK, start))
    answer = {"rowData": rows, "rowCount": total}
    if start:
        return answer, *(no_update,) * 3
    return answer, f"{count(total)} found.", _csv(wanted), given


def filter_of(given: dict[str, str]) -> EventFilter:
    """What is looked for; both days count whole, in the time zone of the profile."""
    zone = ZoneInfo(ProfileService.get_profile()["time_zone"])
    until = _day(given["until"])
    return EventFilter(
        given["type"],
        given["actor"],
        given["object"],
        _begin(_day(given["since"]), zone),
        _begin(until + timedelta(days=1) if until else None, zone),
    )


def register(app: Dash) -> None:
    states = [State(getattr(Ids, name), "value") for name in FILTERS]
    app.callback(Output(Ids.type, "options"), Input(Ids.grid, "id"))(list_types)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.found, "children"),
        Output(Ids.csv, "href"),
        Output(Ids.shown, "data"),
        Input(Ids.grid, "getRowsRequest"),
        *states,
    )(give_rows)
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        *(Input(getattr(Ids, name), "value") for name in FILTERS),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("audit", "write_address"), Input(Ids.shown, "data"))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None  # while it is being typed
    # What lies outside no zone can bring to UTC.
    return found if 1970 <= found.year <= 9000 else None


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, zone)


def _csv(wanted: EventFilter) -> str:
    given = {
        "type": wanted.type,
        "actor": wanted.actor,
        "object": wanted.object,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    asked = {name: text for name, text in given.items() if text}
    address = path_to("/api/v1/events.csv")
    return f"{address}?{urlencode(asked)}" if asked else address
