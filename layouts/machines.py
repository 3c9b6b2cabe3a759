"""The machines: a list, and a form to add one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, field, page_head, section
from layouts.components.links import page_link
from layouts.components.quantities import count
from layouts.components.tables import pagination, table
from layouts.page import Group, Page

PAGE_SIZE = 50


class Ids:
    table = "machines-table"
    pages = "machines-pages"
    pager = "machines-pager"
    form = "machines-form"
    name = "machines-name"
    description = "machines-description"
    add = "machines-add"


def build(**_view: Any) -> Component:
    form = section(
        "Add a machine",
        html.Div(
            [
                field("Name", dbc.Input(id=Ids.name, maxlength=120, autocomplete="off")),
                field("Description", dbc.Input(id=Ids.description, maxlength=400)),
                dbc.Button("Add", id=Ids.add, color="primary"),
            ],
            className="machine-form",
        ),
    )
    return html.Div(
        [
            page_head(
                "Machines",
                lead="What is measured. Bearings and machines are the groups by which training "
                "and test are kept apart; an import adds those that its files name.",
            ),
            section(
                "All machines",
                [
                    html.Div(id=Ids.table),
                    html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
                ],
            ),
            html.Div(form, id=Ids.form),
        ]
    )


def machine_table(machines: Sequence[Mapping[str, Any]]) -> Component:
    if not machines:
        return empty_state(
            "No machines yet",
            "Add one below, or import recordings that name theirs.",
            icon_name="gear-wide-connected",
        )
    rows = [
        [
            page_link(one["name"], f"/machines/{one['id']}"),
            one["description"],
            count(one["point_count"]),
            count(one["bearing_count"]),
            count(one["recording_count"]),
            one["owner_name"],
        ]
        for one in machines
    ]
    heads = ("Name", "Description", "Points", "Bearings", "Recordings", "Owner")
    return table(heads, rows, label="Machines", numbers={2, 3, 4})


PAGE = Page("machines", "Machines", "/machines", build, Group.DATA, "gear-wide-connected")
