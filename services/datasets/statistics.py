"""Counts over the recordings of one version of a data set, from its kept tally."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Bearing, DatasetVersion, Machine
from services.datasets.selection import ATTRIBUTE, RecordingFilter, spellings
from services.datasets.tallies import BETWEEN, BY_ID, LABEL, Tally, pair_name
from services.datasets.versions import tally_of
from services.errors import Invalid

MISSING = "–"
NUMBER = re.compile(r"(\d+(?:\.\d+)?)", re.ASCII)
MOST_MESSAGES = 12
# Known of each recording, but nothing that groups are made of.
NO_GROUPS = (LABEL, "sample_rate_hz", "origin", "importer")


class DatasetStatistics(TypedDict):
    """Counts over the newest version, or the asked one. ``groups``: attribute → value → count.

    ``unlabelled`` are recordings without a class; a class of whatever name is in ``classes``.

    ``left_out`` are attributes with too many values to count, such as serial numbers.
    """

    num_signals: int
    duration_s: float
    classes: dict[str, int]
    unlabelled: int
    groups: dict[str, dict[str, int]]
    sample_rates_hz: list[float]
    units: list[str]
    channel_counts: dict[str, int]
    warnings: dict[str, int]
    warning_messages: dict[str, int]
    origins: dict[str, int]
    left_out: list[str]


class Crossing(TypedDict):
    """How many recordings have which value of two fields; ``counts[row][column]``."""

    rows: str
    columns: str
    row_values: list[str]
    column_values: list[str]
    counts: list[list[int]]


class WarningGroup(TypedDict):
    """A quality warning: how many recordings have it, and what it says of some of them."""

    code: str
    count: int
    messages: dict[str, int]


def statistics_of(session: Session, version_id: int | None) -> DatasetStatistics:
    """Of a version; of nothing when there is none."""
    tally = tally_of(session, version_id)
    totals = select(DatasetVersion.recording_count, DatasetVersion.duration_s)
    row = session.execute(totals.where(DatasetVersion.id == version_id)).one_or_none()
    count, seconds = row or (0, 0.0)
    channels = [name.partition(BETWEEN) for name in tally.channels]
    messages: Counter[str] = Counter()
    for name, number in tally.messages.items():
        messages[name.partition(BETWEEN)[2]] += number
    rates = tally.values.get("sample_rate_hz", ())
    classes = Counter(tally.values.get(LABEL, {}))
    return {
        "num_signals": count,
        "duration_s": seconds,
        "classes": _in_order(classes),
        "unlabelled": count - classes.total(),
        "groups": {
            name: _in_order(_named(session, name, tally.values[name]))
            for name in fields_of(tally)
            if name not in NO_GROUPS
        },
        "sample_rates_hz": sorted(float(rate) for rate in rates),
        "units": sorted({unit for _, _, unit in channels}),
        "channel_counts": _in_order(_by_name(tally.channels)),
        "warnings": _in_order(tally.warnings),
        "warning_messages": dict(messages.most_common(MOST_MESSAGES)),
        "origins": _in_order(tally.values.get("origin", Counter())),
        "left_out": sorted(name for name in tally.left_out if is_field(name)),
    }


def crossing_of(session: Session, version_id: int | None, rows: str, columns: str) -> Crossing:
    """One field against another; recordings without a value are counted under a dash.

    Raises
    ------
    Invalid
        If a field is unknown, or the two have too many values for a table.
    """
    tally = tally_of(session, version_id)
    for name in (rows, columns):
        if name not in tally.values and name != LABEL:
            known = ", ".join(fields_of(tally)) or "none"
            raise Invalid(f"No recording has “{name}”, or it has too many values. Known: {known}.")
    if rows == columns or {rows, columns, pair_name(rows, columns)} & tally.left_out:
        raise Invalid(f"“{rows}” and “{columns}” have too many values for a table. Choose others.")
    total = _total(session, version_id)
    cells = _cells(session, tally, rows, columns)
    _fill_up(
        cells, tally_counts(session, tally, rows), tally_counts(session, tally, columns), total
    )
    row_values = _values({row for row, _ in cells})
    column_values = _values({column for _, column in cells})
    return {
        "rows": rows,
        "columns": columns,
        "row_values": row_values,
        "column_values": column_values,
        "counts": [[cells[row, column] for column in column_values] for row in row_values],
    }


def warning_groups(session: Session, version_id: int | None) -> list[WarningGroup]:
    """Warnings by their code, the most frequent first."""
    tally = tally_of(session, version_id)
    groups: dict[str, WarningGroup] = {
        code: {"code": code, "count": count, "messages": {}}
        for code, count in tally.warnings.most_common()
    }
    for name, count in tally.messages.most_common():
        code, _, text = name.partition(BETWEEN)
        if code in groups:
            groups[code]["messages"][text] = count
    return list(groups.values())


def kept_count(session: Session, version_id: int | None, chosen: RecordingFilter) -> int | None:
    """How many recordings pass a filter by one or two counted values; None if not counted."""
    asked = _equalities(chosen)
    if not asked or len(asked) > 2:
        return None
    tally = tally_of(session, version_id)
    if any(name not in tally.values or name in BY_ID for name in asked):
        return None
    if len(asked) == 1:
        ((name, values),) = asked.items()
        return sum(tally.values[name][value] for value in values)
    pair = pair_name(*asked)
    if pair not in tally.pairs:
        return None
    cells = product(*(values for _, values in sorted(asked.items())))
    return sum(tally.pairs[pair][BETWEEN.join(cell)] for cell in cells)


def _equalities(chosen: RecordingFilter) -> dict[str, list[str]]:
    """Field → spellings of a value where a filter is nothing but that; empty where it is more."""
    if chosen.search.strip() or chosen.only_warned or chosen.label == "":
        return {}
    asked = {} if chosen.label is None else {LABEL: [chosen.label]}
    for one in chosen.conditions:
        name = one.column.removeprefix(ATTRIBUTE)
        counted = one.column in (LABEL, "load", "importer", "origin") or name != one.column
        if one.kind != "equals" or not counted or name in asked:
            return {}
        value = str(one.value)
        asked[name] = [value] if name == one.column else spellings(value)
    return asked


def fields_of(tally: Tally) -> list[str]:
    """What recordings differ in: class, machine, bearing and load before attributes."""
    first = [name for name in (LABEL, "machine", "bearing", "load") if name in tally.values]
    return first + sorted(name for name in tally.values if name not in first)


def is_field(name: str) -> bool:
    """Whether what was left out is a field, and not a pair of them."""
    return BETWEEN not in name and name != "messages"


def tally_counts(session: Session, tally: Tally, name: str) -> Counter[str]:
    """Recordings by a field, with the names of machines and bearings."""
    return _named(session, name, tally.values.get(name, Counter()))


def _total(session: Session, version_id: int | None) -> int:
    wanted = select(DatasetVersion.recording_count).where(DatasetVersion.id == version_id)
    return session.scalar(wanted) or 0


def _cells(session: Session, tally: Tally, rows: str, columns: str) -> Counter[tuple[str, str]]:
    first, second = sorted((rows, columns))
    names = {name: _names(session, name, tally.values.get(name, ())) for name in (first, second)}
    cells: Counter[tuple[str, str]] = Counter()
    for cell, count in tally.pairs.get(pair_name(rows, columns), {}).items():
        one, _, other = cell.partition(BETWEEN)
        found = {first: names[first].get(one, one), second: names[second].get(other, other)}
        cells[found[rows], found[columns]] += count
    return cells


def _fill_up(
    cells: Counter[tuple[str, str]], rows: Counter[str], columns: Counter[str], total: int
) -> None:
    """Count those that have only one of the two, or neither."""
    in_rows, in_columns = Counter[str](), Counter[str]()
    for (row, column), count in cells.items():
        in_rows[row] += count
        in_columns[column] += count
    for row, count in (rows - in_rows).items():
        cells[row, MISSING] += count
    for column, count in (columns - in_columns).items():
        cells[MISSING, column] += count
    neither = total - cells.total()
    if neither > 0:
        cells[MISSING, MISSING] += neither


def _named(session: Session, name: str, counts: Counter[str]) -> Counter[str]:
    names = _names(session, name, counts)
    found: Counter[str] = Counter()
    for value, count in counts.items():
        found[names.get(value, value)] += count
    return found


def _names(session: Session, name: str, values: Iterable[str]) -> dict[str, str]:
    """Of machines and bearings, which are counted by their ids."""
    if name not in BY_ID:
        return {}
    column = Bearing if name == "bearing" else Machine
    wanted = select(column.id, column.name).where(column.id.in_([int(value) for value in values]))
    return {str(key): text for key, text in session.execute(wanted)}


def _by_name(channels: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in channels.items():
        found[name.partition(BETWEEN)[0]] += count
    return found


def _values(values: Iterable[str]) -> list[str]:
    """Numbers by their size, also within texts (“30 %” before “100 %”); nothing last."""
    return sorted(values, key=lambda value: (value == MISSING, *_key(value)))


def _key(value: str) -> tuple[int, float, list[tuple[int, float, str]]]:
    try:
        return 0, float(value), []
    except ValueError:
        return 1, 0.0, [_piece(piece) for piece in NUMBER.split(value)]


def _piece(piece: str) -> tuple[int, float, str]:
    return (0, float(piece), piece) if NUMBER.fullmatch(piece) else (1, 0.0, piece)


def _in_order(counts: Counter[str]) -> dict[str, int]:
    """By value, in the order of the values."""
    return {value: counts[value] for value in sorted(counts)}
