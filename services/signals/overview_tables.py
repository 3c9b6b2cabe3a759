"""The numbers behind pictures of several recordings, as CSV with how they were made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from diagnostics.spreadsheets import csv_lines, harmless
from services.signals.comparison import ComparisonView
from services.signals.trend import TrendView
from services.signals.waterfall import WaterfallView

Card = Sequence[tuple[str, str]]
THINNED = "lowest and highest of each stretch, as drawn"


def comparison_csv(view: ComparisonView) -> str:
    """A row for each point of each curve."""
    shown = [curve for curve in view["curves"] if not curve["refused"]]
    card = [*view["card"], ("Points", THINNED)]
    card += [(curve["name"], curve["refused"]) for curve in view["curves"] if curve["refused"]]
    head = ["recording", "channel", view["x_title"], f"value [{view['value_unit']}]"]
    rows = (
        [curve["name"], curve["channel"], _number(x), _number(y)]
        for curve in shown
        for x, y in zip(curve["x"].tolist(), curve["y"].tolist(), strict=True)
    )
    return _table(card, head, rows)


def trend_csv(view: TrendView) -> str:
    """A row for each recording; a field stays empty where there is no value."""
    columns = [
        dict(zip(curve["at"].tolist(), curve["values"].tolist(), strict=True))
        for curve in view["curves"]
    ]
    titles = [
        f"{curve['title']} [{curve['unit']}]" if curve["unit"] else curve["title"]
        for curve in view["curves"]
    ]
    drawn = sorted({at for column in columns for at in column})
    rows = (
        [
            view["recording_ids"][at],
            view["names"][at],
            view["labels"][at] or "",
            view["places"][at],
            *(_number(column[at]) if at in column else "" for column in columns),
        ]
        for at in drawn
    )
    head = ["id", "recording", "label", view["place_title"], *titles]
    return _table([("Made", note) for note in view["notes"]], head, rows)


def waterfall_csv(view: WaterfallView) -> str:
    """A row for each recording, a column for each band of frequencies."""
    card = [("Made", note) for note in view["notes"]]
    card += [("Values", f"amplitudes [{view['unit']}]"), ("Columns", view["x_title"])]
    head = ["id", "recording", view["place_title"], *(_number(x) for x in view["x"].tolist())]
    rows = (
        [one, name, place, *(_number(value) for value in values.tolist())]
        for one, name, place, values in zip(
            view["recording_ids"], view["names"], view["places"], view["values"], strict=True
        )
    )
    return _table(card, head, rows)


def _table(card: Card, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    remarks = [f"# {' '.join(title.split())}: {' '.join(told.split())}\n" for title, told in card]
    table = csv_lines([head, *([harmless(cell) for cell in row] for row in rows)])
    return "".join([*remarks, table])


def _number(value: float) -> str:
    """Nine digits tell any two numbers of single precision apart; empty where there is none."""
    return f"{value:.9g}" if math.isfinite(value) else ""
