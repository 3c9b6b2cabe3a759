"""One machine with its measuring points, channels and bearings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.bearings.catalogue import CATALOGUE
from diagnostics.signals.signal import Unit
from layouts.components.frame import empty_state, field, icon, link_button, page_head, section
from layouts.components.links import number_of, page_link
from layouts.components.quantities import count, plural
from layouts.components.tables import table
from layouts.page import Group, Page

# A select shows nothing when its value is empty, so what is not chosen has a name.
NOT_CHOSEN = "-"

Values = Mapping[str, Any]


class Ids:
    """``stamp`` changes when something was added; ``bearing`` is the one to change, ``bare`` the
    card of those that nobody has described."""

    machine = "machine-id"
    stamp = "machine-stamp"
    head = "machine-head"
    parts = "machine-parts"
    forms = "machine-forms"
    name = "machine-name"
    description = "machine-description"
    save = "machine-save"
    point_name = "machine-point-name"
    add_point = "machine-add-point"
    channel_point = "machine-channel-point"
    channel_name = "machine-channel-name"
    channel_unit = "machine-channel-unit"
    channel_direction = "machine-channel-direction"
    add_channel = "machine-add-channel"
    bearing = "machine-bearing"
    bearing_name = "machine-bearing-name"
    bearing_point = "machine-bearing-point"
    catalogue = "machine-catalogue"
    catalogue_source = "machine-catalogue-source"
    orders = "machine-orders"
    designation = "machine-designation"
    rollers = "machine-rollers"
    roller_diameter = "machine-roller-diameter"
    pitch_diameter = "machine-pitch-diameter"
    angle = "machine-angle"
    save_bearing = "machine-save-bearing"
    copy_geometry = "machine-copy-geometry"
    delete_bearing = "machine-delete-bearing"
    confirm = "machine-confirm"
    bare = "machine-bare"
    bare_told = "machine-bare-told"
    type = "machine-type"
    name_type = "machine-name-type"


# The fields of a bearing's geometry by the name that the service knows them under.
GEOMETRY = {
    "designation": Ids.designation,
    "point_id": Ids.bearing_point,
    "roller_count": Ids.rollers,
    "roller_diameter_mm": Ids.roller_diameter,
    "pitch_diameter_mm": Ids.pitch_diameter,
    "contact_angle_deg": Ids.angle,
}


def build(machine_id: str = "", **_view: Any) -> Component:
    number = number_of(machine_id)
    return html.Div(
        [
            dcc.Store(id=Ids.machine, data=number),
            dcc.Store(id=Ids.stamp, data=0),
            html.Div(page_head("Machine"), id=Ids.head),
            html.Div(id=Ids.parts),
            html.Div(_type_form(), id=Ids.bare, hidden=True),
            html.Div([_machine_form(), _point_forms(), _bearing_form()], id=Ids.forms),
        ],
        className="machine-page",
    )


def not_there(number: int | None) -> Component:
    no_number = "The address has to end with the number of a machine, and does not."
    return empty_state(
        "There is no such machine",
        no_number if number is None else f"Machine {number} does not exist.",
        link_button("All machines", "/machines", icon_name="gear-wide-connected"),
    )


def head(machine: Values) -> Component:
    recordings = plural(machine["recording_count"], "recording")
    told = f"{machine['description'].rstrip('. ')}. " if machine["description"] else ""
    return page_head(machine["name"], lead=f"{told}{recordings}, added by {machine['owner_name']}.")


def parts(machine: Values) -> Component:
    """Points with their channels, and bearings."""
    return html.Div(
        [
            section("Measuring points", _points(machine["points"])),
            section("Bearings", _bearings(machine["bearings"])),
        ],
        className="machine-parts",
    )


def point_options(points: Sequence[Values], *, none: str = "") -> list[dict[str, Any]]:
    first = [{"label": none, "value": NOT_CHOSEN}] if none else []
    return first + [{"label": point["name"], "value": point["id"]} for point in points]


def bearing_options(bearings: Sequence[Values]) -> list[dict[str, Any]]:
    new = [{"label": "a new one", "value": NOT_CHOSEN}]
    return new + [{"label": f"change {b['name']}", "value": b["id"]} for b in bearings]


def bare_told(bearings: Sequence[Values]) -> str:
    """Of how many bearings nothing is known; empty when there are none.

    Examples
    --------
    >>> bare_told([{"name": "A", "is_bare": True}, {"name": "B", "is_bare": False}])
    'Of “A” neither type nor geometry is known, so its fault frequencies cannot be drawn.'
    """
    names = [one["name"] for one in bearings if one["is_bare"]]
    if not names:
        return ""
    which, whose = f"“{names[0]}”", "its"
    if len(names) > 1:
        which, whose = f"{count(len(names))} bearings", "their"
    lines = f"so {whose} fault frequencies cannot be drawn."
    return f"Of {which} neither type nor geometry is known, {lines}"


def catalogue_values(designation: str | None) -> dict[str, Any] | None:
    """What a bearing of the catalogue puts into the fields, and its source; None for no entry."""
    entry = next((one for one in CATALOGUE if one.designation == designation), None)
    if entry is None:
        return None
    inside = entry.bearing
    return {
        "designation": entry.title,
        "roller_count": inside.rolling_elements,
        "roller_diameter_mm": round(inside.element_diameter_mm, 4),
        "pitch_diameter_mm": round(inside.pitch_diameter_mm, 4),
        "contact_angle_deg": inside.contact_angle_deg,
        "source": entry.source,
    }


def orders_told(orders: Mapping[str, float]) -> str:
    """The lines of a bearing with their orders.

    Examples
    --------
    >>> orders_told({"BPFO": 3.58481, "FTF": 0.39831})
    'BPFO 3.585, FTF 0.3983'
    """
    return ", ".join(f"{name} {order:.4g}" for name, order in orders.items())


def orders_of_form(orders: Mapping[str, float], *, listed: bool = False) -> list[Any]:
    """Under the fields of the geometry: what follows from it or, where it is ``listed``, from
    the type; or what is missing."""
    if not orders:
        return [
            "The orders follow from the rollers and both diameters, or from a type that is listed."
        ]
    note = " turns of the shaft; without a contact angle it is 0°."
    if listed:
        note = " turns of the shaft, as the catalogue has this type."
    return ["Orders: ", html.Strong(orders_told(orders)), note]


def _points(points: Sequence[Values]) -> Component:
    if not points:
        return html.P("None yet. A point is a place for sensors, such as a bearing housing.")
    rows = []
    for point in points:
        sensors = [f"{c['name']} [{c['unit']}] {c['direction']}".strip() for c in point["channels"]]
        rows.append(
            [point["name"], html.Div([html.Div(text) for text in sensors]) if sensors else "–"]
        )
    return table(("Point", "Channels"), rows, label="Measuring points")


def _bearings(bearings: Sequence[Values]) -> Component:
    if not bearings:
        return html.P("None yet. With the geometry of a bearing its fault frequencies are known.")
    rows = [
        [
            b["name"],
            html.Span(b["designation"], className="machine-kept"),
            b["point"] or "",
            _geometry(b),
            html.Span(orders_told(b["orders"]) or "–", className="machine-kept"),
            html.Div([_place(b["name"], one) for one in b["places"]]) if b["places"] else "0",
        ]
        for b in bearings
    ]
    heads = ("Bearing", "Type", "Point", "Geometry", "Orders of the shaft", "Recordings")
    return table(heads, rows, label="Bearings")


def _place(bearing: str, place: Values) -> Component:
    """How many recordings of a bearing a data set has: their list, and their trend."""
    listed = page_link(
        f"{count(place['recording_count'])} in {place['dataset_name']}",
        f"/datasets/{place['dataset_id']}",
        {"bearing": f"equals:{bearing}"},
    )
    asked = {"dataset": place["dataset_id"], "recording": place["recording_id"], "over": "trend"}
    return html.Div([listed, " · ", page_link("Trend", "/signals", asked)])


def _geometry(bearing: Values) -> str:
    if bearing["listed"]:
        return "as in the catalogue"
    known = {
        "{:d} rollers": bearing["roller_count"],
        "roller {:g} mm": bearing["roller_diameter_mm"],
        "pitch {:g} mm": bearing["pitch_diameter_mm"],
        "contact {:g}°": bearing["contact_angle_deg"],
    }
    return ", ".join(text.format(value) for text, value in known.items() if value is not None)


def _machine_form() -> Component:
    return section(
        "Change",
        html.Div(
            [
                field("Name", _text(Ids.name)),
                field("Description", dbc.Input(id=Ids.description, maxlength=400)),
                dbc.Button("Save", id=Ids.save, color="primary"),
            ],
            className="machine-form",
        ),
    )


def _point_forms() -> Component:
    units = [unit.value for unit in Unit]
    point = html.Div(
        [
            field("Name", _text(Ids.point_name)),
            dbc.Button("Add the point", id=Ids.add_point, color="secondary"),
        ],
        className="machine-form",
    )
    channel = html.Div(
        [
            field("Point", dbc.Select([], id=Ids.channel_point)),
            field("Name", _text(Ids.channel_name)),
            field("Unit", dbc.Select(units, units[0], id=Ids.channel_unit)),
            field("Direction", _text(Ids.channel_direction)),
            dbc.Button("Add the channel", id=Ids.add_channel, color="secondary"),
        ],
        className="machine-form",
    )
    return html.Div(
        [section("Add a measuring point", point), section("Add a channel", channel)],
        className="two-columns",
    )


def _type_form() -> Component:
    choice = dbc.Select(_catalogue(), CATALOGUE[0].designation, id=Ids.type)
    name = dbc.Button("Give them this type", id=Ids.name_type, color="secondary")
    return section(
        "Bearings without a type",
        [
            html.P(id=Ids.bare_told, role="status"),
            html.Div([field("From the catalogue", choice), name], className="field-row"),
        ],
    )


def _catalogue() -> list[dict[str, str]]:
    return [{"label": one.title, "value": one.designation} for one in CATALOGUE]


def _bearing_form() -> Component:
    own = {"label": "own geometry", "value": NOT_CHOSEN}
    listed = [own, *_catalogue()]
    fields = [
        field("Bearing", dbc.Select([], NOT_CHOSEN, id=Ids.bearing)),
        field("From the catalogue", dbc.Select(listed, NOT_CHOSEN, id=Ids.catalogue)),
        field("Name", _text(Ids.bearing_name)),
        field("Type", _text(Ids.designation)),
        field("Point", dbc.Select([], NOT_CHOSEN, id=Ids.bearing_point)),
        field("Rollers", _number(Ids.rollers, 1)),
        field("Roller [mm]", _number(Ids.roller_diameter)),
        field("Pitch circle [mm]", _number(Ids.pitch_diameter)),
        field("Contact angle [°]", _number(Ids.angle)),
    ]
    told = [
        html.P(id=Ids.orders, className="plot-note", role="status"),
        html.P(id=Ids.catalogue_source, className="plot-note"),
    ]
    copy = dbc.Button(
        "Use for all without geometry",
        id=Ids.copy_geometry,
        color="secondary",
        outline=True,
        title="Gives type and geometry of the saved bearing to the others that have none",
    )
    delete = dbc.Button(
        [icon("trash"), " Delete"], id=Ids.delete_bearing, color="danger", outline=True
    )
    save = dbc.Button("Save the bearing", id=Ids.save_bearing, color="secondary")
    form = html.Div(fields, className="machine-form")
    buttons = html.Div([save, copy, delete], className="machine-buttons")
    return section(
        "Add or change a bearing", [form, *told, buttons, dcc.ConfirmDialog(id=Ids.confirm)]
    )


def _text(component_id: str) -> Component:
    return dbc.Input(id=component_id, maxlength=120, autocomplete="off")


def _number(component_id: str, step: str | int = "any") -> Component:
    return dbc.Input(id=component_id, type="number", min=0, step=step)


PAGE = Page(
    "machine",
    "Machine",
    "/machines/<machine_id>",
    build,
    Group.DATA,
    "gear-wide-connected",
    parent=("Machines", "/machines"),
    in_navigation=False,
)
