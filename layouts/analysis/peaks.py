"""The highest lines of the plot that is shown, each with what may have made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.analysis.overlay import mark
from layouts.components.attributes import attributes
from layouts.components.frame import section
from layouts.components.quantities import quantity
from layouts.components.tables import table

Row = Mapping[str, Any]


class Ids:
    place = "signals-peaks"


def place() -> Component:
    return section("Peaks", html.Div(id=Ids.place), class_name="signals-peaks-card")


def none(text: str) -> Component:
    """In place of the table, and why."""
    return html.P(text, className="plot-note")


def peaks(rows: Sequence[Row], unit: str, *, in_cpm: bool = False) -> Component:
    """Highest first; the frequency is a button that sets the cursor there."""
    counted = "CPM" if in_cpm else "Hz"
    body = [
        [
            _button(row, 60.0 if in_cpm else 1.0, counted),
            order(row["order"]),
            quantity(row["value"], unit),
            f"{row['above_floor_db']:.0f} dB",
            explanation(row),
            deviation(row),
        ]
        for row in rows
    ]
    head = (
        f"Frequency [{counted}]",
        "Order",
        "Value",
        "Above floor",
        "Nearest line",
        "Off by",
    )
    drawn = table(head, body, label="Peaks", numbers={1, 2, 3, 5})
    note = (
        "Frequencies and values are read between the lines of the spectrum. Choose one to set the "
        "cursor there. Lines in bold lie within the tolerance; a multiple or sideband of a defect"
        " is named only where its first line is a peak as well, off by as much."
    )
    return html.Div([html.Div(drawn, className="signals-peaks"), none(note)])


def order(value: float | None) -> str:
    """Turns of the shaft, as a cell.

    Examples
    --------
    >>> order(3.58473), order(None)
    ('3.585', '–')
    """
    return "–" if value is None else f"{value:.4g}"


def explanation(row: Row) -> Any:
    """The nearest line with its mark, in bold where the peak is within its tolerance."""
    if row["line"] is None:
        return "–"
    words = [mark(row["kind"]), " ", row["line"]]
    return html.Strong(words) if row["inside"] else html.Span(words, className="signals-far")


def deviation(row: Row) -> str:
    """How far a peak is from the line that may have made it.

    Examples
    --------
    >>> deviation({"deviation_percent": -0.5}), deviation({"deviation_percent": None})
    ('−0.50 %', '–')
    """
    off = row["deviation_percent"]
    return "–" if off is None else f"{off:+.2f} %".replace("-", "−")


def _button(row: Row, factor: float, counted: str) -> Component:
    text = f"{row['frequency_hz'] * factor:.6g}"
    named = attributes(
        data_cursor_hz=f"{row['frequency_hz']:.9g}",
        aria_label=f"Set the cursor to {text} {counted}",
    )
    return html.Button(text, className="btn btn-link btn-sm signals-peak", type="button", **named)
