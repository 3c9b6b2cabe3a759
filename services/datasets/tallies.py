"""How many recordings of a version have which class, bearing, load and attribute.

A version never changes, so its tally is kept with it and a page of a data set of a hundred
thousand recordings is not counted anew by each visitor. A tally is a sum over recordings:
that of the next version is that of this one, less the recordings that went, plus those that
came. So relabelling one recording counts one recording.

Two fields at a time are counted too, for tables of one against the other. Machines and
bearings are counted by their ids: their names may change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Bearing, DatasetMember, Recording, RecordingChannel
from services.datasets import tally_json

# A field with a value for almost every recording, such as a serial number, groups nothing.
MOST_VALUES = 200
MOST_CELLS = 4_000
# Of all tables together; those without the class and with most cells go first.
MOST_CELLS_IN_ALL = 60_000
MOST_MESSAGES = 200
CHUNK = 500
LABEL = "label"
BY_ID = ("machine", "bearing")
# Between the names of two fields, and between a code and its message.
BETWEEN = tally_json.BETWEEN

Facts = dict[str, str]


@dataclass(frozen=True)
class Counted:
    """What one member of a version adds to the tally."""

    facts: Facts
    warnings: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]


@dataclass
class Tally:
    """``values``: field → value → recordings. ``pairs``: two fields → two values → recordings.

    ``left_out`` are fields and pairs with too many values; they stay out for good, since the
    recordings that were not counted cannot be made up for. ``channels`` counts names and
    units, ``warnings`` counts recordings by code, ``messages`` by code and text.
    """

    values: dict[str, Counter[str]] = field(default_factory=dict)
    pairs: dict[str, Counter[str]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    warnings: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Tally:
        return cls(
            {name: Counter(counts) for name, counts in kept["values"].items()},
            {
                name: tally_json.unpack(name, table, kept["values"])
                for name, table in kept["pairs"].items()
            },
            set(kept["left_out"]),
            *(Counter(kept[name]) for name in ("warnings", "messages", "channels")),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "values": {name: dict(counts) for name, counts in self.values.items()},
            "pairs": {
                name: tally_json.pack(name, cells, self.values)
                for name, cells in self.pairs.items()
            },
            "left_out": sorted(self.left_out),
            "warnings": dict(self.warnings),
            "messages": dict(self.messages),
            "channels": dict(self.channels),
        }

    def add(self, members: Iterable[Counted], times: int = 1) -> None:
        """Count members; ``times`` is −1 for those that are no longer there."""
        alike: Counter[tuple[tuple[str, str], ...]] = Counter()
        for member in members:
            alike[tuple(sorted(member.facts.items()))] += times
            self._add_notes(member, times)
        for facts, count in alike.items():
            for name, value in facts:
                # Classes are always counted, even where they are too many for pairs.
                if name == LABEL or name not in self.left_out:
                    self.values.setdefault(name, Counter())[value] += count
        self._leave_out_fields()
        for paired, count in self._kept(alike):
            for (first, one), (second, other) in combinations(paired, 2):
                name = pair_name(first, second)
                if name not in self.left_out:
                    cell = self.pairs.setdefault(name, Counter())
                    cell[one + BETWEEN + other] += count
        self._tidy()

    def _add_notes(self, member: Counted, times: int) -> None:
        self.warnings.update(dict.fromkeys({code for code, _ in member.warnings}, times))
        if "messages" not in self.left_out:
            texts = {code + BETWEEN + text for code, text in member.warnings}
            self.messages.update(dict.fromkeys(texts, times))
            if len(self.messages) > MOST_MESSAGES:
                self.left_out.add("messages")
                self.messages.clear()
        self.channels.update(
            dict.fromkeys((name + BETWEEN + unit for name, unit in member.channels), times)
        )

    def _leave_out_fields(self) -> None:
        for name, counts in list(self.values.items()):
            if len(counts) <= MOST_VALUES:
                continue
            if name != LABEL:
                del self.values[name]
            self.left_out.add(name)
            for pair in [pair for pair in self.pairs if name in pair.split(BETWEEN)]:
                del self.pairs[pair]

    def _leave_out_tables(self) -> None:
        """So many facts of each recording would make more tables than anybody looks at."""
        total = sum(map(len, self.pairs.values()))
        order = sorted(
            self.pairs,
            key=lambda pair: (LABEL in pair.split(BETWEEN), -len(self.pairs[pair]), pair),
        )
        for name in order:
            if total <= MOST_CELLS_IN_ALL:
                return
            total -= len(self.pairs.pop(name))
            self.left_out.add(name)

    def _kept(
        self, alike: Mapping[tuple[tuple[str, str], ...], int]
    ) -> Iterator[tuple[list[tuple[str, str]], int]]:
        """Facts that are counted in pairs; where a field was left out, more are alike."""
        merged: Counter[tuple[tuple[str, str], ...]] = Counter()
        for facts, count in alike.items():
            merged[tuple(fact for fact in facts if fact[0] not in self.left_out)] += count
        for facts, count in merged.items():
            yield list(facts), count

    def _tidy(self) -> None:
        for name, counts in list(self.pairs.items()):
            if name in self.left_out or len(counts) > MOST_CELLS:
                self.left_out.add(name)
                del self.pairs[name]
        self._leave_out_tables()
        for counted in (self.values, self.pairs):
            for name in list(counted):
                counted[name] = +counted[name]
                if not counted[name]:
                    del counted[name]
        self.warnings, self.messages, self.channels = (
            +self.warnings,
            +self.messages,
            +self.channels,
        )


def pair_name(one: str, other: str) -> str:
    """The key of two fields, whichever is named first."""
    return BETWEEN.join(sorted((one, other)))


def count_version(session: Session, version_id: int) -> Tally:
    """Count all members of a version."""
    tally = Tally()
    member = DatasetMember.version_id == version_id
    tally.add(_counted(session, member, DatasetMember.label))
    return tally


def count_members(session: Session, labels: Mapping[int, str | None]) -> list[Counted]:
    """What some recordings add to a tally when they have these labels."""
    found: list[Counted] = []
    ids = sorted(labels)
    for start in range(0, len(ids), CHUNK):
        found += _counted_ids(session, ids[start : start + CHUNK], labels)
    return found


def _counted_ids(
    session: Session, ids: Sequence[int], labels: Mapping[int, str | None]
) -> list[Counted]:
    rows = session.execute(_wanted().where(Recording.id.in_(ids)))
    channels = session.execute(
        _channels().where(RecordingChannel.recording_id.in_(ids)).order_by(*_IN_ORDER)
    )
    names = _by_recording(channels)
    return [_count(row, labels[row.id], names.get(row.id, ())) for row in rows]


def _counted(session: Session, member: Any, label: Any) -> Iterator[Counted]:
    joined = DatasetMember.recording_id
    channels = session.execute(
        _channels()
        .join(DatasetMember, joined == RecordingChannel.recording_id)
        .where(member)
        .order_by(*_IN_ORDER)
    )
    names = _by_recording(channels)
    wanted = _wanted().add_columns(label.label("label"))
    rows = session.execute(wanted.join(DatasetMember, joined == Recording.id).where(member))
    for row in rows.yield_per(1_000):
        yield _count(row, row.label, names.get(row.id, ()))


_IN_ORDER = (RecordingChannel.recording_id, RecordingChannel.position)


def _wanted() -> Any:
    return select(
        Recording.id,
        func.coalesce(Recording.machine_id, Bearing.machine_id).label("machine"),
        Recording.bearing_id.label("bearing"),
        Recording.load,
        Recording.sample_rate_hz,
        Recording.origin,
        Recording.importer,
        Recording.attributes,
        Recording.warnings,
    ).outerjoin(Bearing, Bearing.id == Recording.bearing_id)


def _channels() -> Any:
    return select(RecordingChannel.recording_id, RecordingChannel.name, RecordingChannel.unit)


def _by_recording(rows: Iterable[Any]) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for recording_id, name, unit in rows:
        found.setdefault(recording_id, []).append((name, unit.value))
    return {recording_id: tuple(names) for recording_id, names in found.items()}


def _count(row: Any, label: str | None, channels: tuple[tuple[str, str], ...]) -> Counted:
    known = {
        **row.attributes,
        LABEL: label,
        "machine": row.machine,
        "bearing": row.bearing,
        "load": row.load,
        "sample_rate_hz": row.sample_rate_hz,
        "origin": row.origin.value,
        "importer": row.importer or None,
    }
    facts = {name: text_of(value) for name, value in known.items() if value not in (None, "")}
    warnings = tuple((str(w["code"]), str(w["message"])) for w in row.warnings)
    return Counted(facts, warnings, channels)


def text_of(value: Any) -> str:
    """A value of an attribute as it is counted, shown and asked for."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # All digits: serial numbers that are rounded would become one group, or one class.
    return f"{value:.15g}" if number else str(value)
