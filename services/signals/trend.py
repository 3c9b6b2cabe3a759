"""How the vibration of a channel went on, recording by recording."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.batch import Batch, Context
from diagnostics.features.order_features import FAULTS, fault_amplitude
from diagnostics.signals.display import reduce_line
from diagnostics.signals.overall import velocity_rms
from diagnostics.signals.signal import Unit
from services.cache_service import CACHE_TTL_DAY, CacheService
from services.errors import Invalid
from services.signal_service import refusals
from services.signals.settings import PlotSettings, Quantity
from services.signals.siblings import Sibling, Siblings
from services.signals.waterfall import (
    SAMPLES_EACH,
    band_of,
    left_out,
    read_middle,
    speed_of,
    speed_words,
)

Array = NDArray[np.float64]
Orders = Mapping[str, float]

MOST_COMPUTED = 120
"""Recordings of which something is computed from samples: about a second."""
MOST_POINTS = 4_000
"""Of one curve; of more recordings the lowest and the highest of some at a time are drawn."""
LINES = {"BPFO": "1×BPFO", "BPFI": "1×BPFI", "BSF2": "2×BSF"}
_ASKED = {fault: FAULTS[fault] for fault in LINES}
LEAST_TOLERANCE = 0.001


class TrendCurve(TypedDict):
    """``at`` are the numbers of the recordings, from 0, in the order of the trend."""

    name: str
    title: str
    unit: str
    at: NDArray[np.intp]
    values: Array


class TrendView(TypedDict):
    curves: list[TrendCurve]
    places: list[Any]
    place_title: str
    recording_ids: list[int]
    names: list[str]
    labels: list[str | None]
    notes: list[str]


class Computed(NamedTuple):
    """What was computed of each recording, of shape (recordings, curves); NaN where nothing
    was, and how often for which reason."""

    values: Array
    refused: dict[str, int]


def trend_of(every: Siblings, settings: PlotSettings, orders: Callable[[], Orders]) -> TrendView:
    """Stored statistics of all recordings, or what is computed of at most 120 of them.

    Of a feature that was extracted, see :mod:`services.signals.feature_trend`.

    ``orders`` looks the bearing up, where its lines are wanted.

    Raises
    ------
    Invalid
        If it cannot be computed of any of them.
    """
    if settings.overview.quantity is Quantity.LEVELS:
        return _levels(every)
    chosen = every.some(MOST_COMPUTED)
    if settings.overview.quantity is Quantity.VELOCITY:
        return _velocities(chosen)
    return _bearing_lines(chosen, settings, orders())


def _levels(every: Siblings) -> TrendView:
    """Without the mean, as the overall values are."""
    stored = np.array(
        [[row.minimum, row.maximum, row.mean, row.rms, row.kurtosis] for row in every.rows],
        dtype=np.float64,  # None becomes NaN
    ).reshape(-1, 5)
    low, high, mean, rms, kurtosis = stored.T
    rms = np.sqrt(np.maximum(np.square(rms) - np.square(mean), 0.0))
    peak = np.maximum(high - mean, mean - low)
    crest = np.full(rms.shape, np.nan)
    np.divide(peak, rms, out=crest, where=rms > 0)
    unmeasured = int(np.isnan(stored).any(axis=1).sum())
    notes = ["stored statistics of all samples, without the mean"]
    if unmeasured:
        notes.append(
            f"not measured yet: {unmeasured} of {len(every.rows)}, which the page of the data "
            "set can start"
        )
    curves = [
        curve_of("rms", "RMS", every.unit, rms),
        curve_of("peak", "True peak", every.unit, peak),
        curve_of("crest_factor", "Crest factor", "", crest),
        curve_of("kurtosis", "Kurtosis", "", kurtosis),
    ]
    return view_of(every, curves, notes)


def _velocities(chosen: Siblings) -> TrendView:
    def compute(row: Sibling) -> list[float]:
        part = read_middle(row)
        with refusals():
            found = velocity_rms(part.samples, part.sample_rate_hz, part.unit)
        if found.value is None:
            raise Invalid(found.note)
        return [found.value]

    found = _kept("velocity", chosen, {}, compute)
    curve = curve_of("velocity_rms", "Velocity RMS", Unit.VELOCITY.value, found.values[:, 0])
    notes = ["10 Hz to 1 kHz, of the middle of each recording", *left_out(found.refused)]
    return view_of(chosen, [curve], notes)


def _bearing_lines(chosen: Siblings, settings: PlotSettings, orders: Orders) -> TrendView:
    tolerance = max(settings.overlay.tolerance_percent / 100, LEAST_TOLERANCE)

    def compute(row: Sibling) -> list[float]:
        return _lines(row, settings, orders, tolerance)

    typed = settings.envelope
    said = {
        "orders": dict(orders),
        "tolerance": tolerance,
        "band": [typed.low_hz, typed.high_hz],
        "speed": [settings.overlay.speed_rpm, settings.overlay.speed_source.value],
    }
    found = _kept("bearing", chosen, said, compute)
    curves = [
        curve_of(fault, title, chosen.unit, values)
        for (fault, title), values in zip(LINES.items(), found.values.T, strict=True)
    ]
    notes = [*_line_words(chosen, settings, tolerance), *left_out(found.refused)]
    notes += _not_apart(chosen, settings, orders, tolerance)
    return view_of(chosen, curves, notes)


def _lines(row: Sibling, settings: PlotSettings, orders: Orders, tolerance: float) -> list[float]:
    """Amplitudes of the envelope at the fault frequencies of one recording."""
    speed_rpm = speed_of(row, settings)
    if speed_rpm is None:
        raise Invalid("The speed of the shaft is not known. Type it.")
    part = read_middle(row)
    with refusals():
        band = band_of(settings, part.sample_rate_hz)
        context = Context(speed_rpm / 60, orders, tolerance, band)
        batch = Batch(part.samples[None], part.sample_rate_hz, context)
        found = [float(fault_amplitude(fault, 1)(batch)[0]) for fault in LINES]
    if not np.isfinite(found).any():
        raise Invalid("A recording of this length or rate does not show the fault frequencies.")
    return found


def _line_words(chosen: Siblings, settings: PlotSettings, tolerance: float) -> list[str]:
    bands = {band_of(settings, row.sample_rate_hz) for row in chosen.rows}
    told = sorted(f"{band.low_hz:.5g} to {band.high_hz:.5g} Hz" for band in bands)
    return [
        f"highest line of the envelope of {', '.join(told)} within {100 * tolerance:.3g} % of "
        "the fault frequency, at least two lines to each side",
        f"0 to peak, of the middle of each recording, {speed_words(settings)}",
    ]


def _not_apart(
    chosen: Siblings, settings: PlotSettings, orders: Orders, tolerance: float
) -> list[str]:
    """Fault frequencies that so short recordings show as one."""
    row = min(chosen.rows, key=lambda row: row.sample_count / row.sample_rate_hz)
    shaft_hz = (speed_of(row, settings) or 0.0) / 60
    line_hz = row.sample_rate_hz / min(row.sample_count, SAMPLES_EACH)
    wanted_hz = {fault: orders[name] * times * shaft_hz for fault, (name, times) in _ASKED.items()}
    found = []
    for one, other in combinations(LINES, 2):
        reach_hz = sum(max(tolerance * wanted_hz[each], 2 * line_hz) for each in (one, other))
        if abs(wanted_hz[one] - wanted_hz[other]) < reach_hz:
            found.append(f"{LINES[one]} and {LINES[other]}")
    if not found or not shaft_hz:
        return []
    return [f"not told apart by lines {line_hz:.3g} Hz apart: {', '.join(found)}"]


def _kept(
    name: str,
    chosen: Siblings,
    said: Mapping[str, Any],
    compute: Callable[[Sibling], Sequence[float]],
) -> Computed:
    """Samples never change, so what was computed of them is kept for a day."""
    about = [[row.artefact_key, row.channel, row.speed_rpm] for row in chosen.rows]
    text = json.dumps([name, about, said], sort_keys=True)
    key = f"trend:{hashlib.sha256(text.encode()).hexdigest()}"
    kept = CacheService.get_or_compute(key, lambda: _each(chosen.rows, compute), CACHE_TTL_DAY)
    found = Computed(np.array(kept["values"], dtype=np.float64), kept["refused"])
    if not np.isfinite(found.values).any():
        raise Invalid(next(iter(found.refused), "There is no recording to show."))
    return found


def _each(rows: Sequence[Sibling], compute: Callable[[Sibling], Sequence[float]]) -> dict[str, Any]:
    """As JSON has it: None for what is not finite."""
    refused: dict[str, int] = {}
    found: list[Sequence[float] | None] = []
    for row in rows:
        try:
            found.append(compute(row))
        except Invalid as error:
            found.append(None)
            refused[error.message] = refused.get(error.message, 0) + 1
    width = max((len(one) for one in found if one is not None), default=1)
    values = [
        [value if np.isfinite(value) else None for value in one] if one else [None] * width
        for one in found
    ]
    return {"values": values, "refused": refused}


def curve_of(name: str, title: str, unit: str, values: Array) -> TrendCurve:
    """Values of all recordings, NaN where there is none; of very many the extremes."""
    known = np.flatnonzero(np.isfinite(values))
    at, shown = reduce_line(known.astype(np.float64), values[known], MOST_POINTS)
    return {
        "name": name,
        "title": title,
        "unit": unit,
        "at": at.astype(np.intp),
        "values": shown.astype(np.float64),
    }


def view_of(chosen: Siblings, curves: list[TrendCurve], notes: Sequence[str]) -> TrendView:
    """Curves with the recordings that they go through."""
    thinned = []
    if len(chosen.rows) > MOST_POINTS:
        some = -(-len(chosen.rows) // (MOST_POINTS // 2))
        thinned = [f"drawn: the lowest and the highest of each {some} recordings"]
    return {
        "curves": curves,
        "places": chosen.place.values,
        "place_title": chosen.place.title,
        "recording_ids": [row.recording_id for row in chosen.rows],
        "names": [row.name for row in chosen.rows],
        "labels": [row.label for row in chosen.rows],
        "notes": [*chosen.notes, *notes, *thinned],
    }
