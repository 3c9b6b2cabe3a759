"""Search a hundred thousand recordings: little is asked of each row, much is known before.

Labels, loads, machines and bearings are few: those that a text finds are looked up once, and
rows are compared with the list. Only names are searched row by row.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, String, literal, or_, select
from sqlalchemy.orm import Session

from models import Bearing, DatasetMember, DatasetVersion, Machine, Recording
from models.base import json_text
from services.datasets.tallies import LABEL
from services.runtime import engine
from services.text_search import contains

Column = ColumnElement[Any]

# What is longer than this is looked up by the database.
LONGEST_LIST = 200
# Numbers of this size are written without an exponent, and with decimals in 13 digits.
PLAIN = (Decimal("1e-3"), Decimal("1e12"))


def found_by_text(session: Session, version_id: int | None, text: str) -> Column:
    """Whether name, label, machine, bearing or load of a member hold a text, in any case."""
    known = session.scalar(select(DatasetVersion.tally).where(DatasetVersion.id == version_id))
    machines = _listed(session, select(Machine.id).where(contains(Machine.name, text)))
    bearings = _listed(session, select(Bearing.id).where(contains(Bearing.name, text)))
    theirs = _listed(session, select(Bearing.id).where(Bearing.machine_id.in_(machines)))
    tests: list[Column] = []
    for values, test in (
        (bearings, Recording.bearing_id.in_(bearings)),
        (machines, Recording.machine_id.in_(machines)),
        (theirs, Recording.machine_id.is_(None) & Recording.bearing_id.in_(theirs)),
    ):
        if not isinstance(values, list) or values:
            tests.append(test)
    tests += _by_value(DatasetMember.label, _matching(known, LABEL, text), text)
    tests += _by_value(Recording.load, _matching(known, "load", text), text)
    return or_(*tests, contains(Recording.name, text))


def looks_like(name: str, spellings: Collection[str]) -> Column | None:
    """What attributes look like as a text if one of them is spelled so; None if unknown.

    SQLite compares a text with a pattern in half the time that it takes to read JSON. All
    that are equal fit the pattern; what fits has still to be compared.
    """
    if engine().dialect.name != "sqlite" or any(text[:1] in ("", "[", "{") for text in spellings):
        return None
    written = {f'"{_quoted(text)}' for text in spellings} | {"true", "false"} & {*spellings}
    numbers = [number for text in spellings if (number := number_of(text)) is not None]
    for number in numbers:
        if number and not PLAIN[0] <= abs(number) < PLAIN[1]:
            return None
        written |= _written(number)
    places = [_one_of({*letters}) for letters in zip(*written, strict=False)]
    key = "".join(map(_one_of, json_text(name)))
    return Recording.attributes.op("GLOB")(literal(f"*{key}: {''.join(places)}*", String))


def number_of(text: str) -> Decimal | None:
    """A text as a number of 15 digits, which is as far as numbers are told apart."""
    try:
        number = Decimal(f"{float(text):.15g}")
    except ValueError:
        return None
    return number if number.is_finite() else None


def _written(number: Decimal) -> set[str]:
    """How JSON begins to write numbers that agree in 15 digits, and what SQLite reads as them."""
    if not number:
        return {"0", "-0", "false"}
    sign, size = "-" if number < 0 else "", abs(number)
    # Those that are a little less begin with other digits: 13.999999999999999 for 14.
    below = Context(prec=13).next_minus(size)
    return {f"{sign}{size:f}", f"{sign}{below:f}", *(["true"] if number == 1 else [])}


def _one_of(letters: Collection[str]) -> str:
    """A pattern for one letter."""
    if len(letters) == 1 and not {*letters} & {*"*?["}:
        return "".join(letters)
    # Within brackets these mean something else unless they stand at the ends.
    return f"[{''.join(sorted(letters, key=lambda one: (one != ']', one in '^-', one)))}]"


def _quoted(text: str) -> str:
    """A text as it stands within JSON, without the quotes around it."""
    return json_text(text)[1:-1]


def _listed(session: Session, wanted: Select[int]) -> list[int] | Select[int]:
    found = list(session.scalars(wanted.limit(LONGEST_LIST + 1)))
    return found if len(found) <= LONGEST_LIST else wanted


def _matching(known: dict[str, Any] | None, name: str, text: str) -> list[str] | None:
    """Values of a field that hold a text; None where not all of them are known."""
    if known is None or (name != LABEL and name in known["left_out"]):
        return None
    found = [value for value in known["values"].get(name, ()) if text.lower() in value.lower()]
    return found if len(found) <= LONGEST_LIST else None


def _by_value(column: Any, values: list[str] | None, text: str) -> list[Column]:
    if values is None:
        return [contains(column, text)]
    return [column.in_(values)] if values else []
