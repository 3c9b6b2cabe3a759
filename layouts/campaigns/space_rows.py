"""A search space as rows, one for each setting: what its fields say, and what they are read as."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import icon
from layouts.components.tables import scrolling

Values = Mapping[str, Any]
KINDS = (("float", "number"), ("int", "whole number"), ("categorical", "choices"))
SCALES = (("", "evenly"), ("log", "by its logarithm"))
# In the order in which they stand; a kind of setting leaves some of them empty.
FIELDS = ("name", "kind", "low", "high", "scale", "step", "choices", "when")
HEAD = ("Setting", "Kind", "From", "To", "Spread", "Step", "Choices", "Only where", "")
_PARTS = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*|[^,]+')


class Ids:
    """``field`` is each control of a row by its name and place; ``remove`` takes a row away."""

    field = "new-campaign-space-field"
    remove = "new-campaign-space-remove"
    rows = "new-campaign-space-rows"
    told = "new-campaign-space-rows-told"
    more = "new-campaign-space-more"
    add = "new-campaign-space-add"


def fields_of(space: Values) -> list[dict[str, str]]:
    """What the fields of each row say.

    Examples
    --------
    >>> fields_of({"loss": {"type": "categorical", "choices": ["focal", None]}})[0]["choices"]
    'focal, null'
    """
    found = []
    for name, one in space.items():
        when = one.get("when") or {}
        found.append(
            {
                "name": name,
                "kind": str(one.get("type", "")),
                "low": _written(one.get("low")),
                "high": _written(one.get("high")),
                "scale": "log" if one.get("log") else "",
                "step": _written(one.get("step")),
                "choices": listed(one.get("choices") or ()),
                "when": "; ".join(f"{other}: {listed(values)}" for other, values in when.items()),
            }
        )
    return found


def space_of(rows: Sequence[Values]) -> dict[str, Any]:
    """What the rows say as JSON takes it; what is no number stays as it was typed.

    Examples
    --------
    >>> space_of([{"name": "window", "kind": "int", "low": "1024", "high": "1e4"}])
    {'window': {'type': 'int', 'low': 1024, 'high': 10000.0}}
    """
    found: dict[str, Any] = {}
    for row in rows:
        one: dict[str, Any] = {"type": row["kind"]}
        if row["kind"] == "categorical":
            one["choices"] = values_of(row.get("choices") or "")
        else:
            one |= {"low": value_of(row.get("low")), "high": value_of(row.get("high"))}
            one |= {"log": True} if row.get("scale") else {}
            step = value_of(row.get("step"))
            one |= {} if step is None else {"step": step}
        if (row.get("when") or "").strip():
            one["when"] = _conditions(row["when"])
        found[row["name"]] = one
    return found


def listed(values: Sequence[Any]) -> str:
    """Choices as one types them, with quotation marks only where they are needed."""
    return ", ".join(_choice(value) for value in values)


def values_of(text: str) -> list[Any]:
    """Choices out of a line.

    Examples
    --------
    >>> values_of('16, adam, true, null, "1", "a, b"')
    [16, 'adam', True, None, '1', 'a, b']
    """
    return [value_of(part) for part in _PARTS.findall(text) if part.strip()]


def value_of(text: str | None) -> Any:
    """A number, truth value or nothing where it is one, and else the words."""
    text = (text or "").strip()
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return text
    return text if isinstance(found, list | dict) else found


def editor(rows: Sequence[Values]) -> Component:
    """The rows as a table of controls, each named for those who do not see it."""
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in HEAD]))
    body = html.Tbody([_row(place, row) for place, row in enumerate(rows)])
    drawn = html.Table([head, body], className="plain-table space-rows")
    return scrolling(drawn, "Settings that are searched")


def _row(place: int, row: Values) -> Component:
    def own(name: str) -> dict[str, Any]:
        return {"type": Ids.field, "name": name, "place": place}

    def words(name: str, title: str, *, wide: bool = False) -> Component:
        entry = dbc.Input(
            id=own(name),
            value=row[name],
            debounce=True,
            autocomplete="off",
            size="sm",
            class_name="space-wide" if wide else "space-number",
        )
        return _named(entry, f"{title} of {row['name']}")

    def choice(name: str, title: str, pairs: Sequence[tuple[str, str]]) -> Component:
        options = [{"label": text, "value": value} for value, text in pairs]
        return _named(
            dbc.Select(options, row[name], id=own(name), size="sm"), f"{title} of {row['name']}"
        )

    choices = row["kind"] == "categorical"
    name = dbc.Input(id=own("name"), value=row["name"], type="hidden")
    remove = dbc.Button(
        [icon("x-lg"), html.Span(f"Take {row['name']} out", className="visually-hidden")],
        id={"type": Ids.remove, "place": place},
        color="secondary",
        outline=True,
        size="sm",
    )
    cells: list[Any] = [
        [html.Code(row["name"]), name],
        choice("kind", "Kind", KINDS),
        words("low", "Lowest value"),
        words("high", "Highest value"),
        choice("scale", "Spread", SCALES),
        words("step", "Step"),
        words("choices", "Choices", wide=True),
        words("when", "Condition", wide=True),
    ]
    # The controls of the other kind are there, so that every row has the same, and not shown.
    unused = {2, 3, 4, 5} if choices else {6}
    return html.Tr(
        [
            *(
                html.Td(html.Div(cell, hidden=place in unused)) if place else html.Td(cell)
                for place, cell in enumerate(cells)
            ),
            html.Td(remove),
        ]
    )


def _named(control: Component, title: str) -> Component:
    return html.Label([html.Span(title, className="visually-hidden"), control])


def _conditions(text: str) -> dict[str, Any]:
    """Other settings with their values; without a colon there is no list, and that is told."""
    found: dict[str, Any] = {}
    for part in text.split(";"):
        name, colon, values = part.partition(":")
        found[name.strip()] = values_of(values) if colon else None
    return found


def _choice(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = value.strip() == value and not set(value) & {",", ";", '"'}
    return value if plain and value and value_of(value) == value else json.dumps(value)


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
