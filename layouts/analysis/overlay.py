"""The panel of what is drawn over a plot: lines of a bearing and of the shaft, and cursors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis import cursors
from layouts.analysis.controls import Choices, choice, number, reset, switch
from layouts.analysis.settings import Settings, value_of
from layouts.components.disclosure import disclosure
from layouts.components.frame import field
from layouts.components.links import page_link
from layouts.components.quantities import quantity
from layouts.components.tables import table

View = Mapping[str, Any]


class Ids:
    """``lines`` are drawn by the browser; ``opened`` is set when the panel was opened once."""

    told = "signals-overlay-told"
    lines = "signals-overlay-lines"
    opened = "signals-overlay-opened"
    source = "signals-overlay-source"
    verdict = "signals-overlay-verdict"
    reset = "signals-overlay-reset"
    bearing = "signals-bearing"
    speed = "signals-speed"
    speed_source = "signals-speed-source"
    harmonics = "signals-harmonics"
    tolerance = "signals-tolerance"
    sidebands = "signals-sidebands"
    shaft = "signals-shaft"


CONTROLS = (
    Ids.bearing,
    Ids.speed_source,
    Ids.speed,
    Ids.harmonics,
    Ids.tolerance,
    Ids.sidebands,
    Ids.shaft,
)
SPEEDS: Choices = {
    "none": "typed or recorded",
    "recorded": "as recorded",
    "typed": "as typed",
    "estimated": "estimated from the vibration",
}
NAMES = {
    "BPFO": "outer race",
    "BPFI": "inner race",
    "BSF": "ball spin",
    "FTF": "cage",
    "shaft": "shaft",
}
OF_RECORDING = "that of the recording"


def panel(settings: Settings) -> Component:
    """Closed at first; the line beside its title says what is drawn."""
    chosen = value_of(settings, "bearing")
    # The list comes with the recording; until then it has what the address names.
    first = [{"label": OF_RECORDING if chosen == "recording" else chosen, "value": chosen}]
    bearing = dbc.Select(first, chosen, id=Ids.bearing, size="sm")
    fields = [
        field("Bearing", bearing, class_name="signals-bearing-field"),
        choice(settings, Ids.speed_source, "Speed", SPEEDS),
        number(settings, Ids.speed, "Speed [rpm]", hint="as recorded"),
        number(settings, Ids.harmonics, "Harmonics [0 to 10]", hint="3", step="1"),
        number(settings, Ids.tolerance, "Tolerance [%]", hint="2"),
        number(settings, Ids.sidebands, "Sidebands [0 to 3]", hint="0", step="1"),
        switch(settings, Ids.shaft, "Shaft orders"),
        reset(Ids.reset, "As usual"),
    ]
    found = [
        html.Div(id=Ids.source),
        html.Div(
            [html.H3("What the plain rule reads"), html.Div(id=Ids.verdict, role="status")],
            className="signals-verdict",
        ),
    ]
    return disclosure(
        "Overlay and cursors",
        [
            dcc.Store(id=Ids.lines),
            dcc.Store(id=Ids.opened, data=False),
            html.Div(fields, className="field-row signals-fields"),
            html.Div(found, className="signals-found"),
            cursors.controls(settings),
        ],
        summary_id=Ids.told,
    )


def bearing_options(choices: Sequence[View], chosen: str | None) -> list[dict[str, str]]:
    """The bearings to choose from, with the one of the address in any case."""
    options = [{"label": one["title"], "value": one["value"]} for one in choices]
    if chosen and chosen not in {one["value"] for one in options}:
        options.append({"label": chosen, "value": chosen})
    return options


def summary(view: View) -> str:
    """What is drawn, in a line.

    Examples
    --------
    >>> lines = [{"kind": "BPFO"}, {"kind": "shaft"}]
    >>> known = {"bearing": "6205", "lines": lines, "speed_rpm": 1797.0, "speed_source": "typed"}
    >>> summary(known)
    '6205 and shaft at 1797 rpm (typed)'
    >>> summary({**known, "speed_source": "recorded", "speed_told": "1797 rpm (source: nominal)."})
    '6205 and shaft at 1797 rpm (recorded, nominal)'
    >>> summary({**known, "lines": []})
    'no lines'
    """
    if not view["lines"]:
        return "no lines"
    kinds = {line["kind"] for line in view["lines"]}
    names = [view["bearing"]] if kinds - {"shaft"} else []
    names += ["shaft"] if "shaft" in kinds else []
    source = view["speed_source"]
    # What a data sheet says of the machine is not what was measured on the day.
    if source == "recorded" and "nominal" in view.get("speed_told", ""):
        source = "recorded, nominal"
    return f"{' and '.join(names)} at {view['speed_rpm']:.5g} rpm ({source})"


def source(view: View) -> Component:
    """The orders of the bearing and their frequencies, and where geometry and speed are from."""
    parts: list[Any] = []
    if view["orders"]:
        parts.append(orders_table(view["orders"]))
    named = f"{view['bearing']}. " if view["orders"] else ""
    told = [f"{named}{view['bearing_told']}", f"Speed: {view['speed_told']}"]
    parts += [html.P(text, className="plot-note") for text in told]
    if view["machine_id"] is not None:
        machine = page_link("Give it a type or a geometry", f"/machines/{view['machine_id']}")
        parts.append(html.P([machine, " on the page of its machine."]))
    elif not view["orders"]:
        machine = page_link("machine", "/machines")
        parts.append(html.P(["Own geometry is entered on the page of the ", machine, "."]))
    return html.Div(parts)


def orders_table(orders: Sequence[View]) -> Component:
    """Each defect with its mark, its order and, where the speed is known, its frequency."""
    rows = [
        [
            html.Span([mark(one["kind"]), f" {one['kind']}"]),
            NAMES[one["kind"]],
            f"{one['order']:.4f}",
            "–" if one["frequency_hz"] is None else quantity(one["frequency_hz"], "Hz", 5),
        ]
        for one in orders
    ]
    return table(("Line", "Part", "Order", "Frequency"), rows, label="Orders", numbers={2, 3})


def mark(kind: str) -> Component:
    """The colour and the dashes of a kind of line, as in the plot."""
    return html.Span(className=f"line-mark line-{kind.lower()}")


def verdict(view: View) -> Component:
    """What the plain rule names, with its numbers; a refusal is a sentence alone."""
    rows = [
        [
            f"{one['fault']}, {one['line']}",
            quantity(one["expected_hz"], "Hz", 5),
            quantity(one["found_hz"], "Hz", 5),
            f"{one['slip_percent']:+.1f} %".replace("-", "−"),
            f"{one['snr_db']:.1f} dB",
        ]
        for one in view["rows"]
    ]
    head = ("Part and line", "Expected", "Found at", "Off by", "Above floor")
    note = (
        f"Squared envelope of {view['start_s']:.5g} to {view['stop_s']:.5g} s. Compare it with "
        "the plot: no name does not mean that the bearing is sound."
    )
    return html.Div(
        [
            html.P(view["told"]),
            table(head, rows, label="What the rule compared", numbers={1, 2, 3, 4}),
            html.P(note, className="plot-note"),
        ]
    )
