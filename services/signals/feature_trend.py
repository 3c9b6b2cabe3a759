"""The trend of a feature that was extracted: all recordings of a channel, however many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.errors import FeatureError
from models import DatasetVersion, FeatureSet, Recording
from services.errors import Invalid
from services.features.tables import stored_table
from services.features.views import feature_view
from services.runtime import unit_of_work
from services.signals.settings import OverviewSettings
from services.signals.siblings import Siblings
from services.signals.trend import TrendCurve, TrendView, curve_of, view_of

Array = NDArray[np.float64]
NONE_YET = (
    "Of this data set no features have been extracted yet. Extract some on the page of features."
)


class _Extracted(NamedTuple):
    """The windows of a feature: numbers and recordings, of shape (windows,)."""

    values: Array
    recording_ids: NDArray[np.int64]
    channel: int
    title: str
    unit: str
    told: str


class _Spread(NamedTuple):
    """Median, lowest and highest window of each recording, NaN where none is known."""

    median: Array
    lowest: Array
    highest: Array
    several: bool


def feature_trend_of(every: Siblings, recording_id: int, overview: OverviewSettings) -> TrendView:
    """The windows of each recording in a feature set, in the order of the trend.

    Without a set the newest of the data set, without a feature the first of the set.

    Raises
    ------
    Invalid
        If the data set has no such set, the set no such feature, or no recording is in it.
    """
    with unit_of_work(writing=False) as session:
        made = _set_of(session, recording_id, overview.feature_set)
        feature = overview.feature or str(made.features[0])
        extracted = _read(made, feature)
    wanted = [row.recording_id if row.channel == extracted.channel else -1 for row in every.rows]
    if set(wanted) == {-1}:
        raise Invalid(
            f"These features are of channel {extracted.channel}, counted from 0, and not of "
            f"“{every.channel}”. Choose another set or channel."
        )
    spread = _spread(extracted, np.array(wanted))
    known = int(np.isfinite(spread.median).sum())
    if not known:
        raise Invalid("No recording of this channel has this feature in this set.")
    notes = [extracted.told]
    if known < len(every.rows):
        notes.append(f"{len(every.rows) - known} of {len(every.rows)} recordings do not have it")
    return view_of(every, _curves(spread, feature, extracted), notes)


def _set_of(session: Session, recording_id: int, wanted: int | None) -> FeatureSet:
    of_dataset = (
        select(FeatureSet)
        .join(DatasetVersion, DatasetVersion.id == FeatureSet.dataset_version_id)
        .join(Recording, Recording.dataset_id == DatasetVersion.dataset_id)
        .where(Recording.id == recording_id)
    )
    if wanted is None:
        newest = of_dataset.order_by(FeatureSet.id.desc()).limit(1)
        found = session.scalars(newest).one_or_none()
        if found is None:
            raise Invalid(NONE_YET)
        return found
    found = session.scalars(of_dataset.where(FeatureSet.id == wanted)).one_or_none()
    if found is None:
        raise Invalid(f"The data set has no feature set {wanted}. Choose one of the list.")
    return found


def _read(made: FeatureSet, name: str) -> _Extracted:
    with stored_table(made.artefact_key) as table:
        try:
            values = table.column(name)
        except FeatureError as error:
            raise Invalid(str(error)) from error
        recording_ids = table.of_windows("recording_id")
    told = feature_view(name, str(made.summary.get("unit", "")))
    window = made.config.get("window")
    windows = f" in windows of {window} samples" if window else ""
    return _Extracted(
        values,
        recording_ids,
        int(made.config.get("channel", 0)),
        told["title"],
        told["unit"],
        f"{name}{windows}, from the feature set “{made.name}”, version {made.number}",
    )


def _spread(extracted: _Extracted, wanted: NDArray[np.int64]) -> _Spread:
    """Of the recordings that are asked for, in their order."""
    finite = np.isfinite(extracted.values)
    values, owners = extracted.values[finite], extracted.recording_ids[finite]
    order = np.lexsort((values, owners))
    values, owners = values[order], owners[order]
    ids, first, count = np.unique(owners, return_index=True, return_counts=True)
    last = first + count - 1
    low, high = values[first + (count - 1) // 2], values[first + count // 2]
    found = np.full((3, len(wanted)), np.nan)
    places = np.searchsorted(ids, wanted)
    there = np.zeros(len(wanted), dtype=bool)
    inside = places < len(ids)
    there[inside] = ids[places[inside]] == wanted[inside]
    at = places[there]
    found[:, there] = np.stack([(low[at] + high[at]) / 2, values[first[at]], values[last[at]]])
    median, lowest, highest = found
    return _Spread(median, lowest, highest, bool((count[at] > 1).any()))


def _curves(spread: _Spread, name: str, extracted: _Extracted) -> list[TrendCurve]:
    title, unit = extracted.title, extracted.unit
    if not spread.several:
        return [curve_of(name, title, unit, spread.median)]
    return [
        curve_of(name, f"{title}, median window", unit, spread.median),
        curve_of("lowest", "lowest window", unit, spread.lowest),
        curve_of("highest", "highest window", unit, spread.highest),
    ]
