"""What a version offers to a training, without a look at each of its recordings.

The wizard asks after every change. Recordings that are alike in all that a split looks at are
taken together, and what was counted when the version was made is not counted again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, String, cast, false, func, literal, or_, select
from sqlalchemy.orm import Session

from diagnostics.training.config import Normalisation, TrainingConfig
from models import Bearing, DatasetMember, DatasetVersion, Machine, Origin, Recording
from models.recordings import RecordingChannel
from services.datasets.statistics import is_field
from services.datasets.tallies import BETWEEN, BY_ID, LABEL, Tally, pair_name, text_of
from services.experiments import data
from services.experiments.data import Member, VersionView, field_view, find_version, in_order
from services.runtime import engine

COLUMNS: dict[str, Any] = {LABEL: DatasetMember.label, "load": Recording.load}
BUILT_IN = (*COLUMNS, *BY_ID)
NOT_OFFERED = ("sample_rate_hz", "origin", "importer")
MACHINE = func.coalesce(Recording.machine_id, Bearing.machine_id)


class _Places:
    """Names of machines and bearings, from pairs of the ids of a bearing and its machine."""

    def __init__(self, session: Session, pairs: Iterable[tuple[int | None, int | None]]) -> None:
        known = set(pairs)
        self._bearings = _names(session, Bearing, {bearing for bearing, _ in known})
        self._machines = _names(session, Machine, {machine for _, machine in known})
        self._several = len(self._machines) > 1

    def values(self, bearing_id: int | None, machine_id: int | None) -> dict[str, str]:
        machine, bearing = self._machines.get(machine_id), self._bearings.get(bearing_id)
        if bearing and machine and self._several:
            bearing = f"{machine} · {bearing}"
        known = {"machine": machine, "bearing": bearing}
        return {name: value for name, value in known.items() if value}


def describe(session: Session, version_id: int) -> VersionView:
    """What :func:`services.experiments.data.describe` gives, from what is kept of a version."""
    version, dataset = find_version(session, version_id)
    kept = version.tally
    if kept is None or not version.recording_count:
        return data.describe(session, version_id)
    tally, total = Tally.from_json(kept), version.recording_count
    counts = _counts(session, version_id, tally)
    lacking = {name for name in BUILT_IN if counts.get(name, Counter()).total() < total}
    # Tallies count no attributes of these names, which stand in for what is not known.
    if _in_attributes(session, version_id, {*NOT_OFFERED, *lacking}):
        return data.describe(session, version_id)
    shortest = _shortest(session, version_id, tally)
    names = data.named_once(session, version_id, total)
    longest, channel_names = _channel_names(session, version_id)
    views = {name: field_view(name, count, total) for name, count in counts.items()}
    views["recording"] = {
        "name": "recording",
        "title": data.TITLES["recording"],
        "different": total,
        "values": names,
        "missing": 0,
    }
    return {
        "version_id": version.id,
        "version_number": version.number,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "generated": dataset.origin is Origin.GENERATED,
        "recording_count": total,
        "fields": [views[name] for name in in_order(views)],
        "rates_hz": sorted(shortest),
        "shortest_s": min(count / rate for rate, count in shortest.items()),
        "channels": longest,
        "channel_names": channel_names,
    }


def members_alike(session: Session, version_id: int, config: TrainingConfig) -> list[Member] | None:
    """Members with what a split by ``config`` looks at, alike ones as one; by the first of each.

    None where a sentence or a refusal may need to name single recordings.
    """
    asked = (config.target, config.group_by)
    if config.card.heads:  # they learn from quantities, which differ
        return None
    if "recording" in asked or any('"' in name for name in asked):
        return None
    if not _channels_agree(session, version_id, config) or _has_copies(session, version_id):
        return None
    fields = [_text(name) for name in asked]
    more = (Recording.bearing_id, MACHINE, Recording.sample_count, Recording.sample_rate_hz)
    rows = _counted(session, version_id, [*fields, *more], placed=True)
    places = _Places(session, {(row[2], row[3]) for row, _ in rows})
    blank = ("",) * (max(config.channels) + 1)
    found = []
    for (target, group, bearing_id, machine_id, samples, rate), count in rows:
        values = places.values(bearing_id, machine_id)
        for name, text in zip(asked, (target, group), strict=True):
            values |= _value(name, text)
        found.append(Member(0, "", samples, rate, "", values, blank, blank, count))
    built_in = {*asked, "bearing"} & {*BUILT_IN}
    lacking = [name for name in built_in if any(name not in one.values for one in found)]
    unknown = [name for name in asked if not any(name in one.values for one in found)]
    # An attribute of the same name stands in for what is not known otherwise.
    if unknown or _in_attributes(session, version_id, lacking):
        return None
    return [replace(one, values={n: v for n, v in one.values.items() if v}) for one in found]


def _counted(
    session: Session, version_id: int, columns: Sequence[Any], *, placed: bool = False
) -> list[tuple[tuple[Any, ...], int]]:
    """Values of columns, each with the recordings that have them; by the first of these."""
    # Counted by the database: a hundred thousand rows take longer on their way here.
    wanted = select(*columns, func.count()).group_by(*columns)
    wanted = wanted.order_by(func.min(DatasetMember.recording_id))
    rows = _of(wanted, session, version_id, placed=placed)
    return [(tuple(row[:-1]), row[-1]) for row in rows]


def _of(wanted: Any, session: Session, version_id: int, *, placed: bool = False) -> Any:
    """Rows of the members of a version, with their bearings where ``placed``."""
    joined = wanted.select_from(DatasetMember).join(
        Recording, Recording.id == DatasetMember.recording_id
    )
    if placed:
        joined = joined.outerjoin(Bearing, Bearing.id == Recording.bearing_id)
    return session.connection().execute(joined.where(DatasetMember.version_id == version_id))


def _text(name: str) -> ColumnElement[Any]:
    """A field in the database: built-in ones as they are, attributes as JSON."""
    if name in COLUMNS:
        column: ColumnElement[Any] = COLUMNS[name]
        return column
    if name in BY_ID:
        return literal(None, String)
    if engine().dialect.name == "sqlite":
        # Unlike json_extract, this tells true from 1.
        path: ColumnElement[Any] = Recording.attributes.op("->", return_type=String())(
            literal(f'$."{name}"', String)
        )
        return path
    return cast(Recording.attributes[name], String)


def _value(name: str, text: str | None) -> dict[str, str]:
    """What a field says, by its name; nothing where it says nothing."""
    if name in COLUMNS:
        return {name: text} if text else {}
    value = None if text is None else json.loads(text)
    return {} if value in (None, "") else {name: text_of(value)}


def _counts(session: Session, version_id: int, tally: Tally) -> dict[str, Counter[str]]:
    """Field → value → recordings."""
    counts = {
        name: values for name, values in tally.values.items() if name not in (*NOT_OFFERED, *BY_ID)
    }
    known = {*NOT_OFFERED, *BY_ID, *counts}
    left_out = [name for name in tally.left_out if is_field(name) and name not in known]
    for name in left_out:
        counts[name] = Counter()
        for (text,), count in _counted(session, version_id, [_text(name)]):
            for value in _value(name, text).values():
                counts[name][value] += count
    counts |= _at_places(session, version_id, tally)
    return {name: values for name, values in counts.items() if values}


def _at_places(session: Session, version_id: int, tally: Tally) -> dict[str, Counter[str]]:
    """Recordings by machine and by bearing."""
    pairs = _pairs(tally)
    if pairs is None:
        columns = [Recording.bearing_id, MACHINE]
        pairs = dict(_counted(session, version_id, columns, placed=True))
    places = _Places(session, pairs)
    found: dict[str, Counter[str]] = {name: Counter() for name in BY_ID}
    for ids, count in pairs.items():
        for name, value in places.values(*ids).items():
            found[name][value] += count
    return found


def _pairs(tally: Tally) -> dict[Any, int] | None:
    """Recordings by the ids of bearing and machine; None where they were too many to keep."""
    if {*BY_ID, pair_name(*BY_ID)} & tally.left_out:
        return None
    without = Counter({int(key): n for key, n in tally.values.get("machine", {}).items()})
    pairs: dict[Any, int] = {}
    for cell, count in tally.pairs.get(pair_name(*BY_ID), {}).items():
        bearing, machine = map(int, cell.split(BETWEEN))  # in the order of their names
        pairs[bearing, machine] = count
        without[machine] -= count
    return pairs | {(None, machine): count for machine, count in (+without).items()}


def _names(session: Session, table: Any, ids: set[int | None]) -> dict[int | None, str]:
    wanted = select(table.id, table.name)
    if len(ids) <= data.MOST_VALUES:
        wanted = wanted.where(table.id.in_(ids - {None}))
    return {key: name for key, name in session.execute(wanted) if key in ids}


def _shortest(session: Session, version_id: int, tally: Tally) -> dict[float, int]:
    """The least samples of a recording by sampling rate."""
    rate, samples = Recording.sample_rate_hz, Recording.sample_count
    if len(tally.values.get("sample_rate_hz", ())) == 1:  # the database need not sort
        rows = _of(select(func.max(rate), func.min(samples)), session, version_id)
    else:
        rows = _of(select(rate, func.min(samples)).group_by(rate), session, version_id)
    return {row[0]: row[1] for row in rows}


def _channel_rows(version_id: int, *columns: Any) -> Any:
    joined = DatasetMember.recording_id == RecordingChannel.recording_id
    wanted = select(*columns).select_from(DatasetMember).join(RecordingChannel, joined)
    return wanted.where(DatasetMember.version_id == version_id)


def _channel_names(session: Session, version_id: int) -> tuple[list[str], list[list[str]]]:
    """The channels of the first recording that has the most of them; and, for each place, what
    the recordings call it, each name once in their order."""
    place, name = RecordingChannel.position, RecordingChannel.name
    first = func.min(RecordingChannel.recording_id)
    rows = session.execute(_channel_rows(version_id, place, name, first).group_by(place, name))
    known = sorted((at, recording_id, text) for at, text, recording_id in rows)
    if not known:
        return [], []
    last = known[-1][0]
    longest = min(recording_id for at, recording_id, _ in known if at == last)
    wanted = select(name).where(RecordingChannel.recording_id == longest).order_by(place)
    names = [[text for at, _, text in known if at == one] for one in range(last + 1)]
    return list(session.scalars(wanted)), names


def _channels_agree(session: Session, version_id: int, config: TrainingConfig) -> bool:
    """Whether all recordings have the chosen channels, in one unit each where it matters."""
    total = session.scalar(
        select(DatasetVersion.recording_count).where(DatasetVersion.id == version_id)
    )
    unit = cast(RecordingChannel.unit, String)
    for position in {*config.channels, max(config.channels)}:
        there = RecordingChannel.position == position
        columns: list[Any] = [func.count()]
        if config.normalisation is Normalisation.TRAINING:
            columns += [func.min(unit), func.max(unit)]
        count, *units = session.execute(_channel_rows(version_id, *columns).where(there)).one()
        if count != total or len({*units}) > 1:
            return False
    return True


def _has_copies(session: Session, version_id: int) -> bool:
    """Whether two recordings have the same samples, which a data set refuses on the way in."""
    content = Recording.content_hash
    twice = select(content).group_by(content).having(func.count() > 1)
    if session.execute(twice.limit(1)).first() is None:
        return False
    wanted = select(content).where(content.in_(twice)).group_by(content).having(func.count() > 1)
    return _of(wanted.limit(1), session, version_id).first() is not None


def _in_attributes(session: Session, version_id: int, names: Iterable[str]) -> bool:
    """Whether some recording may have one of these as an attribute."""
    text = cast(Recording.attributes, String)
    find = func.instr if engine().dialect.name == "sqlite" else func.strpos
    known = [find(text, f'"{name}":') > 0 for name in names]
    wanted = select(literal(1)).where(or_(false(), *known)).limit(1)
    return _of(wanted, session, version_id).first() is not None
