"""What may have made the lines in the spectra of a recording: bearing, shaft, and a plain rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from diagnostics.bearings.frequencies import FaultLine
from diagnostics.bearings.rule import Verdict, name_fault
from services import actor
from services.errors import Invalid
from services.signal_service import refusals
from services.signals.bands import must_vary
from services.signals.bearings import BearingChoice, OverlayBearing, bearing_choices, find_bearing
from services.signals.curves import Computed, density_of, envelope_of, spectrum_of
from services.signals.overlays import (
    OverlayView,
    line_views,
    lines_beside,
    lines_over,
    order_views,
)
from services.signals.parts import (
    Place,
    ProcessedPart,
    chosen_band,
    find_stored,
    read_part,
    read_processed,
)
from services.signals.peaks import PeakRow, ValueRow, peak_rows, value_rows
from services.signals.plots import PlotKind
from services.signals.settings import PlotSettings
from services.signals.speed import ShaftSpeed, shaft_speed

MOST_VALUES = 150
RULE_SAMPLES = 2**18
"""The plain rule reads so many samples from the middle of the shown time, to stay quick."""


class PeaksView(TypedDict):
    """``value_unit`` is that of the values."""

    rows: list[PeakRow]
    value_unit: str
    resolution_hz: float


class ValuesView(TypedDict):
    rows: list[ValueRow]
    value_unit: str
    resolution_hz: float


class EvidenceRow(TypedDict):
    """One damaged part that was looked for."""

    fault: str
    line: str
    expected_hz: float
    found_hz: float
    slip_percent: float
    snr_db: float


class VerdictView(TypedDict):
    """``fault`` is None where nothing stands up clearly; ``told`` is a sentence with numbers."""

    fault: str | None
    told: str
    rows: list[EvidenceRow]
    low_hz: float
    high_hz: float
    start_s: float
    stop_s: float


CURVES: dict[str, Callable[[ProcessedPart], Computed]] = {
    PlotKind.SPECTRUM.value: spectrum_of,
    PlotKind.DENSITY.value: density_of,
    PlotKind.ENVELOPE.value: envelope_of,
}
READABLE = frozenset(CURVES)
"""Plots that have lines to be read."""


class SignalOverlayService:
    """Lines of bearing defects and of the shaft, peaks, values at cursors, and a plain rule."""

    @staticmethod
    def list_bearings(recording_id: int) -> list[BearingChoice]:
        """What an overlay can be drawn for.

        Raises
        ------
        NotFound
            If there is no such recording.
        """
        actor.reader()
        return bearing_choices(recording_id)

    @staticmethod
    def overlay(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> OverlayView:
        """The lines of a bearing and of the shaft at the speed of the recording.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording, channel or bearing, or a setting cannot be.
        """
        actor.reader()
        wanted = PlotSettings.from_mapping(settings)
        bearing, speed = _known((recording_id, channel, start_s, stop_s), wanted)
        top_hz = find_stored(recording_id).sample_rate_hz / 2
        lines = lines_over(bearing.orders, speed.shaft_hz, wanted.overlay, top_hz)
        return {
            "bearing": bearing.title,
            "bearing_told": bearing.told,
            "machine_id": bearing.machine_id,
            "orders": order_views(bearing.orders, speed.shaft_hz),
            "speed_rpm": speed.rpm,
            "speed_source": speed.source,
            "speed_told": speed.how,
            "shaft_hz": speed.shaft_hz,
            "tolerance_percent": wanted.overlay.tolerance_percent,
            "lines": line_views(lines),
            "also": line_views(
                lines_beside(bearing.orders, speed.shaft_hz, wanted.overlay, top_hz)
            ),
        }

    @staticmethod
    def peaks(
        kind: str,
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> PeaksView:
        """The highest lines among the frequencies that a plot shows, each explained.

        They are read from all the lines of the spectrum, also where the plot is zoomed.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording, channel or bearing, the plot has no lines to be read,
            or a setting cannot be.
        """
        actor.reader()
        wanted = PlotSettings.from_mapping(settings)
        place = (recording_id, channel, start_s, stop_s)
        zoom = wanted.spectrum
        curve = _curve(kind, place, _unzoomed(wanted))
        must_vary(read_processed(place, wanted), "peaks")
        low_hz = curve.x_span[0] if zoom.zoom_low_hz is None else zoom.zoom_low_hz
        high_hz = curve.x_span[1] if zoom.zoom_high_hz is None else zoom.zoom_high_hz
        lines, shaft_hz = _lines_of(place, wanted)
        spectrum = curve.spectrum
        power = kind == PlotKind.DENSITY
        rows = peak_rows(spectrum, lines, shaft_hz, (low_hz, high_hz), is_power=power)
        return {
            "rows": rows,
            "value_unit": curve.value_unit,
            "resolution_hz": spectrum.resolution_hz,
        }

    @staticmethod
    def values_at(
        kind: str,
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Mapping[str, Any] | None = None,
        at_hz: Sequence[float] = (),
    ) -> ValuesView:
        """What the lines of a spectrum show that are nearest to some frequencies.

        Raises
        ------
        NotFound, Invalid
            As :meth:`peaks`, and if too many frequencies are given.
        """
        actor.reader()
        if len(at_hz) > MOST_VALUES:
            raise Invalid(f"A cursor has at most {MOST_VALUES} lines, got {len(at_hz)}.")
        wanted = PlotSettings.from_mapping(settings)
        place = (recording_id, channel, start_s, stop_s)
        curve = _curve(kind, place, wanted)
        whole = curve if _unzoomed(wanted) == wanted else _curve(kind, place, _unzoomed(wanted))
        lines, shaft_hz = _lines_of(place, wanted)
        power = kind == PlotKind.DENSITY
        rows = value_rows(
            curve.spectrum, at_hz, lines, shaft_hz, whole=whole.spectrum, is_power=power
        )
        return {
            "rows": rows,
            "value_unit": curve.value_unit,
            "resolution_hz": curve.spectrum.resolution_hz,
        }

    @staticmethod
    def verdict(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> VerdictView:
        """What the plain rule names, from the samples as they were recorded.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording, channel or bearing, no geometry or no speed is known,
            or the signal is too short or sampled too slowly to show the lines.
        """
        actor.reader()
        wanted = PlotSettings.from_mapping(settings)
        place = (recording_id, channel, start_s, stop_s)
        bearing, speed = _known(place, wanted)
        if not bearing.orders:
            raise Invalid(bearing.told)
        if not speed.shaft_hz:
            raise Invalid(speed.how)
        part = read_part(*place, RULE_SAMPLES)
        band = None
        if wanted.envelope.is_typed:
            band = chosen_band(part, wanted.envelope.low_hz, wanted.envelope.high_hz)
        with refusals():
            found = name_fault(
                part.samples, part.sample_rate_hz, bearing.orders, speed.shaft_hz, band
            )
        shown = part.view()
        return _verdict_view(found, shown["start_s"], shown["stop_s"])


def _known(place: Place, wanted: PlotSettings) -> tuple[OverlayBearing, ShaftSpeed]:
    speed = shaft_speed(*place, wanted.overlay)
    return find_bearing(place[0], wanted.overlay.bearing), speed


def _curve(kind: str, place: Place, wanted: PlotSettings) -> Computed:
    """With all its lines, not thinned for the screen."""
    if kind not in READABLE:
        raise Invalid("Lines are read from the amplitude spectrum, the density or the envelope.")
    return CURVES[kind](read_processed(place, wanted))


def _unzoomed(wanted: PlotSettings) -> PlotSettings:
    zoom = replace(wanted.spectrum, zoom_low_hz=None, zoom_high_hz=None)
    return replace(wanted, spectrum=zoom)


def _lines_of(place: Place, wanted: PlotSettings) -> tuple[list[FaultLine], float]:
    """Those that explain a peak: the drawn ones and the low multiples of the shaft."""
    bearing, speed = _known(place, wanted)
    top_hz = find_stored(place[0]).sample_rate_hz / 2
    lines = lines_over(bearing.orders, speed.shaft_hz, wanted.overlay, top_hz)
    return lines + lines_beside(
        bearing.orders, speed.shaft_hz, wanted.overlay, top_hz
    ), speed.shaft_hz


def _verdict_view(found: Verdict, start_s: float, stop_s: float) -> VerdictView:
    return {
        "fault": found.fault,
        "told": found.in_words(),
        "rows": [
            {
                "fault": one.strike.fault,
                "line": one.strike.line,
                "expected_hz": one.expected_hz,
                "found_hz": one.found.fundamental_hz,
                "slip_percent": 100 * one.slip,
                "snr_db": one.found.snr_db,
            }
            for one in found.evidence
        ],
        "low_hz": found.band.low_hz,
        "high_hz": found.band.high_hz,
        "start_s": start_s,
        "stop_s": stop_s,
    }
