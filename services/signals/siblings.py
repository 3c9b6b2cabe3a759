"""The recordings of one channel, in order: what a trend or a waterfall goes through."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import DatasetMember, Recording, RecordingChannel
from services.datasets.versions import latest_version
from services.errors import NotFound
from services.signals.settings import Among, Sorting

DIGITS = re.compile(r"(\d+)")
SIGNIFICANT_HOURS, SIGNIFICANT_MINUTES = 7_200.0, 120.0


class Sibling(NamedTuple):
    """One recording with the channel in question, and what was stored of its samples."""

    recording_id: int
    name: str
    label: str | None
    artefact_key: str
    sample_rate_hz: float
    sample_count: int
    speed_rpm: float | None
    channel: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    rms: float | None
    kurtosis: float | None


class Place(NamedTuple):
    """Where along the axis each recording stands."""

    title: str
    values: list[Any]
    is_time: bool


@dataclass(frozen=True)
class Siblings:
    """In the order of ``place``; ``notes`` say how they were chosen."""

    rows: list[Sibling]
    place: Place
    channel: str
    unit: str
    notes: list[str]

    def some(self, most: int) -> Siblings:
        """At most so many, evenly spaced, the first and the last among them."""
        if len(self.rows) <= most:
            return self
        kept = np.unique(np.linspace(0, len(self.rows) - 1, most).round().astype(int)).tolist()
        place = self.place._replace(values=[self.place.values[at] for at in kept])
        said = f"{most} of {len(self.rows)} recordings, evenly spaced"
        rows = [self.rows[at] for at in kept]
        return Siblings(rows, place, self.channel, self.unit, [*self.notes, said])


def siblings_of(
    session: Session, recording_id: int, channel: int, among: Among | None, sorting: Sorting
) -> Siblings:
    """All recordings of the newest version that have the channel, by name and unit.

    Those of the same bearing where that is known of the recording and of others, unless
    ``among`` says otherwise.

    Raises
    ------
    NotFound
        If there is no such recording or channel.
    """
    shown = _shown(session, recording_id, channel)
    version = latest_version(session, shown.dataset_id)
    wanted = _wanted(version.id if version else None, shown.name)
    own = wanted.where(Recording.bearing_id == shown.bearing_id)
    notes = [f"Channel “{shown.name}” [{shown.unit.value}]"]
    by_bearing = among is not Among.DATASET and shown.bearing_id is not None
    found = session.execute(own if by_bearing else wanted).all()
    if by_bearing and among is None and len(found) < 2:
        by_bearing, found = False, session.execute(wanted).all()
    if by_bearing:
        notes.append("recordings of the same bearing")
    elif among is Among.BEARING:
        notes.append("the bearing is not known, so all recordings of the data set")
    else:
        notes.append("all recordings of the data set")
    same = [row for row in found if row.unit == shown.unit]
    if len(same) < len(found):
        notes.append(f"{len(found) - len(same)} left out that have another unit")
    rows, place = in_order(same, sorting)
    return Siblings(rows, place, shown.name, shown.unit.value, [*notes, _order_words(place)])


def _shown(session: Session, recording_id: int, channel: int) -> Any:
    found = session.execute(
        select(
            Recording.dataset_id,
            Recording.bearing_id,
            RecordingChannel.name,
            RecordingChannel.unit,
        )
        .join(RecordingChannel, RecordingChannel.recording_id == Recording.id)
        .where(Recording.id == recording_id, RecordingChannel.position == channel)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no recording {recording_id} with a channel {channel}.")
    return found


def _wanted(version_id: int | None, channel_name: str) -> Select[*tuple[Any, ...]]:
    """The first channel of the name in each recording; attributes that may tell the time."""
    first = (
        select(
            RecordingChannel.recording_id,
            func.min(RecordingChannel.position).label("position"),
        )
        .where(RecordingChannel.name == channel_name)
        .group_by(RecordingChannel.recording_id)
        .subquery()
    )
    return (
        select(
            Recording.id,
            Recording.name,
            DatasetMember.label,
            Recording.artefact_key,
            Recording.sample_rate_hz,
            Recording.sample_count,
            Recording.speed_rpm,
            RecordingChannel.position,
            RecordingChannel.minimum,
            RecordingChannel.maximum,
            RecordingChannel.mean,
            RecordingChannel.rms,
            RecordingChannel.kurtosis,
            RecordingChannel.unit,
            *(Recording.attributes[key].as_string().label(key) for key in CLOCKS),
        )
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .join(first, first.c.recording_id == Recording.id)
        .join(
            RecordingChannel,
            (RecordingChannel.recording_id == Recording.id)
            & (RecordingChannel.position == first.c.position),
        )
        .where(DatasetMember.version_id == version_id)
    )


def in_order(found: Sequence[Any], sorting: Sorting) -> tuple[list[Sibling], Place]:
    clock = _clock(found) if sorting is Sorting.TIME else None
    if clock is None:
        ordered = sorted(found, key=lambda row: natural(row.name))
        numbers = list(range(1, len(ordered) + 1))
        place = Place("Recording, by name", numbers, is_time=False)
        return [Sibling(*row[: len(Sibling._fields)]) for row in ordered], place
    key, values = clock
    at = sorted(range(len(found)), key=lambda i: (values[i], natural(found[i].name)))
    title, places = CLOCKS[key][0], [values[i] for i in at]
    if key == "elapsed_s":
        title, places = _elapsed(places)
    rows = [Sibling(*found[i][: len(Sibling._fields)]) for i in at]
    return rows, Place(title, places, is_time=True)


def natural(name: str) -> list[Any]:
    """To sort names with numbers in them as people count.

    Examples
    --------
    >>> sorted(["run 10", "run 9", "Run 1"], key=natural)
    ['Run 1', 'run 9', 'run 10']
    """
    parts = DIGITS.split(name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]


def _clock(found: Sequence[Any]) -> tuple[str, list[Any]] | None:
    """The first attribute that tells a time of each recording, and not the same of all."""
    for key, (_, read) in CLOCKS.items():
        values = [read(getattr(row, key)) for row in found]
        if values and None not in values and len(set(values)) > 1:
            return key, values
    return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _moment(text: str | None) -> datetime | None:
    """Without a zone, since the recordings of one machine name one or none alike."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        return None


def _elapsed(seconds: list[float]) -> tuple[str, list[float]]:
    longest = max(seconds)
    if longest >= SIGNIFICANT_HOURS:
        return "Elapsed time [h]", [value / 3_600 for value in seconds]
    if longest >= SIGNIFICANT_MINUTES:
        return "Elapsed time [min]", [value / 60 for value in seconds]
    return "Elapsed time [s]", seconds


def _order_words(place: Place) -> str:
    return "in order of time" if place.is_time else "in order of names"


CLOCKS: dict[str, tuple[str, Callable[[str | None], Any]]] = {
    "elapsed_s": ("Elapsed time", _number),
    "taken_at": ("Time", _moment),
    "measured_at": ("Time", _moment),
    "snapshot": ("Snapshot", _number),
}
"""Attributes that tell when a recording was taken, the most exact first."""
