"""Where errors gather, and the recordings that were hardest, with a picture of each."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.error_rates import error_rates
from diagnostics.evaluation.items import Items
from diagnostics.evaluation.report import WorstRecording
from diagnostics.importers.attribute_titles import title_and_unit, title_of
from diagnostics.signals.recording_file import open_recording
from models import Bearing, Machine, Recording
from services.datasets.versions import chunks
from services.errors import ServiceError
from services.runtime import artefacts
from services.signal_service import refusals

MOST_HARD = 12
STRETCHES = 120
# Those that every recording may have come first.
TITLES = {
    "speed_rpm": "Speed [rpm]",
    "load": "Load",
    "severity": "Severity",
    "machine": "Machine",
    "bearing": "Bearing",
    "sample_rate_hz": "Sampling rate [Hz]",
}


class HardRecording(TypedDict):
    """``minimum`` and ``maximum`` of stretches of the whole recording; empty if it is gone."""

    recording_id: int
    name: str
    group: str
    true_class: str
    predicted_class: str
    probability_of_true: float
    windows: int
    duration_s: float
    start_s: float
    stop_s: float
    unit: str
    minimum: list[float]
    maximum: list[float]


class AttributeRates(TypedDict):
    name: str
    title: str
    numeric: bool
    bins: list[dict[str, Any]]
    missing: int


Known = Mapping[str, Mapping[int, float | str | None]]


def known_of(session: Session, numbers: Collection[int]) -> dict[str, dict[int, float | str]]:
    """What is known of recordings, by the name of the field."""
    found: dict[str, dict[int, float | str]] = {}
    wanted = (
        select(Recording, Bearing.name, Machine.name)
        .outerjoin(Bearing, Bearing.id == Recording.bearing_id)
        .outerjoin(Machine, Machine.id == Recording.machine_id)
    )
    for some in chunks(sorted(numbers)):
        rows = session.execute(wanted.where(Recording.id.in_(some)))
        for recording, bearing, machine in rows:
            columns: dict[str, Any] = {
                "speed_rpm": recording.speed_rpm,
                "load": recording.load,
                "bearing": bearing,
                "machine": machine,
                "sample_rate_hz": recording.sample_rate_hz,
            }
            # What is not known must not hide an attribute of the same name.
            known = {name: value for name, value in columns.items() if value is not None}
            for name, value in {**recording.attributes, **known}.items():
                if value not in (None, "") and not isinstance(value, list | dict):
                    found.setdefault(name, {})[recording.id] = _plain(value)
    return found


def rates_by_attribute(items: Items, known: Known, seed: int) -> list[AttributeRates]:
    """Fields that tell recordings apart, those that every recording may have first."""
    order = list(TITLES)
    names = sorted(known, key=lambda n: (order.index(n) if n in order else len(order), n))
    found: list[AttributeRates] = []
    for name in names:
        rates = None if _is_said_better(name, known) else error_rates(items, known[name], seed)
        if rates is None:
            continue
        found.append(
            {
                "name": name,
                "title": TITLES.get(name) or title_of(name),
                "numeric": rates.numeric,
                "bins": [asdict(one) for one in rates.bins],
                "missing": rates.missing,
            }
        )
    return found


def _is_said_better(name: str, known: Known) -> bool:
    """Whether a load of “3 hp” is there as a number that says its unit, too: ``load_hp``."""
    return any(
        title.lower() == name and unit and known[name] in (values, _with_unit(values, unit))
        for (title, unit), values in ((title_and_unit(one), known[one]) for one in known)
    )


def _with_unit(values: Mapping[int, float | str | None], unit: str) -> dict[int, str]:
    return {
        number: f"{value:g} {unit}" if isinstance(value, float) else str(value)
        for number, value in values.items()
    }


def hardest(session: Session, worst: Sequence[WorstRecording], channel: int) -> list[HardRecording]:
    """The recordings whose true class got least, with their extremes over time."""
    rows = {
        row.id: row
        for row in session.scalars(
            select(Recording).where(Recording.id.in_([one.recording_id for one in worst]))
        )
    }
    return [_hard(one, rows.get(one.recording_id), channel) for one in worst[:MOST_HARD]]


def _hard(one: WorstRecording, recording: Recording | None, channel: int) -> HardRecording:
    low, high, unit = _extremes(recording, channel)
    name = f"Recording {one.recording_id}" if recording is None else recording.name
    length = recording.sample_count / recording.sample_rate_hz if recording is not None else 0.0
    return {
        "recording_id": one.recording_id,
        "name": name,
        "group": one.group,
        "true_class": one.true_class,
        "predicted_class": one.predicted_class,
        "probability_of_true": one.probability_of_true,
        "windows": one.windows,
        "duration_s": length,
        "start_s": one.worst_window_start_s,
        # All of it where nothing is known of single windows.
        "stop_s": one.worst_window_stop_s
        if one.worst_window_stop_s > one.worst_window_start_s
        else length,
        "unit": unit,
        "minimum": low,
        "maximum": high,
    }


def _extremes(recording: Recording | None, channel: int) -> tuple[list[float], list[float], str]:
    """Nothing for a recording whose file is lost: the rest of the page is still right."""
    if recording is None:
        return [], [], ""
    try:
        path = artefacts().local_path(recording.artefact_key)
        with refusals(), open_recording(path) as file:
            found = file.envelope(channel, 0, file.sample_count, STRETCHES)
            unit = file.channels[channel].unit.value
    except ServiceError:
        return [], [], ""
    return np.asarray(found.minimum).tolist(), np.asarray(found.maximum).tolist(), unit


def _plain(value: Any) -> float | str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        number = float(value)  # a load is kept as text
    except (TypeError, ValueError):
        return str(value)
    return number if math.isfinite(number) else str(value)
