"""What the samples of a version amount to, by class and channel.

Moments and extremes of every channel are found once, when its samples are stored, and kept
with it: the samples of a data set are never read again for its statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import DatasetMember, Recording, RecordingChannel

# Each as its 5th, 50th and 95th percentile over the recordings: one odd recording moves none.
PERCENTILES = (5, 50, 95)
QUANTITIES = ("rms", "peak", "crest_factor", "kurtosis", "skewness", "mean")


class Spread(TypedDict):
    low: float
    median: float
    high: float


class ChannelStatistics(TypedDict):
    """Of the recordings of one class that have this channel. ``minimum`` and ``maximum`` are
    over all their samples, the spreads over recordings."""

    label: str | None
    channel: str
    unit: str
    recordings: int
    duration_s: float
    minimum: float
    maximum: float
    spreads: dict[str, Spread]


class WaveformStatistics(TypedDict):
    """``unmeasured`` channels came before statistics were kept."""

    rows: list[ChannelStatistics]
    unmeasured: int


def waveform_statistics(session: Session, version_id: int | None) -> WaveformStatistics:
    """Of a version, by class and channel."""
    wanted = (
        select(
            DatasetMember.label,
            RecordingChannel.name,
            RecordingChannel.unit,
            Recording.sample_count,
            Recording.sample_rate_hz,
            RecordingChannel.minimum,
            RecordingChannel.maximum,
            RecordingChannel.rms,
            RecordingChannel.kurtosis,
            RecordingChannel.skewness,
            RecordingChannel.mean,
        )
        .select_from(DatasetMember)
        .join(Recording, Recording.id == DatasetMember.recording_id)
        .join(RecordingChannel, RecordingChannel.recording_id == Recording.id)
        .where(DatasetMember.version_id == version_id)
    )
    groups: dict[tuple[str | None, str, str], list[Any]] = {}
    unmeasured = 0
    for row in session.execute(wanted):
        if row.rms is None:
            unmeasured += 1
        else:
            groups.setdefault((row.label, row.name, row.unit.value), []).append(row)
    ordered = sorted(groups, key=lambda key: (key[1], key[2], key[0] is None, key[0] or ""))
    return {"rows": [_statistics(key, groups[key]) for key in ordered], "unmeasured": unmeasured}


def _statistics(key: tuple[str | None, str, str], rows: Sequence[Any]) -> ChannelStatistics:
    label, channel, unit = key
    table = np.array([tuple(row)[3:] for row in rows], dtype=np.float64)
    count, rate, minimum, maximum, rms, kurtosis, skewness, mean = table.T
    peak = np.maximum(np.abs(minimum), np.abs(maximum))
    crest = np.divide(peak, rms, out=np.zeros_like(peak), where=rms > 0)
    values = (rms, peak, crest, kurtosis, skewness, mean)
    return {
        "label": label,
        "channel": channel,
        "unit": unit,
        "recordings": len(rows),
        "duration_s": float((count / rate).sum()),
        "minimum": float(minimum.min()),
        "maximum": float(maximum.max()),
        "spreads": {name: _spread(of) for name, of in zip(QUANTITIES, values, strict=True)},
    }


def _spread(values: NDArray[np.float64]) -> Spread:
    low, median, high = np.percentile(values, PERCENTILES)
    return {"low": float(low), "median": float(median), "high": float(high)}
