"""The highest lines of a spectrum, each with what may have made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np

from diagnostics.bearings.frequencies import BALL_SPIN, SHAFT, FaultLine, nearest
from diagnostics.signals.peaks import Peak, find_peaks
from diagnostics.signals.spectrum import Spectrum
from services.signal_service import refusals

MOST_PEAKS = 20
LEAST_DB = 12.0
LEAST_LINES = 256
"""Among fewer, the floor between the peaks is not to be seen."""
FARTHEST = 0.05
"""A line that is farther away than this share of its frequency explains nothing."""
ALIKE = 0.005
"""Multiples of one defect are off by the same share, to the accuracy of a peak."""


class Explained(TypedDict):
    """The line nearest to a frequency, and by how much that is off; None where none is near.

    ``inside`` says whether the frequency lies within the tolerance of the line.
    """

    order: float | None
    kind: str | None
    line: str | None
    line_hz: float | None
    deviation_percent: float | None
    inside: bool


class PeakRow(Explained):
    frequency_hz: float
    value: float
    above_floor_db: float


class ValueRow(Explained):
    """What the line of a spectrum shows that is nearest to where a cursor stands."""

    at_hz: float
    frequency_hz: float
    value: float


def peak_rows(
    spectrum: Spectrum,
    lines: Sequence[FaultLine],
    shaft_hz: float,
    span_hz: tuple[float, float],
    *,
    is_power: bool = False,
) -> list[PeakRow]:
    """Highest first, those between the frequencies that are shown.

    A spectrum of power is looked at as its root, since peaks are told by amplitudes.

    There are so many multiples and sidebands, each with its tolerance, that one lies at nearly
    every peak. They explain one only where the first line of the defect is a peak as well, off
    by as much.

    Raises
    ------
    Invalid
        If the spectrum has too few lines.
    """
    found = _peaks(spectrum, span_hz, is_power=is_power)
    off = _first_lines_off(spectrum, lines, is_power=is_power)
    return [
        {
            "frequency_hz": peak.frequency_hz,
            "value": peak.value**2 if is_power else peak.value,
            "above_floor_db": peak.above_floor_db,
            **explained(peak.frequency_hz, _credible(peak.frequency_hz, lines, off), shaft_hz),
        }
        for peak in found
        if span_hz[0] <= peak.frequency_hz <= span_hz[1]
    ]


def _peaks(spectrum: Spectrum, span_hz: tuple[float, float], *, is_power: bool) -> list[Peak]:
    low, high = np.searchsorted(spectrum.frequencies_hz, span_hz)
    # A few lines beyond each end: a peak on the edge has neighbours to be compared with.
    part = slice(max(int(low) - 4, 0), int(high) + 4)
    values = np.sqrt(spectrum.values[part]) if is_power else spectrum.values[part]
    shown = Spectrum(spectrum.frequencies_hz[part], values, spectrum.averages)
    with refusals():
        return find_peaks(shown, MOST_PEAKS, LEAST_DB)


def _is_first(line: FaultLine) -> bool:
    """A damaged ball strikes twice in a spin, and often shows no line at one times it."""
    return not line.sideband and line.harmonic <= (2 if line.kind == BALL_SPIN else 1)


def _first_lines_off(
    spectrum: Spectrum, lines: Sequence[FaultLine], *, is_power: bool
) -> dict[str, list[float]]:
    """By which shares the peaks are off that lie within the first line of each defect."""
    found: dict[str, list[float]] = {}
    first_hz = max((line.high_hz for line in lines if _is_first(line)), default=0.0)
    if not first_hz:
        return found
    # From the beginning, wherever somebody has zoomed in, and far enough to see a floor.
    up_to_hz = max(first_hz, LEAST_LINES * spectrum.resolution_hz)
    lowest = _peaks(spectrum, (0.0, up_to_hz), is_power=is_power)
    peaks_hz = [peak.frequency_hz for peak in lowest]
    for line in filter(_is_first, lines):
        inside = [hz for hz in peaks_hz if line.low_hz <= hz <= line.high_hz]
        found.setdefault(line.kind, []).extend(_deviation(hz, line) for hz in inside)
    return found


def _credible(
    frequency_hz: float, lines: Sequence[FaultLine], off: Mapping[str, Sequence[float]]
) -> list[FaultLine]:
    return [
        line
        for line in lines
        if line.kind == SHAFT
        or _is_first(line)
        or any(abs(_deviation(frequency_hz, line) - one) <= ALIKE for one in off.get(line.kind, ()))
    ]


def value_rows(
    spectrum: Spectrum,
    at_hz: Sequence[float],
    lines: Sequence[FaultLine],
    shaft_hz: float,
    *,
    whole: Spectrum | None = None,
    is_power: bool = False,
) -> list[ValueRow]:
    """The lines of the spectrum nearest to some frequencies; those beyond its end are left out.

    The nearest line is named in any case, since somebody has chosen the place; it counts as
    ``inside`` only where :func:`peak_rows` would name it. ``whole`` is the spectrum before
    somebody zoomed in, which has the first lines.
    """
    every = spectrum.frequencies_hz
    step = spectrum.resolution_hz
    inside = [hz for hz in at_hz if every[0] - step / 2 <= hz <= every[-1] + step / 2]
    places = [int(np.abs(every - hz).argmin()) for hz in inside]
    off = _first_lines_off(whole or spectrum, lines, is_power=is_power)
    rows: list[ValueRow] = []
    for hz, place in zip(inside, places, strict=True):
        named = explained(hz, lines, shaft_hz)
        named["inside"] = explained(hz, _credible(hz, lines, off), shaft_hz)["inside"]
        frequency_hz, value = float(every[place]), float(spectrum.values[place])
        rows.append({"at_hz": hz, "frequency_hz": frequency_hz, "value": value, **named})
    return rows


def explained(frequency_hz: float, lines: Sequence[FaultLine], shaft_hz: float) -> Explained:
    """What lies at a frequency, or nearest to it."""
    order = frequency_hz / shaft_hz if shaft_hz else None
    line = nearest(frequency_hz, lines)
    inside = line is not None
    if line is None:
        mains = [one for one in lines if not one.sideband] if frequency_hz > 0 else []
        line = min(mains, key=lambda one: abs(_deviation(frequency_hz, one)), default=None)
        if line is not None and abs(_deviation(frequency_hz, line)) > FARTHEST:
            line = None
    if line is None:
        return {
            "order": order,
            "kind": None,
            "line": None,
            "line_hz": None,
            "deviation_percent": None,
            "inside": False,
        }
    return {
        "order": order,
        "kind": line.kind,
        "line": line.name,
        "line_hz": line.frequency_hz,
        "deviation_percent": 100 * _deviation(frequency_hz, line),
        "inside": inside,
    }


def _deviation(frequency_hz: float, line: FaultLine) -> float:
    return frequency_hz / line.frequency_hz - 1
