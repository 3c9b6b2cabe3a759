"""Rows of recordings: thousands of them enter with a few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import Bearing, Dataset, Machine, Recording, RecordingChannel
from services import actor, events
from services.datasets.recording_store import About, StoredSamples
from services.datasets.versions import SUMMARISED, Change, chunks, labels_of, latest_version
from services.files.kept_files import hold
from services.signals.bearings import is_bare


@dataclass(frozen=True)
class Added:
    """What became of stored samples: their recording, and whether it is new to the version."""

    recording_id: int
    name: str
    is_new: bool


class _Row(NamedTuple):
    """The row that some content has."""

    id: int
    name: str


def add_recordings(
    session: Session, dataset: Dataset, stored: Sequence[StoredSamples]
) -> tuple[list[Added], Change]:
    """Give stored samples their rows; what they are, and what they change in the newest version.

    Samples that the data set has already get no second row.
    """
    rows = _known(session, dataset, {samples.content_hash for samples in stored})
    newest = latest_version(session, dataset.id)
    members = labels_of(session, newest, [row.id for row in rows.values()])
    fresh: dict[str, StoredSamples] = {}
    for samples in stored:
        if samples.content_hash not in rows:
            fresh.setdefault(samples.content_hash, samples)
    rows |= _insert(session, dataset, list(fresh.values()))
    _name_types(session, {rows[one.content_hash].id: one.about for one in stored})
    labels: dict[int, str | None] = {}
    added = []
    for samples in stored:
        row = rows[samples.content_hash]
        is_new = row.id not in members and row.id not in labels
        added.append(Added(row.id, row.name, is_new))
        if is_new:
            labels[row.id] = samples.about.label
    return added, Change(added=labels)


def _name_types(session: Session, abouts: Mapping[int, About]) -> None:
    """Give the type that files name to bearings that nobody has described.

    Bearings of earlier imports have none, and recordings that are known already get no new
    row. Whoever may not change the machine changes nothing.
    """
    typed = {number: about for number, about in abouts.items() if about.bearing_type}
    for some in chunks(sorted(typed)):
        wanted = (
            select(Recording.id, Bearing, Machine.owner_id)
            .join(Bearing, Bearing.id == Recording.bearing_id)
            .join(Machine, Machine.id == Bearing.machine_id)
            .where(Recording.id.in_(some), Bearing.designation == "")
        )
        for number, bearing, owner_id in session.execute(wanted):
            about = typed[number]
            if about.bearing == bearing.name and is_bare(bearing) and actor.may_change(owner_id):
                bearing.designation = about.bearing_type
                named = {"designation": about.bearing_type}
                events.record(session, "bearing.typed", f"bearing:{bearing.id}", **named)


def _known(session: Session, dataset: Dataset, hashes: set[str]) -> dict[str, _Row]:
    """The recordings of the data set that have one of these contents."""
    found: dict[str, _Row] = {}
    for some in chunks(sorted(hashes)):
        wanted = select(Recording.content_hash, Recording.id, Recording.name).where(
            Recording.dataset_id == dataset.id, Recording.content_hash.in_(some)
        )
        rows = session.execute(wanted)
        found |= {content: _Row(row_id, name) for content, row_id, name in rows}
    return found


def _insert(session: Session, dataset: Dataset, stored: Sequence[StoredSamples]) -> dict[str, _Row]:
    """New rows, numbered in the order of the samples, by content."""
    if not stored:
        return {}
    hold(session, *dict.fromkeys(samples.artefact_key for samples in stored))
    names = _Names(session, dataset, [samples.about.name for samples in stored])
    places = _Places(session, dataset)
    values = [
        _recording(samples, names.take(samples.about.name), dataset, places) for samples in stored
    ]
    # Past the session, which would follow every row; the contents are new, so they tell the ids.
    session.connection().execute(insert(Recording), values)
    rows = _known(session, dataset, {samples.content_hash for samples in stored})
    channels = [
        channel
        for samples in stored
        for channel in _channels(rows[samples.content_hash].id, samples)
    ]
    session.connection().execute(insert(RecordingChannel), channels)
    return rows


class _Names:
    """Names of recordings that the data set does not have yet."""

    def __init__(self, session: Session, dataset: Dataset, wanted: Sequence[str]) -> None:
        self._session = session
        self._mine = Recording.dataset_id == dataset.id
        self._taken: set[str] = set()
        # Up to which number it is known whether a numbered name is taken, and the last one given.
        self._asked: dict[str, int] = {}
        self._last: dict[str, int] = {}
        often = Counter(wanted)
        self._look_up(often)
        self._ask({name: n for name, n in often.items() if n > 1 or name in self._taken})

    def take(self, wanted: str) -> str:
        name = wanted
        while name in self._taken:
            number = self._last[wanted] = self._last.get(wanted, 1) + 1
            if number > self._asked.get(wanted, 1):
                self._ask({wanted: number})
            name = f"{wanted} ({number})"
        self._taken.add(name)
        return name

    def _ask(self, more: Mapping[str, int]) -> None:
        """Find out about so many further numbers of each name."""
        numbered = []
        for name, number in more.items():
            first = self._asked.get(name, 1) + 1
            numbered += [f"{name} ({n})" for n in range(first, first + number)]
            self._asked[name] = first + number - 1
        self._look_up(numbered)

    def _look_up(self, names: Iterable[str]) -> None:
        for some in chunks(sorted(names)):
            found = select(Recording.name).where(self._mine, Recording.name.in_(some))
            self._taken.update(self._session.scalars(found))


class _Places:
    """Machines and bearings by name, made where they are missing."""

    def __init__(self, session: Session, dataset: Dataset) -> None:
        self._session = session
        self._dataset = dataset
        self._machines: dict[str, int] = {}
        self._bearings: dict[tuple[int, str], int] = {}

    def find(
        self, machine: str | None, bearing: str | None, bearing_type: str = ""
    ) -> tuple[int | None, int | None]:
        if not machine and not bearing:
            return None, None
        # A bearing sits in some machine; without a name it is that of the data set.
        machine_id = self._machine(machine or self._dataset.name)
        if not bearing:
            return machine_id, None
        return machine_id, self._bearing(machine_id, bearing, bearing_type)

    def _machine(self, name: str) -> int:
        if name not in self._machines:
            found = self._session.scalar(select(Machine.id).where(Machine.name == name))
            if found is None:
                row = Machine(name=name, owner_id=actor.user_id())
                self._session.add(row)
                self._session.flush()
                found = row.id
            self._machines[name] = found
        return self._machines[name]

    def _bearing(self, machine_id: int, name: str, designation: str) -> int:
        key = machine_id, name
        if key not in self._bearings:
            wanted = select(Bearing.id).where(
                Bearing.machine_id == machine_id, Bearing.name == name
            )
            found = self._session.scalar(wanted)
            if found is None:
                row = Bearing(machine_id=machine_id, name=name, designation=designation)
                self._session.add(row)
                self._session.flush()
                found = row.id
            self._bearings[key] = found
        return self._bearings[key]


def _recording(
    samples: StoredSamples, name: str, dataset: Dataset, places: _Places
) -> dict[str, Any]:
    about = samples.about
    machine_id, bearing_id = places.find(about.machine, about.bearing, about.bearing_type)
    return {
        "dataset_id": dataset.id,
        "name": name,
        "origin": about.origin,
        "sample_rate_hz": samples.sample_rate_hz,
        "sample_count": samples.sample_count,
        "content_hash": samples.content_hash,
        "artefact_key": samples.artefact_key,
        "source_file": about.source_file,
        "importer": about.importer,
        "speed_rpm": about.speed_rpm,
        "speed_source": about.speed_source,
        "load": about.load,
        "machine_id": machine_id,
        "bearing_id": bearing_id,
        "attributes": about.attributes,
        "warnings": about.warnings,
        "warning_count": len(about.warnings),
        "owner_id": actor.user_id(),
    }


def _channels(recording_id: int, samples: StoredSamples) -> list[dict[str, Any]]:
    summaries = samples.summaries or (None,) * len(samples.channels)
    return [
        {
            "recording_id": recording_id,
            "position": position,
            "name": channel.name,
            "unit": channel.unit,
            **{name: getattr(summary, name, None) for name in SUMMARISED},
        }
        for position, (channel, summary) in enumerate(zip(samples.channels, summaries, strict=True))
    ]
