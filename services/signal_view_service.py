"""What the signals page shows of a recording: its waveform at any zoom, plots, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from diagnostics.features.registry import FEATURES, Quantity
from diagnostics.signals.overall import overall_values
from diagnostics.signals.recording_file import open_recording
from diagnostics.signals.signal import Samples
from services import actor
from services.datasets.versions import latest_version
from services.paging import within
from services.runtime import artefacts, unit_of_work
from services.signal_service import refusals
from services.signals.cards import ends_of
from services.signals.choices import RecordingChoice, choices_of
from services.signals.curves import ALL, Span
from services.signals.parts import (
    PartView,
    ProcessedPart,
    find_stored,
    quick_length,
    read_processed,
)
from services.signals.plots import PlotView, kind_of, plot_of
from services.signals.settings import PlotSettings
from services.signals.waveforms import WaveformView, waveform_of

STRETCHES = 1_100
"""Stretches of a waveform for one picture: about one for each pixel of its width."""
MOST_LISTED = 500
MOST_SLICED = 100_000

Settings = Mapping[str, Any]


class SampleSlice(TypedDict):
    """``total`` is how many samples the channel has."""

    unit: str
    sample_rate_hz: float
    offset: int
    total: int
    values: Samples


class Statistic(TypedDict):
    name: str
    title: str
    value: float
    unit: str


class StatisticsView(PartView):
    """``notes`` are sentences."""

    statistics: list[Statistic]
    notes: list[str]


class Overall(TypedDict):
    """``value`` is None where there is none, for the reason in ``note``."""

    name: str
    title: str
    value: float | None
    unit: str
    band: tuple[float, float] | None
    note: str


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
        settings: Settings | None = None,
    ) -> WaveformView:
        """The lowest and the highest value of each stretch of the chosen time.

        Every sample of that time counts, so a single spike shows at every zoom. Where a
        stretch would hold no more than two samples, the samples themselves are given. Samples
        that the settings ask to be processed are so many at most as a plot has.

        Raises
        ------
        NotFound
            If there is no such recording.
        Invalid
            If there is no such channel, or a setting does not fit.
        """
        actor.reader()
        place = (recording_id, channel, start_s, stop_s)
        return waveform_of(place, PlotSettings.from_mapping(settings), stretches)

    @staticmethod
    def samples(
        recording_id: int, channel: int, first: int = 0, count: int = 10_000
    ) -> SampleSlice:
        """Samples of a channel as they are stored, from one on; none beyond the end.

        Raises
        ------
        NotFound
            If there is no such recording.
        Invalid
            If there is no such channel.
        """
        actor.reader()
        stored = find_stored(recording_id)
        rows, start = within(count, first, MOST_SLICED)
        with open_recording(artefacts().local_path(stored.artefact_key)) as file, refusals():
            total = file.sample_count
            begin = min(start, total - 1)
            read = file.read(channel, begin, min(begin + max(rows, 1), total))
            values = read if start < total and rows else read[:0]
            unit = file.channels[channel].unit.value
        return {
            "unit": unit,
            "sample_rate_hz": stored.sample_rate_hz,
            "offset": start,
            "total": total,
            "values": values,
        }

    @staticmethod
    def plot(
        kind: str,
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Settings | None = None,
        frequencies: Span = ALL,
    ) -> PlotView:
        """A spectrum, density, envelope, cepstrum, spectrogram, scalogram or kurtogram.

        Of the chosen time, or its middle when that is long. ``settings`` are those of
        :mod:`services.signals.settings`. ``frequencies`` is the part of a curve to give, in Hz
        (s for a cepstrum): a narrower one shows all its lines.

        Raises
        ------
        NotFound
            If there is no such recording.
        Invalid
            If there is no such plot or channel, too few samples were chosen, or a setting does
            not fit them.
        """
        actor.reader()
        place = (recording_id, channel, start_s, stop_s)
        low, high = frequencies
        return plot_of(kind_of(kind), place, PlotSettings.from_mapping(settings), (low, high))

    @staticmethod
    def statistics(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Settings | None = None,
    ) -> StatisticsView:
        """The eight basic features of the chosen time, each with its unit.

        The ends that a processing disturbs are left out.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, too few samples were chosen, or a setting
            does not fit them.
        """
        actor.reader()
        place = (recording_id, channel, start_s, stop_s)
        part = read_processed(place, PlotSettings.from_mapping(settings))
        values, notes = _basic_features(part)
        units = {Quantity.SIGNAL: part.unit.value, Quantity.FREQUENCY: "Hz", Quantity.RATIO: ""}
        statistics: list[Statistic] = [
            {
                "name": f.name,
                "title": f.title,
                "value": values[f.name],
                "unit": units[f.quantity],
            }
            for f in FEATURES
        ]
        return {**part.view(), "statistics": statistics, "notes": [*ends_of(part), *notes]}

    @staticmethod
    def overall(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Settings | None = None,
    ) -> list[Overall]:
        """RMS, peaks, crest factor and kurtosis; velocity, acceleration and displacement.

        The ends that a processing disturbs are left out.

        Raises
        ------
        NotFound, Invalid
            As :meth:`statistics`.
        """
        actor.reader()
        place = (recording_id, channel, start_s, stop_s)
        part = read_processed(place, PlotSettings.from_mapping(settings))
        with refusals():
            found = overall_values(part.settled(), part.sample_rate_hz, part.unit)
        return [
            {
                "name": one.name,
                "title": one.title,
                "value": one.value,
                "unit": one.unit,
                "band": one.band_hz,
                "note": one.note,
            }
            for one in found
        ]


def _basic_features(part: ProcessedPart) -> tuple[dict[str, float], list[str]]:
    """By name, those of the spectrum from so many samples as transform quickly; notes."""
    samples = part.settled()
    quick = quick_length(samples.size)
    first = (samples.size - quick) // 2
    transformed = samples[first : first + quick]
    with refusals():
        found = {
            f.name: float(
                f.compute(
                    transformed if f.quantity is Quantity.FREQUENCY else samples,
                    part.sample_rate_hz,
                )
            )
            for f in FEATURES
        }
    return found, _cut_words(quick, samples.size)


def _cut_words(used: int, there: int) -> list[str]:
    return (
        [] if used == there else [f"Frequencies are of the middle {used:,} of {there:,} samples."]
    )
