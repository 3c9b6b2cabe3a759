"""The rows behind a data set: recordings, and versions that are made and never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import (
    Bearing,
    Dataset,
    DatasetMember,
    DatasetVersion,
    Machine,
    Recording,
    RecordingChannel,
)
from services import actor, events
from services.datasets.recording_store import StoredSamples
from services.errors import NotFound
from services.kept_files import hold


@dataclass(frozen=True)
class Added:
    """What became of stored samples: their recording, and whether it is new to the version."""

    recording_id: int
    name: str
    is_new: bool


def find_dataset(session: Session, dataset_id: int, *, lock: bool = False) -> Dataset:
    """Raises
    ------
    NotFound
        If there is no such data set.
    """
    wanted = select(Dataset).where(Dataset.id == dataset_id)
    dataset = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if dataset is None:
        raise NotFound(f"There is no data set {dataset_id}.")
    return dataset


def latest_version(session: Session, dataset_id: int) -> DatasetVersion | None:
    newest = (
        select(DatasetVersion)
        .where(DatasetVersion.dataset_id == dataset_id)
        .order_by(DatasetVersion.number.desc())
        .limit(1)
    )
    return session.scalars(newest).one_or_none()


def version_id_of(session: Session, dataset_id: int, number: int | None = None) -> int | None:
    """The id of a version, the newest when none is named; None for a data set without any.

    Raises
    ------
    NotFound
        If there is no such data set or version.
    """
    find_dataset(session, dataset_id)
    if number is None:
        newest = latest_version(session, dataset_id)
        return newest.id if newest else None
    wanted = select(DatasetVersion.id).where(
        DatasetVersion.dataset_id == dataset_id, DatasetVersion.number == number
    )
    found = session.scalar(wanted)
    if found is None:
        raise NotFound(f"Data set {dataset_id} has no version {number}.")
    return found


def labels_of(session: Session, version: DatasetVersion | None) -> dict[int, str | None]:
    """The members of a version with their labels."""
    if version is None:
        return {}
    members = select(DatasetMember.recording_id, DatasetMember.label).where(
        DatasetMember.version_id == version.id
    )
    return dict(session.execute(members).all())


def add_recordings(
    session: Session,
    dataset: Dataset,
    stored: Sequence[StoredSamples],
    members: dict[int, str | None],
) -> list[Added]:
    """Give stored samples their rows, and put them into ``members``.

    Samples that the data set has already get no second row.
    """
    known = {
        content: (recording_id, name)
        for content, recording_id, name in session.execute(
            select(Recording.content_hash, Recording.id, Recording.name).where(
                Recording.dataset_id == dataset.id
            )
        )
    }
    names = {name for _, name in known.values()}
    places = _Places(session, dataset)
    added = []
    for samples in stored:
        if samples.content_hash in known:
            recording_id, name = known[samples.content_hash]
        else:
            hold(session, samples.artefact_key)
            name = _free_name(samples.about.name, names)
            recording = _recording(samples, name, dataset, places)
            session.add(recording)
            session.flush()
            recording_id = recording.id
            known[samples.content_hash] = recording_id, name
            names.add(name)
        added.append(Added(recording_id, name, recording_id not in members))
        members.setdefault(recording_id, samples.about.label)
    return added


def add_version(
    session: Session, dataset: Dataset, members: Mapping[int, str | None], reason: str
) -> DatasetVersion:
    """Make the next version of a data set that the caller has locked."""
    before = latest_version(session, dataset.id)
    version = DatasetVersion(
        dataset_id=dataset.id,
        number=before.number + 1 if before else 1,
        reason=reason,
        content_hash=_hash(session, dataset, members),
        recording_count=len(members),
        created_by=actor.user_id(),
    )
    session.add(version)
    session.flush()
    if members:
        rows = [
            {"version_id": version.id, "recording_id": recording_id, "label": label}
            for recording_id, label in members.items()
        ]
        session.execute(insert(DatasetMember), rows)
    _count(session, version)
    events.record(
        session,
        "dataset.version_made",
        f"dataset:{dataset.id}",
        version=version.number,
        recordings=len(members),
        reason=reason,
    )
    return version


def _count(session: Session, version: DatasetVersion) -> None:
    """Totals of the members, which stay true because the version never changes."""
    totals = (
        select(
            func.coalesce(func.sum(Recording.sample_count / Recording.sample_rate_hz), 0.0),
            func.count(DatasetMember.label.distinct()),
            func.count().filter(Recording.warning_count > 0),
        )
        .join(Recording, Recording.id == DatasetMember.recording_id)
        .where(DatasetMember.version_id == version.id)
    )
    seconds, classes, warned = session.execute(totals).one()
    version.duration_s = float(seconds)
    version.class_count, version.warned_count = classes, warned
    session.flush()


class _Places:
    """Machines and bearings by name, made where they are missing."""

    def __init__(self, session: Session, dataset: Dataset) -> None:
        self._session = session
        self._dataset = dataset
        self._machines: dict[str, int] = {}
        self._bearings: dict[tuple[int, str], int] = {}

    def find(self, machine: str | None, bearing: str | None) -> tuple[int | None, int | None]:
        if not machine and not bearing:
            return None, None
        # A bearing sits in some machine; without a name it is that of the data set.
        machine_id = self._machine(machine or self._dataset.name)
        return machine_id, self._bearing(machine_id, bearing) if bearing else None

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

    def _bearing(self, machine_id: int, name: str) -> int:
        key = machine_id, name
        if key not in self._bearings:
            wanted = select(Bearing.id).where(
                Bearing.machine_id == machine_id, Bearing.name == name
            )
            found = self._session.scalar(wanted)
            if found is None:
                row = Bearing(machine_id=machine_id, name=name)
                self._session.add(row)
                self._session.flush()
                found = row.id
            self._bearings[key] = found
        return self._bearings[key]


def _recording(samples: StoredSamples, name: str, dataset: Dataset, places: _Places) -> Recording:
    about = samples.about
    machine_id, bearing_id = places.find(about.machine, about.bearing)
    channels = [
        RecordingChannel(position=position, name=channel.name, unit=channel.unit)
        for position, channel in enumerate(samples.channels)
    ]
    return Recording(
        dataset_id=dataset.id,
        name=name,
        origin=about.origin,
        sample_rate_hz=samples.sample_rate_hz,
        sample_count=samples.sample_count,
        content_hash=samples.content_hash,
        artefact_key=samples.artefact_key,
        source_file=about.source_file,
        importer=about.importer,
        speed_rpm=about.speed_rpm,
        speed_source=about.speed_source,
        load=about.load,
        machine_id=machine_id,
        bearing_id=bearing_id,
        attributes=about.attributes,
        warnings=about.warnings,
        owner_id=actor.user_id(),
        channels=channels,
    )


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name


def _hash(session: Session, dataset: Dataset, members: Mapping[int, str | None]) -> str:
    """Over contents and labels, so that equal versions have equal hashes."""
    wanted = select(Recording.id, Recording.content_hash).where(Recording.dataset_id == dataset.id)
    contents = dict(session.execute(wanted).all())
    pairs = sorted((contents[key], label or "") for key, label in members.items())
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()
