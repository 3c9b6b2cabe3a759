"""The windows of a version of a data set, read recording by recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.features.batch import Context
from diagnostics.features.catalogue import Domain, TableFeature
from diagnostics.features.config import ExtractionConfig, window_starts
from diagnostics.features.extraction import AT_ONCE, WindowBlock, unknown
from diagnostics.features.table_file import Origin
from diagnostics.signals.envelope import Band
from diagnostics.signals.recording_file import open_recording
from models import DatasetMember, Recording
from services.errors import Invalid
from services.experiments.data import Member, group_title, members_of
from services.runtime import artefacts
from services.signals.bearings import orders_of_recording

# Fields that a recording is grouped by when nobody says which, the widest that is known first.
GROUPS = ("bearing", "machine", "recording")


@dataclass(frozen=True)
class Source:
    """One recording, and what its windows are called by."""

    origin: Origin
    sample_rate_hz: float
    starts: NDArray[np.int64]
    artefact_key: str
    context: Context


@dataclass(frozen=True)
class Sources:
    """``unit`` is that of the channel, empty where recordings differ; ``notes`` are sentences,
    ``unknown`` says of features why no window has them."""

    recordings: list[Source]
    unit: str
    group_by: str
    notes: list[str]
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def window_count(self) -> int:
        return sum(len(one.starts) for one in self.recordings)


class Block(NamedTuple):
    """Windows of one recording that are computed at once, and where they lie."""

    source: Source
    first_samples: NDArray[np.int64]
    windows: WindowBlock


def sources_of(
    session: Session,
    version_id: int,
    features: Sequence[TableFeature],
    config: ExtractionConfig,
) -> Sources:
    """What an extraction reads.

    Raises
    ------
    Invalid
        If no recording has the channel, or all are shorter than a window.
    """
    members = members_of(session, version_id)
    group_by = _group_by(members, config.group_by)
    chosen = [one for one in members if len(one.channels) > config.channel]
    if not chosen:
        raise Invalid(
            f"No recording of this version has a channel {config.channel}; they are counted from 0."
        )
    long_enough = [one for one in chosen if one.sample_count >= config.window]
    if not long_enough:
        longest = max(one.sample_count for one in chosen)
        raise Invalid(
            f"A window of {config.window} samples is longer than every recording; the longest "
            f"has {longest} samples."
        )
    contexts = _contexts(session, version_id, features, config)
    recordings = []
    for member in long_enough:
        key, context = contexts[member.recording_id]
        recordings.append(
            Source(
                Origin(
                    member.recording_id,
                    member.name,
                    member.values.get("label", ""),
                    _group(member, group_by),
                ),
                member.sample_rate_hz,
                window_starts(member.sample_count, config.window, config.hop),
                key,
                context,
            )
        )
    units = sorted({one.units[config.channel] for one in long_enough})
    unit = units[0] if len(units) == 1 else ""
    told = _left_out(len(members) - len(chosen), f"no channel {config.channel}")
    told += _left_out(len(chosen) - len(long_enough), "fewer samples than a window")
    told += _differences(long_enough, units, group_by)
    return Sources(recordings, unit, group_by, told, _unknown(features, recordings))


def blocks_of(sources: Sources, config: ExtractionConfig) -> Iterator[Block]:
    """All windows, in pieces that fit into little memory however long a recording is."""
    at_once = max(1, 4 * AT_ONCE // config.window)
    for source in sources.recordings:
        with open_recording(artefacts().local_path(source.artefact_key)) as recording:
            for begin in range(0, len(source.starts), at_once):
                first = source.starts[begin : begin + at_once]
                stop = int(first[-1]) + config.window
                samples = recording.read(config.channel, int(first[0]), stop)
                cut = np.lib.stride_tricks.sliding_window_view(samples, config.window)
                windows = WindowBlock(cut[first - first[0]], source.sample_rate_hz, source.context)
                yield Block(source, first, windows)


def _group_by(members: Sequence[Member], asked: str) -> str:
    known = {name for member in members for name in member.values}
    if not asked:
        return next((name for name in GROUPS if name in known), "recording")
    if asked not in known:
        raise Invalid(
            f"No recording of this version has “{asked:.60}”, by which windows were to be grouped."
            f" There are {', '.join(sorted(known)) or 'none'}."
        )
    return asked


def _group(member: Member, group_by: str) -> str:
    """A recording of which the group is not known stands for itself."""
    return member.values.get(group_by) or f"recording {member.name}"


def _contexts(
    session: Session,
    version_id: int,
    features: Sequence[TableFeature],
    config: ExtractionConfig,
) -> dict[int, tuple[str, Context]]:
    """Key of the file, and what is known of the machine, by recording."""
    wanted = (
        select(Recording.id, Recording.artefact_key, Recording.speed_rpm, Recording.bearing_id)
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .where(DatasetMember.version_id == version_id)
    )
    of_bearing: dict[int | None, dict[str, float]] = {None: {}}
    has_orders = any(one.domain is Domain.ORDER for one in features)
    band = None if config.band_hz is None else Band(*config.band_hz)
    found = {}
    for row in session.execute(wanted).all():
        if has_orders and row.bearing_id not in of_bearing:
            of_bearing[row.bearing_id] = orders_of_recording(session, row.id)
        shaft_hz = None if row.speed_rpm is None else row.speed_rpm / 60
        orders = of_bearing.get(row.bearing_id, {})
        found[row.id] = (row.artefact_key, Context(shaft_hz, orders, band=band))
    return found


def _left_out(number: int, why: str) -> list[str]:
    if not number:
        return []
    return [f"{number} {'recording has' if number == 1 else 'recordings have'} {why}: left out."]


def _differences(members: Sequence[Member], units: Sequence[str], group_by: str) -> list[str]:
    told = []
    if len(units) > 1:
        told.append(f"The channel is measured in {' and '.join(units)}: levels cannot be compared.")
    rates = sorted({one.sample_rate_hz for one in members})
    if len(rates) > 1:
        told.append(
            f"Sampling rates from {rates[0]:g} to {rates[-1]:g} Hz: windows last different "
            "times, and high bands are not known everywhere."
        )
    without = sum(not one.values.get(group_by) for one in members)
    if without:
        told.append(
            f"{without} {'recording has' if without == 1 else 'recordings have'} no "
            f"{group_title(group_by)} and count as a group each."
        )
    return told


def _unknown(features: Sequence[TableFeature], recordings: Sequence[Source]) -> dict[str, str]:
    """Of features that no recording has, the reason that one of them gives."""
    reasons: dict[str, str] | None = None
    for one in recordings:
        mine = unknown(features, one.sample_rate_hz, one.context)
        reasons = mine if reasons is None else {k: v for k, v in reasons.items() if k in mine}
        if not reasons:
            return {}
    return reasons or {}
