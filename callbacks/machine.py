"""What happens on the page of one machine."""

from __future__ import annotations

from typing import Any, cast

from dash import Dash, Input, Output, State, no_update

from callbacks.errors import tell
from layouts.components.frame import page_head
from layouts.machine import (
    GEOMETRY,
    NOT_CHOSEN,
    Ids,
    bare_told,
    bearing_options,
    catalogue_values,
    head,
    not_there,
    orders_of_form,
    parts,
    point_options,
)
from services import actor
from services.errors import Invalid, NotFound
from services.machine_service import BearingIn, MachineService

NOTHING = (None, "", NOT_CHOSEN)
# What a bearing of the catalogue fills in; the point is where it sits.
FROM_CATALOGUE = {key: id_ for key, id_ in GEOMETRY.items() if key != "point_id"}


def show_machine(machine_id: int | None, _stamp: int) -> tuple[Any, ...]:
    """The machine, whether its forms are hidden, and what they choose from."""
    if machine_id is None:
        return page_head("Machine"), not_there(None), True, *_no_choices()
    try:
        machine = MachineService.get_machine(machine_id)
    except NotFound:
        return page_head("Machine"), not_there(machine_id), True, *_no_choices()
    points = machine["points"]
    return (
        head(machine),
        parts(machine),
        not actor.may_change(machine["owner_id"]),
        machine["name"],
        machine["description"],
        point_options(points),
        points[0]["id"] if points else "",
        point_options(points, none="not known"),
        bearing_options(machine["bearings"]),
    )


def show_bare(machine_id: int | None, _stamp: int) -> tuple[bool, str]:
    """Whether no bearing is without a type, or nobody here may give it one; and which are."""
    if machine_id is None:
        return True, ""
    try:
        machine = MachineService.get_machine(machine_id)
    except NotFound:
        return True, ""
    told = bare_told(machine["bearings"])
    return not told or not actor.may_change(machine["owner_id"]), told


def save_machine(
    clicks: int | None, machine_id: int, name: str | None, description: str | None, stamp: int
) -> int | Any:
    if not clicks:
        return no_update
    MachineService.save_machine(name or "", description or "", machine_id)
    tell("The machine is saved.")
    return stamp + 1


def add_point(
    clicks: int | None, machine_id: int, name: str | None, stamp: int
) -> tuple[int | Any, str | Any]:
    if not clicks:
        return no_update, no_update
    MachineService.add_point(machine_id, name or "")
    return stamp + 1, ""


def add_channel(
    clicks: int | None,
    point: str | int | None,
    name: str | None,
    unit: str,
    direction: str | None,
    stamp: int,
) -> tuple[int | Any, str | Any]:
    if not clicks:
        return no_update, no_update
    if not point:
        raise Invalid("Add a measuring point first; the channel belongs to one.")
    MachineService.add_channel(int(point), name or "", unit, direction or "")
    return stamp + 1, ""


def choose_bearing(chosen: str | int | None, machine_id: int | None) -> tuple[Any, ...]:
    """The fields of the bearing that is to be changed; empty ones for a new one."""
    return (*_fields_of(chosen, machine_id), NOT_CHOSEN)


def fill_from_catalogue(designation: str | None) -> tuple[Any, ...]:
    """The fields of a bearing of the catalogue, which may be changed, and its source."""
    values = catalogue_values(designation)
    if values is None:
        return *(no_update for _ in FROM_CATALOGUE), ""
    return *(values[key] for key in FROM_CATALOGUE), f"Geometry: {values['source']}"


def show_orders(*values: Any) -> list[Any]:
    """What follows from the geometry in the fields, before it is saved."""
    try:
        known = _geometry(dict(zip(GEOMETRY, values, strict=True)))
        sizes = (known["roller_count"], known["roller_diameter_mm"], known["pitch_diameter_mm"])
        return orders_of_form(MachineService.compute_orders(known), listed=None in sizes)
    except Invalid as error:
        return [error.message]


def _fields_of(chosen: str | int | None, machine_id: int | None) -> tuple[Any, ...]:
    empty = {key: NOT_CHOSEN if key == "point_id" else "" for key in GEOMETRY}
    if chosen in NOTHING or machine_id is None:
        return "", *empty.values()
    bearings = MachineService.get_machine(machine_id)["bearings"]
    found = next((one for one in bearings if one["id"] == int(chosen)), None)
    if found is None:
        raise NotFound("This bearing is not there any more. Open the page again.")
    values = cast("dict[str, Any]", found)
    return values["name"], *(empty[key] if values[key] is None else values[key] for key in GEOMETRY)


def save_bearing(
    clicks: int | None,
    machine_id: int,
    chosen: str | int | None,
    stamp: int,
    name: str | None,
    *values: Any,
) -> tuple[int | Any, str | Any]:
    if not clicks:
        return no_update, no_update
    known = _geometry(dict(zip(GEOMETRY, values, strict=True)))
    MachineService.save_bearing(
        machine_id, name or "", known, None if chosen in NOTHING else int(chosen or 0)
    )
    tell("The bearing is saved.")
    return stamp + 1, NOT_CHOSEN


def copy_geometry(
    clicks: int | None, machine_id: int, chosen: str | int | None, stamp: int
) -> int | Any:
    """Describe the other bearings of the machine as the chosen one."""
    if not clicks:
        return no_update
    if chosen in NOTHING:
        raise Invalid("Choose a saved bearing with geometry first.")
    copied = MachineService.copy_geometry(machine_id, int(chosen or 0))
    tell(f"Bearings that have this geometry now: {copied} more.")
    return stamp + 1


def name_type(clicks: int | None, machine_id: int, designation: str, stamp: int) -> int | Any:
    """Give the bearings that nobody has described a type of the catalogue."""
    if not clicks:
        return no_update
    named = MachineService.name_type(machine_id, designation)
    tell(f"Bearings that have this type now: {named} more.")
    return stamp + 1


def ask_first(
    clicks: int | None, machine_id: int, chosen: str | int | None
) -> tuple[str | Any, bool | Any]:
    if not clicks:
        return no_update, no_update
    if chosen in NOTHING:
        raise Invalid("Choose the bearing to delete first.")
    name, *_ = _fields_of(chosen, machine_id)
    return f"Delete the bearing “{name}”?", True


def delete_bearing(
    confirmed: int | None, machine_id: int, chosen: str | int | None, stamp: int
) -> tuple[int | Any, str | Any]:
    if not confirmed or chosen in NOTHING:
        return no_update, no_update
    MachineService.delete_bearing(machine_id, int(chosen or 0))
    tell("The bearing is deleted.")
    return stamp + 1, NOT_CHOSEN


def register(app: Dash) -> None:
    _register_describing(app)
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.parts, "children"),
        Output(Ids.forms, "hidden"),
        Output(Ids.name, "value"),
        Output(Ids.description, "value"),
        Output(Ids.channel_point, "options"),
        Output(Ids.channel_point, "value"),
        Output(Ids.bearing_point, "options"),
        Output(Ids.bearing, "options"),
        Input(Ids.machine, "data"),
        Input(Ids.stamp, "data"),
    )(show_machine)
    app.callback(
        Output(Ids.stamp, "data"),
        Input(Ids.save, "n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.name, "value"),
        State(Ids.description, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(save_machine)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.point_name, "value"),
        Input(Ids.add_point, "n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.point_name, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(add_point)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.channel_name, "value"),
        Input(Ids.add_channel, "n_clicks"),
        State(Ids.channel_point, "value"),
        State(Ids.channel_name, "value"),
        State(Ids.channel_unit, "value"),
        State(Ids.channel_direction, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(add_channel)
    _register_bearings(app)


def _register_bearings(app: Dash) -> None:
    app.callback(
        Output(Ids.bearing_name, "value"),
        *[Output(one, "value") for one in GEOMETRY.values()],
        Output(Ids.catalogue, "value"),
        Input(Ids.bearing, "value"),
        State(Ids.machine, "data"),
        prevent_initial_call=True,
    )(choose_bearing)
    app.callback(
        *[Output(one, "value", allow_duplicate=True) for one in FROM_CATALOGUE.values()],
        Output(Ids.catalogue_source, "children"),
        Input(Ids.catalogue, "value"),
        prevent_initial_call=True,
    )(fill_from_catalogue)
    app.callback(
        Output(Ids.orders, "children"),
        *[Input(one, "value") for one in GEOMETRY.values()],
    )(show_orders)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.bearing, "value"),
        Input(Ids.save_bearing, "n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.bearing, "value"),
        State(Ids.stamp, "data"),
        State(Ids.bearing_name, "value"),
        *[State(one, "value") for one in GEOMETRY.values()],
        prevent_initial_call=True,
    )(save_bearing)


def _register_describing(app: Dash) -> None:
    """What is done to bearings that are there."""
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Input(Ids.copy_geometry, "n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.bearing, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(copy_geometry)
    app.callback(
        Output(Ids.bare, "hidden"),
        Output(Ids.bare_told, "children"),
        Input(Ids.machine, "data"),
        Input(Ids.stamp, "data"),
    )(show_bare)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Input(Ids.name_type, "n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.type, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(name_type)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Input(Ids.delete_bearing, "n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.bearing, "value"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.bearing, "value", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.machine, "data"),
        State(Ids.bearing, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(delete_bearing)


def _geometry(values: dict[str, Any]) -> BearingIn:
    given = {key: None if value in NOTHING else value for key, value in values.items()}
    if given["point_id"] is not None:
        given["point_id"] = int(given["point_id"])
    return cast("BearingIn", {**given, "designation": given["designation"] or ""})


def _no_choices() -> tuple[Any, ...]:
    return no_update, no_update, [], "", [], []
