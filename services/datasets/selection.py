"""Which recordings of a version are meant: those of a list that is searched and filtered.

A list of a hundred thousand recordings is filtered in the database, over narrow rows: what
the pages show of a recording is only read for those that are on the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models import Bearing, DatasetMember, Machine, Recording, RecordingChannel
from services.datasets.searching import found_by_text, looks_like, number_of
from services.errors import Invalid
from services.runtime import engine
from services.text_search import contains, starts

Column = ColumnElement[Any]
Found = TypeVarTuple("Found")

LONGEST_SEARCH = 200
ATTRIBUTE = "attribute."
WARNING = "warning"
TEXTS: dict[str, Any] = {
    "name": Recording.name,
    "label": DatasetMember.label,
    "load": Recording.load,
    "source_file": Recording.source_file,
    "importer": Recording.importer,
    "speed_source": Recording.speed_source,
    "origin": cast(Recording.origin, String),
}
PLACES = ("bearing", "machine")
NUMBERS: dict[str, Any] = {
    "speed_rpm": Recording.speed_rpm,
    "sample_rate_hz": Recording.sample_rate_hz,
    "sample_count": Recording.sample_count,
    "duration_s": Recording.sample_count / Recording.sample_rate_hz,
    "warnings": Recording.warning_count,
}
TEXT_KINDS = ("contains", "equals", "starts", "blank", "present")
TRUTHS = ("true", "false")
NUMBER_KINDS = ("equals", "least", "most", "between", "blank", "present")
# An attribute may hold texts in some recordings and numbers in others: these ask for numbers.
ONLY_NUMBERS = ("least", "most", "between")

_first_channel = aliased(RecordingChannel)


@dataclass(frozen=True)
class Condition:
    """What a column must hold. ``upper`` is the end of ``between``."""

    column: str
    kind: str
    value: str | float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class RecordingFilter:
    """``search`` looks at name, label, machine, bearing and load; all must hold.

    ``label`` is a class, or an empty text for recordings without one.
    """

    search: str = ""
    label: str | None = None
    only_warned: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether every recording passes."""
        asked = (self.search.strip(), self.only_warned, self.conditions)
        return self.label is None and not any(asked)


@dataclass(frozen=True)
class Selection:
    """Recordings by their ids, or all that pass the filter when ``chosen`` is given."""

    recording_ids: tuple[int, ...] = ()
    chosen: RecordingFilter | None = None


def members(version_id: int | None) -> Select[int, str | None]:
    """Members of a version with their recordings, before any filter."""
    return (
        select(DatasetMember.recording_id, DatasetMember.label)
        .select_from(DatasetMember)
        .join(Recording, Recording.id == DatasetMember.recording_id)
        .where(DatasetMember.version_id == version_id)
    )


def by_name(dataset_id: int, version_id: int | None) -> Select[int]:
    """Recordings of a version, so written that the database walks along the sorted names.

    From the members it would sort all of them for every page.
    """
    member = select(literal(1)).where(
        DatasetMember.version_id == version_id, DatasetMember.recording_id == Recording.id
    )
    return select(Recording.id).where(Recording.dataset_id == dataset_id, member.exists())


def passing(
    session: Session, version_id: int | None, chosen: RecordingFilter | None
) -> Select[int, str | None]:
    """Members of a version that pass the filter, with their recordings.

    Raises
    ------
    Invalid
        If a condition names a column or a comparison that does not exist.
    """
    wanted = members(version_id)
    if chosen is None:
        return wanted
    if chosen.label is not None:
        same = DatasetMember.label == chosen.label
        wanted = wanted.where(same if chosen.label else DatasetMember.label.is_(None))
    if chosen.only_warned:
        wanted = wanted.where(Recording.warning_count > 0)
    text = chosen.search.strip()[:LONGEST_SEARCH]
    if text:
        wanted = wanted.where(found_by_text(session, version_id, text))
    for condition in chosen.conditions:
        wanted = wanted.where(_holds(condition))
    return wanted


def ordered(
    wanted: Select[int, str | None], sort: str, *, descending: bool
) -> Select[int, str | None]:
    """Sorted; recordings that have nothing to sort by come last.

    Raises
    ------
    Invalid
        If there is no such column.
    """
    wanted, keys = _sort_keys(wanted, sort)
    return wanted.order_by(*_directed([*keys, Recording.id], descending=descending))


def ordered_and_counted(
    wanted: Select[int, str | None], sort: str, *, descending: bool
) -> Select[int, str | None, int]:
    """Sorted as by :func:`ordered`, each with the number of all: found once for both.

    Raises
    ------
    Invalid
        If there is no such column.
    """
    wanted, keys = _sort_keys(wanted, sort)
    named = [key.label(f"key_{position}") for position, key in enumerate(keys)]
    found = wanted.add_columns(*named).cte("found")
    total = select(func.count()).select_from(found).scalar_subquery()
    by = [found.c[key.name] for key in named] + [found.c.recording_id]
    listed = select(found.c.recording_id, found.c.label, total)
    return listed.order_by(*_directed(by, descending=descending))


def _directed(keys: Iterable[Any], *, descending: bool) -> list[Column]:
    return [(key.desc() if descending else key.asc()).nulls_last() for key in keys]


def condition_of(column: str, kind: str, value: Any = None, upper: Any = None) -> Condition:
    """A condition from what a page or a request says, checked.

    Raises
    ------
    Invalid
        If the column or the comparison does not exist, or a number is none.
    """
    numeric = column in NUMBERS
    if not numeric and not _is_text(column):
        raise Invalid(f"Recordings cannot be filtered by “{column}”.")
    kinds: tuple[str, ...] = NUMBER_KINDS if numeric else TEXT_KINDS
    if column.startswith(ATTRIBUTE):
        kinds, numeric = (*TEXT_KINDS, *ONLY_NUMBERS), kind in ONLY_NUMBERS
    if kind not in kinds:
        raise Invalid(f"“{column}” is compared by {', '.join(kinds)}, got “{kind}”.")
    if kind in ("blank", "present"):
        return Condition(column, kind)
    if not numeric:
        return Condition(column, kind, str(value if value is not None else "")[:LONGEST_SEARCH])
    return Condition(
        column, kind, _number(column, value), _number(column, upper) if kind == "between" else None
    )


def parse_conditions(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Conditions as addresses and requests write them: ``column:kind`` or ``column:kind:value``.

    An attribute is written ``attribute.name``.

    Raises
    ------
    Invalid
        If one is no such text, or names what does not exist.
    """
    return tuple(_parse(text) for text in texts)


def _parse(text: str) -> Condition:
    column, _, rest = text.partition(":")
    kind, _, value = rest.partition(":")
    if not kind:
        raise Invalid(f"A condition is written column:kind:value, got “{text}”.")
    if kind == "between":
        low, _, high = value.partition(":")
        return condition_of(column, kind, low, high)
    return condition_of(column, kind, value)


def _is_text(column: str) -> bool:
    known = column in TEXTS or column in PLACES or column == WARNING
    return known or (column.startswith(ATTRIBUTE) and len(column) > len(ATTRIBUTE))


def _number(column: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Invalid(f"“{column}” is compared with a number, got “{value}”.") from None
    if not -1e300 < number < 1e300:
        raise Invalid(f"“{column}” is compared with a number, got “{value}”.")
    return number


def _at_bearing(condition: Column) -> Column:
    return Recording.bearing_id.in_(select(Bearing.id).where(condition))


def _at_machine(condition: Column) -> Column:
    machines = select(Machine.id).where(condition)
    theirs = select(Bearing.id).where(Bearing.machine_id.in_(machines))
    by_bearing = Recording.machine_id.is_(None) & Recording.bearing_id.in_(theirs)
    return or_(Recording.machine_id.in_(machines), by_bearing)


def _holds(condition: Condition) -> Column:
    column, kind, value = condition.column, condition.kind, condition.value
    if column in NUMBERS:
        return _number_holds(NUMBERS[column], condition)
    if column == WARNING:
        return _warning_holds(kind, str(value))
    if column in PLACES:
        return _place_holds(column, kind, str(value))
    if column.startswith(ATTRIBUTE):
        name = column.removeprefix(ATTRIBUTE)
        if kind == "equals":
            return _attribute_equals(name, str(value))
        if kind in ONLY_NUMBERS:
            return _number_holds(_attribute_number(name), condition)
        return _text_holds(Recording.attributes[name].as_string(), kind, str(value))
    return _text_holds(TEXTS[column], kind, str(value))


def _warning_holds(kind: str, value: str) -> Column:
    """``equals`` asks for the code of a warning, other comparisons for a part of its text."""
    if kind == "blank":
        return Recording.warning_count == 0
    warned: Column = Recording.warning_count > 0
    if kind == "present":
        return warned
    wanted = f'"code": "{value}"' if kind == "equals" else value
    return and_(warned, contains(cast(Recording.warnings, String), wanted))


def _number_holds(known: Any, condition: Condition) -> Column:
    tests: Mapping[str, Any] = {
        "equals": lambda: known == condition.value,
        "least": lambda: known >= condition.value,
        "most": lambda: known <= condition.value,
        "between": lambda: known.between(condition.value, condition.upper),
        "blank": lambda: known.is_(None),
        "present": lambda: known.is_not(None),
    }
    result: Column = tests[condition.kind]()
    return result


def _text_holds(known: Any, kind: str, value: str) -> Column:
    tests: Mapping[str, Any] = {
        "contains": lambda: contains(known, value),
        "equals": lambda: known == value,
        "starts": lambda: starts(known, value),
        "blank": lambda: or_(known.is_(None), known == ""),
        "present": lambda: known != "",
    }
    result: Column = tests[kind]()
    return result


def _place_holds(column: str, kind: str, value: str) -> Column:
    name = Bearing.name if column == "bearing" else Machine.name
    look_up = _at_bearing if column == "bearing" else _at_machine
    if kind == "blank":
        without: Column = Recording.bearing_id.is_(None)
        if column == "machine":
            without = and_(without, Recording.machine_id.is_(None))
        return without
    if kind == "present":
        return look_up(name.is_not(None))
    return look_up(_text_holds(name, kind, value))


def _attribute_number(name: str) -> Column:
    """An attribute where it is a number, else nothing."""
    known = Recording.attributes[name]
    is_number: Column
    if engine().dialect.name == "sqlite":
        is_number = func.json_type(Recording.attributes, _path(name)).in_(("integer", "real"))
    else:
        is_number = func.json_typeof(known) == "number"
    return case((is_number, known.as_float()))


def _attribute_equals(name: str, value: str) -> Column:
    known = Recording.attributes[name]
    alike = spellings(value)
    equal: Column = known.as_string().in_(alike)
    if engine().dialect.name != "sqlite":
        # It writes all digits of numbers, which are equal if 15 of them are.
        ends = _ends(value)
        if ends is not None:
            number = case((func.json_typeof(known) == "number", known.as_float()))
            equal = or_(equal, number.between(*ends))
        return equal
    kind = func.json_type(Recording.attributes, _path(name))
    if value.lower() in TRUTHS:  # which are read as 1 and 0 there
        equal = or_(equal, kind == value.lower())
    elif {"0", "1"} & {*alike}:
        equal = and_(equal, kind.not_in(TRUTHS))
    pattern = looks_like(name, alike)
    return equal if pattern is None else and_(pattern, equal)


def _path(name: str) -> str:
    """Of an attribute, as SQLite names it."""
    return '$."{}"'.format(name.replace('"', ""))


def spellings(value: str) -> list[str]:
    """A value of JSON as databases and tallies write it: 7 is stored as 7 or as 7.0."""
    if value.lower() in TRUTHS:
        return [value.lower(), value.lower().capitalize()]
    try:
        number = float(value)
    except ValueError:
        return [value]
    short = f"{number:.15g}"
    digits, exponent, power = short.partition("e")
    written = [short, f"{digits}.0{exponent}{power}"] if "." not in digits else [short]
    signed = [] if number else ["0", "0.0", "-0", "-0.0"]
    return sorted({value, repr(number), *written, *signed})


def _ends(value: str) -> tuple[float, float] | None:
    """Between which numbers agree with one in 15 digits."""
    middle = number_of(value)
    if middle is None:
        return None
    half = Decimal(5).scaleb(middle.adjusted() - 15)
    return float(middle - half), float(middle + half)


def _sort_keys(wanted: Select[*Found], sort: str) -> tuple[Select[*Found], list[Any]]:
    if sort in TEXTS:
        return wanted, [TEXTS[sort]]
    if sort in NUMBERS:
        return wanted, [NUMBERS[sort]]
    if sort == WARNING:
        return wanted, [Recording.warning_count]
    if sort in PLACES:
        wanted = wanted.outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        if sort == "bearing":
            return wanted, [Bearing.name]
        machine = Machine.id == func.coalesce(Recording.machine_id, Bearing.machine_id)
        return wanted.outerjoin(Machine, machine), [Machine.name]
    if sort == "channels":
        first = (_first_channel.recording_id == Recording.id) & (_first_channel.position == 0)
        return wanted.outerjoin(_first_channel, first), [_first_channel.name]
    if sort.startswith(ATTRIBUTE):
        return wanted, _attribute_keys(sort.removeprefix(ATTRIBUTE))
    known = ", ".join(("name", *(name for name in (*TEXTS, *PLACES, *NUMBERS) if name != "name")))
    raise Invalid(f"Recordings are sorted by {known}, channels or an attribute, got “{sort}”.")


def _attribute_keys(name: str) -> list[Any]:
    """Numbers by their size, before texts by their letters."""
    if engine().dialect.name == "sqlite":
        # Keeps the type, and so orders numbers before texts.
        return [func.json_extract(Recording.attributes, _path(name))]
    value = Recording.attributes[name]
    is_number = func.json_typeof(value) == "number"
    return [case((is_number, value.as_float())), value.as_string()]
