"""Spectra of the recordings of a channel, one above the other."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals import envelope
from diagnostics.signals.processing import process
from diagnostics.signals.recording_file import open_recording
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum
from diagnostics.signals.speed_axis import FrequencyAxis, hz_per_unit
from diagnostics.signals.waterfall import stack_spectra
from services.errors import Invalid
from services.runtime import artefacts
from services.signal_service import refusals
from services.signals.cards import WINDOWS
from services.signals.settings import PlotSettings, SpeedSource, StackedPlot
from services.signals.siblings import Sibling, Siblings

Array = NDArray[Any]

MOST_STACKED = 60
SAMPLES_EACH = 2**16
"""From the middle of each recording: 60 of them in well under a second."""
COLUMNS = 600
MODULATION_HZ, MODULATION_ORDERS = 1_000.0, 40


class WaterfallView(TypedDict):
    """``values`` (recordings, columns), ``places`` along the axis of the recordings.

    ``squared`` where the values are those of squared envelopes.
    """

    x: Array
    values: Array
    x_title: str
    unit: str
    squared: bool
    places: list[Any]
    place_title: str
    recording_ids: list[int]
    names: list[str]
    notes: list[str]


class Stretch(NamedTuple):
    """The middle of a recording, as far as it is used."""

    samples: Array
    sample_rate_hz: float
    unit: Unit


def read_middle(row: Sibling, most: int = SAMPLES_EACH) -> Stretch:
    """At most so many samples from the middle of a recording."""
    with refusals(), open_recording(artefacts().local_path(row.artefact_key)) as file:
        start = max(file.sample_count - most, 0) // 2
        samples = file.read(row.channel, start, start + most)
        return Stretch(samples, row.sample_rate_hz, file.channels[row.channel].unit)


def waterfall_of(every: Siblings, settings: PlotSettings) -> WaterfallView:
    """At most 60 recordings, each by the spectrum of its middle.

    Raises
    ------
    Invalid
        If there is no recording, or no spectrum of any can be shown so.
    """
    chosen = every.some(MOST_STACKED)
    stacked: list[tuple[int, Spectrum]] = []
    refused: dict[str, int] = {}
    unit, usual_stop = chosen.unit, 0.0
    for at, row in enumerate(chosen.rows):
        try:
            found, unit, stop = _spectrum(row, settings)
        except Invalid as error:
            refused[error.message] = refused.get(error.message, 0) + 1
            continue
        stacked.append((at, found))
        usual_stop = max(usual_stop, stop)
    if not stacked:
        raise Invalid(next(iter(refused), "There is no recording to show."))
    low, high = _shown_part(settings, usual_stop)
    with refusals():
        found_all = stack_spectra([one for _, one in stacked], low, high, COLUMNS)
    kept = [at for at, _ in stacked]
    axis = settings.axes.x
    return {
        "x": found_all.frequencies_hz,
        "values": found_all.values.astype(np.float32),
        "x_title": axis.axis_title,
        "unit": unit,
        "squared": _is_squared(settings),
        "places": [chosen.place.values[at] for at in kept],
        "place_title": chosen.place.title,
        "recording_ids": [chosen.rows[at].recording_id for at in kept],
        "names": [chosen.rows[at].name for at in kept],
        "notes": [*chosen.notes, *_told(settings), *left_out(refused)],
    }


def left_out(refused: dict[str, int]) -> list[str]:
    """Why recordings are missing, and how many."""
    return [f"{count} left out: {reason.rstrip('.')}" for reason, count in refused.items()]


def speed_of(row: Sibling, settings: PlotSettings) -> float | None:
    """The typed speed for all, or that of each recording; none is estimated here."""
    if settings.overlay.speed_source is SpeedSource.TYPED:
        return settings.overlay.speed_rpm
    return row.speed_rpm or None  # 0 tells nothing of orders


def speed_words(settings: PlotSettings) -> str:
    source = settings.overlay.speed_source
    if source is SpeedSource.TYPED:
        return "typed speed for all"
    estimated = source is SpeedSource.ESTIMATED
    return f"recorded speed of each{', none is estimated here' if estimated else ''}"


def band_of(settings: PlotSettings, sample_rate_hz: float) -> envelope.Band:
    """The typed band, its open ends those of the usual one."""
    usual = envelope.default_band(sample_rate_hz)
    typed = settings.envelope
    return envelope.Band(
        usual.low_hz if typed.low_hz is None else typed.low_hz,
        usual.high_hz if typed.high_hz is None else typed.high_hz,
    )


def _spectrum(row: Sibling, settings: PlotSettings) -> tuple[Spectrum, str, float]:
    """With its unit, and where it usually ends; frequencies as the axis counts them."""
    part = read_middle(row)
    window, detector = settings.spectrum.window, settings.spectrum.detector
    speed_rpm = speed_of(row, settings)
    with refusals():
        done = process(part.samples, part.sample_rate_hz, part.unit, settings.processing.processing)
        per_unit = hz_per_unit(settings.axes.x, speed_rpm)
        if settings.overview.stacked is StackedPlot.ENVELOPE:
            band = band_of(settings, min(part.sample_rate_hz, done.sample_rate_hz))
            found = envelope.envelope_spectrum(
                done.samples,
                done.sample_rate_hz,
                band,
                settings.envelope.squared,
                window,
                detector,
            )
            modulation_hz = max(MODULATION_HZ, MODULATION_ORDERS * (speed_rpm or 0.0) / 60)
            stop_hz = min(band.width_hz, modulation_hz)
        else:
            found = amplitude_spectrum(done.samples, done.sample_rate_hz, window, detector)
            stop_hz = done.sample_rate_hz / 2
    unit = f"({done.unit.value})²" if _is_squared(settings) else done.unit.value
    return Spectrum(found.frequencies_hz / per_unit, found.values), unit, stop_hz / per_unit


def _shown_part(settings: PlotSettings, usual_stop: float) -> tuple[float, float]:
    """The frequencies that are zoomed to, as the axis counts them; orders are shown whole."""
    axis, zoom = settings.axes.x, settings.spectrum
    if axis is FrequencyAxis.ORDERS:
        return 0.0, usual_stop
    low = 0.0 if zoom.zoom_low_hz is None else zoom.zoom_low_hz / hz_per_unit(axis)
    high = usual_stop if zoom.zoom_high_hz is None else zoom.zoom_high_hz / hz_per_unit(axis)
    return low, high


def _is_squared(settings: PlotSettings) -> bool:
    return settings.overview.stacked is StackedPlot.ENVELOPE and settings.envelope.squared


def _told(settings: PlotSettings) -> list[str]:
    of = "envelope" if settings.overview.stacked is StackedPlot.ENVELOPE else "signal"
    told = [
        f"spectrum of the {of} of the middle of each, at most {SAMPLES_EACH} samples",
        f"{WINDOWS[settings.spectrum.window]} window, {COLUMNS} bands, the highest line of each",
    ]
    if settings.axes.x is FrequencyAxis.ORDERS:
        told.append(speed_words(settings))
    return told
