"""Up to six recordings by the same plot, in one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.signal import Unit
from services.errors import Invalid
from services.recording_service import RecordingService, RecordingView
from services.signal_view_service import SignalViewService
from services.signals.settings import MOTION, ComparedPlot, PlotSettings

Array = NDArray[Any]
Settings = Mapping[str, Any]
Ends = tuple[float | None, float | None]


class ComparedCurve(TypedDict):
    """One recording. ``refused`` says why it cannot be drawn beside the others, or nothing."""

    recording_id: int
    name: str
    label: str | None
    channel: str
    unit: str
    sample_rate_hz: float
    start_s: float | None
    stop_s: float | None
    resolution_hz: float | None
    x: Array
    y: Array
    remarks: list[str]
    refused: str


class ComparisonView(TypedDict):
    """``x`` of all curves counts what ``x_title`` says, ``y`` is in ``value_unit``.

    ``card`` is that of the first one, made in the same way as the others.
    """

    plot: str
    x_title: str
    x_span: tuple[float, float] | None
    unit: str
    value_unit: str
    curves: list[ComparedCurve]
    card: list[tuple[str, str]]


class _Drawn(NamedTuple):
    """``axis`` is what ``x`` counts; two curves that count differently cannot be compared.

    ``span`` is the part to show in Hz or s, ``x_span`` as the axis counts it.
    """

    x: Array
    y: Array
    axis: str
    x_title: str
    x_span: tuple[float, float]
    span: tuple[float, float]
    value_unit: str
    start_s: float
    stop_s: float
    resolution_hz: float | None
    remarks: list[str]
    card: list[tuple[str, str]]


@dataclass(frozen=True)
class _Asked:
    """What is shown of each recording; ``settings`` have the unit of the first one."""

    plot: ComparedPlot
    channel_name: str
    channel: int
    times: Ends
    unit: Unit
    settings: dict[str, Any]


def comparison_of(
    recording_ids: Sequence[int],
    channel: int,
    times: Ends,
    settings: PlotSettings,
) -> ComparisonView:
    """The first recording with the others, each by its channel of the same name.

    The unit of the first one holds for all. A recording that cannot be shown so is refused by
    itself.

    Raises
    ------
    NotFound, Invalid
        If a recording does not exist, or the first one cannot be shown.
    """
    known = [RecordingService.get_recording(one) for one in recording_ids]
    if not 0 <= channel < len(known[0]["channels"]):
        raise Invalid(f"There is no channel {channel}; it has {len(known[0]['channels'])}.")
    own = known[0]["channels"][channel]
    unit = settings.processing.unit or Unit(own["unit"])
    given = settings.to_mapping()
    asked = _Asked(settings.compare.plot, own["name"], channel, times, unit, given)
    first = _draw(asked, known[0], channel)
    curves = [_curve(known[0], channel, first)]
    curves += [_beside(asked, other, first) for other in known[1:]]
    return {
        "plot": asked.plot.value,
        "x_title": first.x_title,
        "x_span": first.x_span,
        "unit": unit.value,
        "value_unit": first.value_unit,
        "curves": curves,
        "card": first.card,
    }


def _beside(asked: _Asked, known: RecordingView, first: _Drawn) -> ComparedCurve:
    """Another recording, with as fine lines in the part that is shown of the first one."""
    place, remarks = _same_channel(asked, known)
    own = Unit(known["channels"][place]["unit"])
    try:
        if own is not asked.unit and not {own, asked.unit} <= set(MOTION):
            raise Invalid(f"{own.value} cannot be converted to {asked.unit.value}.")
        drawn = _draw(asked, known, place, first.span)
        if drawn.axis != first.axis:
            raise Invalid("Its speed is not known, so that it cannot be shown in orders.")
    except Invalid as error:
        return {**_curve(known, place), "refused": error.message}
    if own is not asked.unit:
        remarks.append(f"converted from {own.value} to {asked.unit.value}")
    curve = _curve(known, place, drawn)
    return {**curve, "remarks": [*remarks, *drawn.remarks]}


def _same_channel(asked: _Asked, known: RecordingView) -> tuple[int, list[str]]:
    """By its name; otherwise that at the same place, or the first."""
    names = [one["name"] for one in known["channels"]]
    if asked.channel_name in names:
        return names.index(asked.channel_name), []
    place = asked.channel if asked.channel < len(names) else 0
    return place, [f"it has no channel “{asked.channel_name}”"]


def _curve(known: RecordingView, place: int, drawn: _Drawn | None = None) -> ComparedCurve:
    channel = known["channels"][place]
    nothing = np.empty(0)
    return {
        "recording_id": known["id"],
        "name": known["name"],
        "label": known["label"],
        "channel": channel["name"],
        "unit": channel["unit"],
        "sample_rate_hz": known["sample_rate_hz"],
        "start_s": drawn.start_s if drawn else None,
        "stop_s": drawn.stop_s if drawn else None,
        "resolution_hz": drawn.resolution_hz if drawn else None,
        "x": drawn.x if drawn else nothing,
        "y": drawn.y if drawn else nothing,
        "remarks": drawn.remarks if drawn else [],
        "refused": "",
    }


def _draw(asked: _Asked, known: RecordingView, place: int, span: Ends = (None, None)) -> _Drawn:
    """One recording in the unit of all, in the same part of its own time."""
    own = Unit(known["channels"][place]["unit"])
    # Where nothing is to be converted the setting stays away, since it takes motion only.
    settings = {**asked.settings, "unit": None if own is asked.unit else asked.unit.value}
    times, remarks = asked.times, []
    if times[0] is not None and times[0] >= known["duration_s"]:
        times, remarks = (None, None), ["ends before the shown time, so all of it"]
    where = (known["id"], place, *times)
    if asked.plot is ComparedPlot.WAVEFORM:
        return _waveform(where, settings, remarks)
    view = SignalViewService.plot(asked.plot.value, *where, settings, span)
    if view["sample_count"] < view["chosen_count"]:
        remarks.append("middle of the shown time")
    low, high = view["x_span"]
    return _Drawn(
        view["x"] * view["x_factor"],
        view["y"],
        view["axis"],
        view["x_title"],
        (low * view["x_factor"], high * view["x_factor"]),
        (low, high),
        view["value_unit"],
        view["start_s"],
        view["stop_s"],
        view["resolution_hz"],
        remarks,
        view["card"],
    )


def _waveform(
    where: tuple[int, int, float | None, float | None], settings: Settings, remarks: list[str]
) -> _Drawn:
    """With the extremes of each stretch, so that a single spike shows."""
    wave = SignalViewService.waveform(*where, settings=settings)
    span_s = wave["start_s"], wave["stop_s"]
    told = [note.rstrip(".") for note in wave["notes"]]
    return _Drawn(
        wave["times_s"],
        wave["values"],
        "s",
        "Time [s]",
        span_s,
        span_s,
        wave["unit"],
        *span_s,
        None,
        [*remarks, *told],
        wave["card"],
    )
