"""What a version of a data set offers to a training: recordings, classes, groups, channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from diagnostics.errors import TrainingError
from diagnostics.training.config import Normalisation, TrainingConfig
from diagnostics.training.heads import SEVERITY, Head, severity_of, speed_of
from diagnostics.training.split import Candidate
from models import Bearing, Dataset, DatasetMember, DatasetVersion, Machine, Origin, Recording
from models.recordings import RecordingChannel
from services.datasets.tallies import text_of
from services.errors import Invalid, NotFound
from services.paging import MOST_OFFERED

# A target with more values than this is a measurement, not a category.
MOST_CLASSES = 50
MOST_VALUES = 500
BUILT_IN = ("label", "bearing", "machine", "recording", "load")
TITLES = {
    "label": "Label",
    "bearing": "Bearing",
    "machine": "Machine",
    "recording": "Recording",
    "load": "Load",
}


class FieldView(TypedDict):
    """Something recordings differ in, with how many of them have each value.

    ``values`` is empty when there are more than anybody would choose from.
    """

    name: str
    title: str
    different: int
    values: dict[str, int]
    missing: int


class VersionBrief(TypedDict):
    version_id: int
    version_number: int
    dataset_id: int
    dataset_name: str
    generated: bool
    recording_count: int


class VersionView(TypedDict):
    """What the wizard has to know about a version of a data set.

    ``channel_names`` are, for each channel, what the recordings call it.
    """

    version_id: int
    version_number: int
    dataset_id: int
    dataset_name: str
    generated: bool
    recording_count: int
    fields: list[FieldView]
    rates_hz: list[float]
    shortest_s: float
    channels: list[str]
    channel_names: list[list[str]]


@dataclass(frozen=True)
class Member:
    """One recording of a version, with its values by name of the field."""

    recording_id: int
    name: str
    sample_count: int
    sample_rate_hz: float
    content_hash: str
    values: dict[str, str]
    channels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    # How many recordings it stands for, where alike ones are taken together.
    count: int = 1
    severity: float | None = None
    speed_rpm: float | None = None


@dataclass(frozen=True)
class Choice:
    """The recordings that take part, and sentences about those that do not."""

    candidates: list[Candidate]
    warnings: list[str] = field(default_factory=list)


def find_version(session: Session, version_id: int) -> Row[DatasetVersion, Dataset]:
    wanted = (
        select(DatasetVersion, Dataset)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id == version_id)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {version_id} of a data set.")
    return row


def briefs(session: Session, also: int | None = None) -> list[VersionBrief]:
    """Of data sets that are not archived, the ``MOST_OFFERED`` newest; ``also`` before them."""
    newest = (
        select(DatasetVersion, Dataset)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(Dataset.archived_at.is_(None))
        .order_by(Dataset.id.desc(), DatasetVersion.number.desc())
        .limit(MOST_OFFERED)
    )
    rows = list(session.execute(newest))
    if also is not None and also not in {version.id for version, _ in rows}:
        one = select(DatasetVersion, Dataset).join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        rows = [*session.execute(one.where(DatasetVersion.id == also)), *rows]
    return [
        {
            "version_id": version.id,
            "version_number": version.number,
            "dataset_id": dataset.id,
            "dataset_name": dataset.name,
            "generated": dataset.origin is Origin.GENERATED,
            "recording_count": version.recording_count,
        }
        for version, dataset in rows
    ]


def latest_version(session: Session, dataset: str, number: int | None) -> int:
    """The id of a version by name or number of its data set; without ``number`` the newest."""
    named = session.scalar(select(Dataset.id).where(Dataset.name == dataset))
    if named is None and dataset.isdecimal():
        named = session.scalar(select(Dataset.id).where(Dataset.id == int(dataset)))
    wanted = (
        select(DatasetVersion.id)
        .where(DatasetVersion.dataset_id == named)
        .where(*([DatasetVersion.number == number] if number is not None else []))
        .order_by(DatasetVersion.number.desc())
        .limit(1)
    )
    version_id = session.scalar(wanted)
    if version_id is None:
        which = "" if number is None else f" with a version {number}"
        raise NotFound(f"There is no data set “{dataset}”{which}.")
    return version_id


def members_of(session: Session, version_id: int) -> list[Member]:
    """The recordings of a version in the order of their ids."""
    # Columns and not objects: a version may have a hundred thousand recordings.
    wanted = (
        select(
            Recording.id,
            Recording.name,
            Recording.sample_count,
            Recording.sample_rate_hz,
            Recording.content_hash,
            Recording.attributes,
            Recording.speed_rpm,
            DatasetMember.label,
            Recording.load,
            Machine.name.label("machine"),
            Bearing.name.label("bearing"),
        )
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        .outerjoin(Machine, Machine.id == func.coalesce(Recording.machine_id, Bearing.machine_id))
        .where(DatasetMember.version_id == version_id)
        .order_by(Recording.id)
    )
    rows = session.execute(wanted).all()
    several = len({row.machine for row in rows if row.machine is not None}) > 1
    channels = _channels(session, version_id)
    return [
        Member(
            row.id,
            row.name,
            row.sample_count,
            row.sample_rate_hz,
            row.content_hash,
            _values(row, several=several),
            tuple(name for name, _ in channels.get(row.id, ())),
            tuple(unit for _, unit in channels.get(row.id, ())),
            severity=severity_of(row.attributes.get(SEVERITY.name)),
            speed_rpm=speed_of(row.speed_rpm),
        )
        for row in rows
    ]


def describe(session: Session, version_id: int) -> VersionView:
    version, dataset = find_version(session, version_id)
    members = members_of(session, version_id)
    longest = max((member.channels for member in members), key=len, default=())
    return {
        "version_id": version.id,
        "version_number": version.number,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "generated": dataset.origin is Origin.GENERATED,
        "recording_count": len(members),
        "fields": _fields(members),
        "rates_hz": sorted({member.sample_rate_hz for member in members}),
        "shortest_s": min((m.sample_count / m.sample_rate_hz for m in members), default=0.0),
        "channels": list(longest),
        "channel_names": [_names_of(members, place) for place in range(len(longest))],
    }


def _names_of(members: list[Member], place: int) -> list[str]:
    """What recordings call their channel at a place, each name once in their order."""
    return list(dict.fromkeys(m.channels[place] for m in members if len(m.channels) > place))


def choose(members: list[Member], config: TrainingConfig) -> Choice:
    """The recordings that have a class, a group and the channels that the config names.

    Raises
    ------
    Invalid
        If nothing is left, a class does not exist, or a recording lacks a channel.
    """
    known = {name for member in members for name in member.values}
    for title, name in (("target", config.target), ("group", config.group_by)):
        if name not in known:
            raise Invalid(
                f"No recording of this data set has “{name}”, which was chosen as {title}."
                f" There are {', '.join(sorted(known)) or 'none'}."
            )
    unknown = sorted(set(config.classes) - {m.values.get(config.target) for m in members})
    if unknown:
        raise Invalid(f"No recording has “{unknown[0]}” as {config.target}.")
    if config.classes:
        members = [m for m in members if m.values.get(config.target) in config.classes]
    kept = [m for m in members if {config.target, config.group_by} <= set(m.values)]
    _check_channels(kept, config)
    candidates = [
        Candidate(
            m.recording_id,
            m.name,
            m.values[config.target],
            m.values[config.group_by],
            m.sample_count,
            m.sample_rate_hz,
            m.values.get("bearing", ""),
            m.content_hash,
            m.count,
            m.values.get("machine", ""),
            m.severity,
            m.speed_rpm,
        )
        for m in kept
    ]
    told = [*_left_out(members, config), *_not_estimated(candidates, config)]
    return Choice(candidates, told)


def group_title(name: str) -> str:
    """A field in the middle of a sentence."""
    return TITLES[name].lower() if name in TITLES else name


def _left_out(members: list[Member], config: TrainingConfig) -> list[str]:
    found = []
    for name in (config.target, config.group_by):
        missing = sum(member.count for member in members if name not in member.values)
        if missing:
            what = "recording has" if missing == 1 else "recordings have"
            found.append(f"{missing} {what} no {group_title(name)}: left out.")
    return found


def _not_estimated(candidates: list[Candidate], config: TrainingConfig) -> list[str]:
    """What a head beside the class lacks; a recording that does not say it teaches the others."""
    found = []
    for head in config.card.heads:
        if not config.parameters[head.weight]:
            continue
        values = [getattr(one, head.name) for one in candidates for _ in range(one.count)]
        missing = sum(value is None for value in values)
        title = head.title.lower()
        known = {value for value in values if value is not None}
        if len(known) == 1:
            found.append(
                f"All recordings that say their {title} say the same: the head for the {title} is"
                " off, since there is nothing to learn."
            )
        if missing == len(values):
            found.append(
                f"No recording says its {title}{_where(head)}: the head for the {title} is off,"
                " and nothing of it will be estimated."
            )
        elif missing:
            what = "does" if missing == 1 else "do"
            found.append(
                f"{missing} of {len(values)} recordings {what} not say the {title}{_where(head)}:"
                " nothing is learned of it there."
            )
    return found


def _where(head: Head) -> str:
    return " (attribute “severity”, 0 to 1 or a level)" if head is SEVERITY else ""


def _check_channels(members: list[Member], config: TrainingConfig) -> None:
    needed = max(config.channels) + 1
    short = next((member for member in members if len(member.channels) < needed), None)
    if short is not None:
        has = "1 channel" if len(short.channels) == 1 else f"{len(short.channels)} channels"
        raise Invalid(
            f"“{short.name}” has {has}; channel {needed - 1} was chosen (they are counted from 0)."
        )
    for position in config.channels:
        units = sorted({member.units[position] for member in members})
        if len(units) > 1 and config.normalisation is Normalisation.TRAINING:
            raise Invalid(
                f"Channel {position} is measured in {' and '.join(units)}: levels in different"
                " units cannot be compared. Normalise each window by itself, or choose"
                " recordings of one unit."
            )


def _channels(session: Session, version_id: int) -> dict[int, tuple[tuple[str, str], ...]]:
    """Name and unit of each channel, by recording."""
    wanted = (
        select(RecordingChannel.recording_id, RecordingChannel.name, RecordingChannel.unit)
        .join(DatasetMember, DatasetMember.recording_id == RecordingChannel.recording_id)
        .where(DatasetMember.version_id == version_id)
        .order_by(RecordingChannel.recording_id, RecordingChannel.position)
    )
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for recording_id, name, unit in session.execute(wanted):
        found[recording_id] = (*found.get(recording_id, ()), (name, unit.value))
    return found


def _values(row: Any, *, several: bool) -> dict[str, str]:
    """What is known of a recording, as text. Two machines may call their bearings alike."""
    known = {"label": row.label, "load": row.load, "machine": row.machine, "bearing": row.bearing}
    if row.bearing and row.machine and several:
        known["bearing"] = f"{row.machine} · {row.bearing}"
    found = {name: value for name, value in row.attributes.items() if value not in (None, "")}
    found |= {name: value for name, value in known.items() if value}
    return {name: text_of(value) for name, value in (found | {"recording": row.name}).items()}


def _fields(members: list[Member]) -> list[FieldView]:
    names = {name for member in members for name in member.values}
    counted = {name: Counter(m.values[name] for m in members if name in m.values) for name in names}
    return [field_view(name, counted[name], len(members)) for name in in_order(names)]


def in_order(names: Iterable[str]) -> list[str]:
    """Fields as they are offered: those that every data set may have come first."""
    known = set(names)
    return [name for name in BUILT_IN if name in known] + sorted(known - set(BUILT_IN))


def field_view(name: str, counts: Counter[str], total: int) -> FieldView:
    """A field of ``total`` recordings that is counted."""
    return {
        "name": name,
        "title": TITLES.get(name, name),
        "different": len(counts),
        "values": dict(sorted(counts.items())) if len(counts) <= MOST_VALUES else {},
        "missing": total - counts.total(),
    }


def named_once(session: Session, version_id: int, total: int) -> dict[str, int]:
    """Names of recordings, of which there is one each; empty when there are too many."""
    if total > MOST_VALUES:
        return {}
    joined = DatasetMember.recording_id == Recording.id
    wanted = select(Recording.name).join(DatasetMember, joined)
    names = session.scalars(wanted.where(DatasetMember.version_id == version_id))
    return dict.fromkeys(sorted(names), 1)


def as_invalid(error: TrainingError) -> Invalid:
    """What the domain refuses, as an error of the services."""
    return Invalid(str(error))
