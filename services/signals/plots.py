"""The plots of a part of a signal: what each is given as, and how it comes about."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.display import reduce_line
from diagnostics.signals.kurtogram import Cell
from diagnostics.signals.speed_axis import FrequencyAxis, hz_per_unit
from services.errors import Invalid
from services.signals import curves, parts, pictures
from services.signals.cards import card_of, ends_of
from services.signals.curves import ALL, Computed, Span
from services.signals.parts import PartView, Place, ProcessedPart, read_processed
from services.signals.settings import PlotSettings, SpectrumSettings
from services.signals.speed import ShaftSpeed, shaft_speed

Array = NDArray[Any]

LINE_POINTS = 2_400
COSTLY_OVERLAP = 0.75
"""Above it fewer samples are used: segments that overlap more take so many times longer."""


class PlotKind(enum.StrEnum):
    SPECTRUM = "spectrum"
    DENSITY = "density"
    ENVELOPE = "envelope"
    CEPSTRUM = "cepstrum"
    SPECTROGRAM = "spectrogram"
    SCALOGRAM = "scalogram"
    KURTOGRAM = "kurtogram"


class CellView(TypedDict):
    """One band of a kurtogram."""

    level: float
    low_hz: float
    high_hz: float
    kurtosis: float


class PlotView(PartView):
    """One plot. Frequencies are in Hz whatever the axis counts: draw ``x * x_factor``.

    ========================  ==================  ========================  ====================
    kind                      ``x``               ``y``                     ``values``
    ========================  ==================  ========================  ====================
    spectrum, envelope        frequencies, Hz     amplitudes, ``value_unit``  empty
    density                   frequencies, Hz     ``value_unit``            empty
    cepstrum                  quefrencies, s      natural logarithms        empty
    spectrogram, scalogram    times, s            frequencies, Hz           dB re 1 ``value_unit``
    kurtogram                 frequencies, Hz     rows, from 0              kurtosis
    ========================  ==================  ========================  ====================

    ``values`` has the shape (y, x). ``unit`` is that of the processed signal, ``value_unit``
    that of the values. ``x_span`` is the part of ``x`` to show. For pictures over frequency
    (spectrogram, scalogram) the factor and the title of the frequency axis are those of ``y``.
    ``axis`` is what the frequencies are counted in: that of the settings, or Hz when orders
    were asked for and no speed is known. ``band`` is that of the envelope, or the best one of
    a kurtogram, whose bands are ``cells`` (row for row, upwards) of the ``levels``. ``card``
    has a title and a text in each row; ``notes`` are sentences.
    """

    kind: str
    x: Array
    y: Array
    values: Array
    value_unit: str
    axis: str
    x_factor: float
    x_title: str
    x_span: tuple[float, float]
    resolution_hz: float | None
    segment: int | None
    band: tuple[float, float] | None
    levels: list[float]
    cells: list[list[CellView]]
    speed_rpm: float | None
    speed_source: str
    shaft_hz: float
    card: list[tuple[str, str]]
    notes: list[str]


Compute = Callable[[ProcessedPart, Span], Computed]
COMPUTE: dict[PlotKind, Compute] = {
    PlotKind.SPECTRUM: curves.spectrum_of,
    PlotKind.DENSITY: curves.density_of,
    PlotKind.ENVELOPE: curves.envelope_of,
    PlotKind.CEPSTRUM: curves.cepstrum_of,
    PlotKind.SPECTROGRAM: pictures.spectrogram_of,
    PlotKind.SCALOGRAM: pictures.scalogram_of,
    PlotKind.KURTOGRAM: pictures.kurtogram_of,
}
CURVES = (PlotKind.SPECTRUM, PlotKind.DENSITY, PlotKind.ENVELOPE, PlotKind.CEPSTRUM)
ZOOMED = (PlotKind.SPECTRUM, PlotKind.DENSITY, PlotKind.ENVELOPE)


def kind_of(name: str) -> PlotKind:
    """The plot of a name.

    Raises
    ------
    Invalid
        If there is no such plot.
    """
    try:
        return PlotKind(name)
    except ValueError:
        words = ", ".join(PlotKind)
        raise Invalid(f"There is no plot {name}. Plots are {words}.") from None


def compute(
    kind: PlotKind, place: Place, settings: PlotSettings, shown: Span = ALL
) -> tuple[ProcessedPart, Computed]:
    """The samples that a plot is made of, and all the lines or tiles of the plot.

    Raises
    ------
    NotFound, Invalid
        If there is no such recording or channel, or the settings do not fit it.
    """
    part = read_processed(place, settings, _most(kind, settings), quick=True)
    if shown == ALL and kind in ZOOMED:
        shown = _zoom(settings.spectrum, part.sample_rate_hz / 2)
    return part, COMPUTE[kind](part, shown)


def plot_of(kind: PlotKind, place: Place, settings: PlotSettings, shown: Span = ALL) -> PlotView:
    """A plot as it is drawn: a curve has at most ``LINE_POINTS`` points, its peaks among them.

    Raises
    ------
    NotFound, Invalid
        As :func:`compute`.
    """
    part, done = compute(kind, place, settings, shown)
    speed = shaft_speed(*place, settings.overlay)
    axis, factor, noted = _axis(settings.axes.x, speed)
    x, y = _thinned(done, shown) if kind in CURVES else (done.x, done.y)
    title = "Quefrency [s]" if kind is PlotKind.CEPSTRUM else axis.axis_title
    return {
        **part.view(),
        "kind": kind.value,
        "x": x,
        "y": y,
        "values": done.values,
        "value_unit": done.value_unit,
        "axis": axis.value,
        "x_factor": 1.0 if kind is PlotKind.CEPSTRUM else factor,
        "x_title": title,
        "x_span": done.x_span,
        "resolution_hz": done.resolution_hz,
        "segment": done.segment,
        "band": None if done.band is None else (done.band.low_hz, done.band.high_hz),
        "levels": [row[0].level for row in done.cells],
        "cells": [[_cell(one) for one in row] for row in done.cells],
        "speed_rpm": speed.rpm,
        "speed_source": speed.source,
        "shaft_hz": speed.shaft_hz,
        "card": card_of(done.title, done.counted_unit, part, speed, done).rows(),
        "notes": [*done.noted, *ends_of(part), *noted],
    }


def _zoom(wanted: SpectrumSettings, highest_hz: float) -> Span:
    """The frequencies of the settings, checked."""
    low, high = wanted.zoom_low_hz, wanted.zoom_high_hz
    if not (low or 0.0) < (highest_hz if high is None else high) <= highest_hz:
        raise Invalid(
            f"The zoomed part must lie between 0 and {highest_hz:g} Hz and end above its "
            f"beginning, got {low or 0.0:g} to {highest_hz if high is None else high:g} Hz."
        )
    return low, high


def _axis(wanted: FrequencyAxis, speed: ShaftSpeed) -> tuple[FrequencyAxis, float, list[str]]:
    """What is counted, how many of it one hertz is, and what to say of it."""
    if wanted is FrequencyAxis.ORDERS and not speed.rpm:
        return FrequencyAxis.HZ, 1.0, [f"Shown in Hz, since orders need a speed. {speed.how}"]
    return wanted, 1 / hz_per_unit(wanted, speed.rpm), []


def _thinned(done: Computed, shown: Span) -> tuple[Array, Array]:
    """The shown part and one line beyond each end, so that the curve leaves the plot."""
    low, high = done.x_span if shown == ALL else shown
    first = 0 if low is None else int(np.searchsorted(done.x, low)) - 1
    stop = done.x.size if high is None else int(np.searchsorted(done.x, high, side="right")) + 1
    first = min(max(first, 0), done.x.size - 2)
    part = slice(first, max(stop, first + 2))
    return reduce_line(done.x[part], done.y[part], LINE_POINTS)


def _cell(cell: Cell) -> CellView:
    return {
        "level": cell.level,
        "low_hz": cell.band.low_hz,
        "high_hz": cell.band.high_hz,
        "kurtosis": cell.kurtosis,
    }


def _most(kind: PlotKind, settings: PlotSettings) -> int:
    wanted = settings.spectrum
    segments = kind in (PlotKind.DENSITY, PlotKind.SPECTROGRAM) or wanted.averaging is not None
    if not segments or wanted.overlap <= COSTLY_OVERLAP:
        return parts.MOST_SAMPLES
    return round(parts.MOST_SAMPLES * (1 - wanted.overlap) / (1 - COSTLY_OVERLAP))
