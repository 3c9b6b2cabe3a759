"""Which band of a kurtogram is taken for the envelope: by a click, or the best one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.quantities import quantity

Cell = Mapping[str, Any]
Rows = Sequence[Sequence[Cell]]
Found = Mapping[str, Any]


class Ids:
    bar = "signals-kurtogram"
    told = "signals-kurtogram-told"
    best = "signals-kurtogram-best"
    cells = "signals-kurtogram-cells"


def bar() -> Component:
    """Under the picture; what is told comes with it."""
    return html.Div(
        [
            dcc.Store(id=Ids.cells),
            html.Span(id=Ids.told, role="status"),
            html.Button(
                "Use best band",
                id=Ids.best,
                className="btn btn-outline-primary btn-sm",
                type="button",
            ),
        ],
        id=Ids.bar,
        className="signals-kurtogram",
        hidden=True,
    )


def found(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a click needs: the bands, the best one, and what the axis multiplies hertz with."""
    return {"rows": view["cells"], "x_factor": view["x_factor"], "band": list(view["band"])}


def told(found: Found) -> str:
    """The best band in words, and how to take another.

    Examples
    --------
    >>> cell = {"level": 0.0, "low_hz": 0.0, "high_hz": 6_000.0, "kurtosis": 1.25}
    >>> told({"rows": [[cell]], "band": [0.0, 6_000.0]}).split(". ")[0]
    'Best band: 0 Hz to 6 kHz, kurtosis 1.25 where noise has 0'
    """
    cell = best(found)
    return (
        f"Best band: {quantity(cell['low_hz'], 'Hz')} to {quantity(cell['high_hz'], 'Hz')}, "
        f"kurtosis {cell['kurtosis']:.3g} where noise has 0. Click on a band to see its envelope "
        "spectrum."
    )


def best(found: Found) -> Cell:
    """The cell of the band that is the best of those wide enough."""
    cells = (cell for row in found["rows"] for cell in row)
    return next(cell for cell in cells if [cell["low_hz"], cell["high_hz"]] == found["band"])


def cell_at(cells: Rows, row: int, frequency_hz: float) -> Cell | None:
    """The band that lies there; None beside the picture."""
    if not 0 <= row < len(cells):
        return None
    inside = (cell for cell in cells[row] if cell["low_hz"] <= frequency_hz <= cell["high_hz"])
    return next(inside, None)
