"""What the signals page shows of a recording: its waveform at any zoom, spectra, statistics."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.registry import FEATURES, Quantity
from diagnostics.signals import display, envelope, spectrogram, spectrum
from diagnostics.signals.recording_file import open_recording
from services import actor
from services.datasets.versions import latest_version
from services.runtime import artefacts, unit_of_work
from services.signal_service import SignalService, refusals
from services.signals.choices import RecordingChoice, choices_of
from services.signals.parts import (
    PartView,
    chosen_band,
    find_stored,
    read_part,
    samples_between,
)

Array = NDArray[Any]

STRETCHES = 1_100
"""Stretches of a waveform for one picture: about one for each pixel of its width."""
LINE_POINTS = 2_400
IMAGE_COLUMNS, IMAGE_ROWS = 400, 200
MODULATION_HZ, MODULATION_ORDERS = 1_000.0, 40
MOST_LISTED = 500

Span = tuple[float | None, float | None]
ALL: Span = (None, None)


class WaveformView(TypedDict):
    times_s: Array
    values: Array
    unit: str
    start_s: float
    stop_s: float
    duration_s: float


class CurveView(PartView):
    """``span_hz`` is the part of the frequencies that is to be shown."""

    frequencies_hz: Array
    values: Array
    resolution_hz: float
    span_hz: tuple[float, float]


class EnvelopeView(CurveView):
    low_hz: float
    high_hz: float


class ImageView(PartView):
    frequencies_hz: Array
    times_s: Array
    levels_db: Array
    segment: int


class Statistic(TypedDict):
    name: str
    title: str
    value: float
    unit: str


class StatisticsView(PartView):
    statistics: list[Statistic]


class SignalViewService:
    """What a recording shows: its waveform at any zoom, spectra, envelope, statistics."""

    @staticmethod
    def list_choices(
        dataset_id: int, including: int | None = None, search: str = ""
    ) -> list[RecordingChoice]:
        """Recordings of the newest version of a data set by name, at most ``MOST_LISTED``.

        Of more there are those that ``search`` finds, or the neighbours of ``including``. That
        one is listed in any case, also when the newest version has it no more.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            newest = latest_version(session, dataset_id)
            if newest is None:
                return []
            return choices_of(session, newest, including, search, MOST_LISTED)

    @staticmethod
    def count_choices(dataset_id: int) -> int:
        """How many recordings the newest version of a data set has."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            newest = latest_version(session, dataset_id)
            return newest.recording_count if newest else 0

    @staticmethod
    def waveform(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        stretches: int = STRETCHES,
    ) -> WaveformView:
        """The lowest and the highest value of each stretch of the chosen time.

        Every sample of that time counts, so a single spike shows at every zoom. Where a
        stretch would hold no more than two samples, the samples themselves are given.

        Raises
        ------
        NotFound
            If there is no such recording.
        Invalid
            If there is no such channel.
        """
        key, rate_hz, _ = find_stored(recording_id)
        with refusals(), open_recording(artefacts().local_path(key)) as file:
            count = file.sample_count
            start, stop = samples_between(start_s, stop_s, rate_hz, count)
            if stop - start <= 2 * stretches:
                values = file.read(channel, start, stop)
                places = np.arange(start, stop, dtype=np.float64)
            else:
                extremes = file.envelope(channel, start, stop, stretches)
                values = np.stack([extremes.minimum, extremes.maximum], axis=-1).ravel()
                last = np.append(extremes.first_sample[1:], stop) - 1
                places = np.stack([extremes.first_sample, last], axis=-1).ravel()
            unit = file.channels[channel].unit.value
        return {
            "times_s": places / rate_hz,
            "values": values,
            "unit": unit,
            "start_s": start / rate_hz,
            "stop_s": stop / rate_hz,
            "duration_s": count / rate_hz,
        }

    @staticmethod
    def amplitude_spectrum(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        frequencies: Span = ALL,
    ) -> CurveView:
        """Peak amplitude over frequency, with the peaks kept when it is thinned for the screen.

        ``frequencies`` is the part to show, in Hz: a narrower one shows finer lines.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or too few samples were chosen.
        """
        part = read_part(recording_id, channel, start_s, stop_s)
        with refusals():
            result = spectrum.amplitude_spectrum(part.samples, part.sample_rate_hz)
        return {**part.view(), **_curve(result, frequencies)}

    @staticmethod
    def power_spectral_density(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        frequencies: Span = ALL,
    ) -> CurveView:
        """Power per hertz over frequency, by Welch's method.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or too few samples were chosen.
        """
        part = read_part(recording_id, channel, start_s, stop_s)
        with refusals():
            result = spectrum.power_spectral_density(part.samples, part.sample_rate_hz)
        return {**part.view(), **_curve(result, frequencies)}

    @staticmethod
    def spectrogram(
        recording_id: int, channel: int, start_s: float | None = None, stop_s: float | None = None
    ) -> ImageView:
        """Power spectral density over time and frequency in decibels, 80 dB deep.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or too few samples were chosen.
        """
        part = read_part(recording_id, channel, start_s, stop_s)
        segment = _spectrogram_segment(part.samples.size)
        with refusals():
            result = spectrogram.spectrogram(part.samples, part.sample_rate_hz, segment)
        times_s, frequencies_hz, values = display.reduce_image(
            result.times_s, result.frequencies_hz, result.values, IMAGE_COLUMNS, IMAGE_ROWS
        )
        return {
            **part.view(),
            "times_s": times_s + part.first / part.sample_rate_hz,
            "frequencies_hz": frequencies_hz,
            "levels_db": display.decibels(values),
            "segment": segment,
        }

    @staticmethod
    def envelope_spectrum(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        low_hz: float | None = None,
        high_hz: float | None = None,
        frequencies: Span | None = None,
    ) -> EnvelopeView:
        """Spectrum of the envelope of a band; a band in the middle unless one is chosen.

        ``frequencies`` is the part to show, in Hz; by default up to 1 kHz, or 40 times the
        shaft speed when that is more, where defects of bearings strike.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or the band does not fit the signal.
        """
        part = read_part(recording_id, channel, start_s, stop_s)
        band = chosen_band(part, low_hz, high_hz)
        with refusals():
            result = envelope.envelope_spectrum(part.samples, part.sample_rate_hz, band)
        if frequencies is None:
            frequencies = (
                0.0,
                min(band.width_hz, max(MODULATION_HZ, MODULATION_ORDERS * part.shaft_hz)),
            )
        curve: CurveView = {**part.view(), **_curve(result, frequencies)}
        return {**curve, "low_hz": band.low_hz, "high_hz": band.high_hz}

    @staticmethod
    def statistics(
        recording_id: int, channel: int, start_s: float | None = None, stop_s: float | None = None
    ) -> StatisticsView:
        """The eight basic features of the chosen time, each with its unit.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or too few samples were chosen.
        """
        part = read_part(recording_id, channel, start_s, stop_s)
        values = SignalService.extract_basic_features(part.samples, part.sample_rate_hz)
        units = {Quantity.SIGNAL: part.unit, Quantity.FREQUENCY: "Hz", Quantity.RATIO: ""}
        statistics: list[Statistic] = [
            {
                "name": f.name,
                "title": f.title,
                "value": values[f.name],
                "unit": units[f.quantity],
            }
            for f in FEATURES
        ]
        return {**part.view(), "statistics": statistics}


class _CurveValues(TypedDict):
    frequencies_hz: Array
    values: Array
    resolution_hz: float
    span_hz: tuple[float, float]


def _curve(result: spectrum.Spectrum, frequencies: Span) -> _CurveValues:
    """The lines in the wanted part and one beyond each end, so that the curve leaves the plot."""
    every = result.frequencies_hz
    low = 0.0 if frequencies[0] is None else frequencies[0]
    high = float(every[-1]) if frequencies[1] is None else frequencies[1]
    first = max(int(np.searchsorted(every, low)) - 1, 0)
    stop = max(int(np.searchsorted(every, high, side="right")) + 1, first + 2)
    part = slice(min(first, every.size - 2), stop)
    frequencies_hz, values = display.reduce_line(every[part], result.values[part], LINE_POINTS)
    return {
        "frequencies_hz": frequencies_hz,
        "values": values,
        "resolution_hz": result.resolution_hz,
        "span_hz": (low, high),
    }


def _spectrogram_segment(sample_count: int) -> int:
    """A power of two that gives about as many columns as rows, within what suits machines."""
    power = round(np.log2(np.sqrt(2 * sample_count)))
    return int(min(max(2**power, 64), 2_048, sample_count))
