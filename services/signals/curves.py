"""Curves of a processed part with all their lines: spectra and the cepstrum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals import envelope
from diagnostics.signals.averaging import Averaging, averaged_spectrum
from diagnostics.signals.cepstrum import cepstrum
from diagnostics.signals.kurtogram import Cell
from diagnostics.signals.spectrum import (
    Detector,
    Spectrum,
    Window,
    amplitude_spectrum,
    power_spectral_density,
)
from diagnostics.signals.zoom import zoom_spectrum
from services.signal_service import refusals
from services.signals.bands import envelope_band
from services.signals.parts import ProcessedPart

Array = NDArray[Any]
Span = tuple[float | None, float | None]
ALL: Span = (None, None)

ZOOM_LINES = 2_400
MODULATION_HZ, MODULATION_ORDERS = 1_000.0, 40
"""Where defects of bearings strike: what is shown of an envelope spectrum at first."""
QUEFRENCY_S = 0.25
PATH_SAMPLES = 16
"""What a cepstrum has before is the path from source to sensor, and large."""


@dataclass(frozen=True)
class Computed:
    """What a plot is made of, not thinned for the screen; see ``PlotView`` for the axes.

    What does not apply to a plot is None or empty. ``noted`` are sentences.
    """

    title: str
    x: Array
    y: Array
    value_unit: str
    x_span: tuple[float, float]
    values: Array = field(default_factory=lambda: np.empty((0, 0)))
    resolution_hz: float | None = None
    detector: Detector | None = None
    window: Window | None = None
    averaging: Averaging | None = None
    averages: int | None = None
    overlap: float | None = None
    segment: int | None = None
    band: envelope.Band | None = None
    cells: tuple[tuple[Cell, ...], ...] = ()
    noted: tuple[str, ...] = ()

    @property
    def counted_unit(self) -> str:
        """Of the values as they are given: those of pictures are levels."""
        is_level = self.values.size > 0 and bool(self.value_unit)
        return f"dB re 1 {self.value_unit}" if is_level else self.value_unit

    @property
    def spectrum(self) -> Spectrum:
        """Of a curve over frequency."""
        return Spectrum(self.x, self.y, self.averages or 1)


def spectrum_of(part: ProcessedPart, shown: Span = ALL) -> Computed:
    """Amplitude spectrum of the whole time, of its segments, or zoomed to some frequencies."""
    wanted = part.settings.spectrum
    if wanted.is_zoomed and wanted.averaging is None:
        return _zoomed(part, shown)
    result, averaging = _lines(part, part.samples)
    return Computed(
        "amplitude spectrum",
        result.frequencies_hz,
        result.values,
        part.unit.value,
        _span(result, shown),
        resolution_hz=result.resolution_hz,
        detector=wanted.detector,
        window=wanted.window,
        **averaging,
    )


def density_of(part: ProcessedPart, shown: Span = ALL) -> Computed:
    """Power spectral density by Welch's method."""
    wanted = part.settings.spectrum
    with refusals():
        result = power_spectral_density(
            part.samples, part.sample_rate_hz, wanted.segment, wanted.window, wanted.overlap
        )
    return Computed(
        "power spectral density",
        result.frequencies_hz,
        result.values,
        f"{squared(part.unit.value)}/Hz",
        _span(result, shown),
        resolution_hz=result.resolution_hz,
        window=wanted.window,
        averaging=Averaging.LINEAR,
        averages=result.averages,
        overlap=wanted.overlap,
        segment=_segment(part, result),
    )


def envelope_of(part: ProcessedPart, shown: Span = ALL) -> Computed:
    """Spectrum of the envelope of a band, or of its square."""
    wanted = part.settings.spectrum
    is_squared = part.settings.envelope.squared
    band, noted = envelope_band(part)
    with refusals():
        swell = envelope.envelope(part.samples, part.sample_rate_hz, band)
    result, averaging = _lines(part, np.square(swell, out=swell) if is_squared else swell)
    inside = result.frequencies_hz <= band.width_hz
    usual_hz = min(band.width_hz, max(MODULATION_HZ, MODULATION_ORDERS * part.raw.shaft_hz))
    return Computed(
        "spectrum of the squared envelope" if is_squared else "envelope spectrum",
        result.frequencies_hz[inside],
        result.values[inside],
        squared(part.unit.value) if is_squared else part.unit.value,
        (0.0, usual_hz) if shown == ALL else _ends(shown, band.width_hz),
        resolution_hz=result.resolution_hz,
        detector=wanted.detector,
        window=wanted.window,
        band=band,
        noted=noted,
        **averaging,
    )


def cepstrum_of(part: ProcessedPart, shown: Span = ALL) -> Computed:
    """Real cepstrum, without its mean; what is shown at first begins after the path."""
    with refusals():
        result = cepstrum(part.samples, part.sample_rate_hz, window=part.settings.spectrum.window)
    longest_s = float(result.quefrencies_s[-1])
    first_s = min(PATH_SAMPLES / part.sample_rate_hz, longest_s / 2)
    usual = (first_s, min(longest_s, QUEFRENCY_S))
    filtered = part.settings.processing.filter or part.settings.processing.rate_hz
    note = "A filter empties a part of the spectrum, and its cepstrum says little of what is left."
    return Computed(
        "real cepstrum",
        result.quefrencies_s[1:],
        result.values[1:],
        "",
        usual if shown == ALL else _ends(shown, longest_s),
        window=part.settings.spectrum.window,
        noted=(note,) if filtered else (),
    )


def squared(unit: str) -> str:
    """The unit of a square.

    Examples
    --------
    >>> squared("g"), squared("m/s²")
    ('g²', '(m/s²)²')
    """
    return f"({unit})²" if "/" in unit else f"{unit}²"


def _lines(part: ProcessedPart, samples: Array) -> tuple[Spectrum, dict[str, Any]]:
    """Amplitudes of samples, and what a card says of their averaging."""
    wanted = part.settings.spectrum
    with refusals():
        if wanted.averaging is None:
            whole = amplitude_spectrum(samples, part.sample_rate_hz, wanted.window, wanted.detector)
            return whole, {"averages": 1}
        result = averaged_spectrum(
            samples,
            part.sample_rate_hz,
            wanted.segment,
            wanted.overlap,
            wanted.window,
            wanted.averaging,
            wanted.detector,
        )
    return result, {
        "averaging": wanted.averaging,
        "averages": result.averages,
        "overlap": wanted.overlap,
        "segment": _segment(part, result),
    }


def _zoomed(part: ProcessedPart, shown: Span) -> Computed:
    wanted = part.settings.spectrum
    low_hz = wanted.zoom_low_hz or 0.0
    high_hz = part.sample_rate_hz / 2 if wanted.zoom_high_hz is None else wanted.zoom_high_hz
    # A further zoom by hand gets all the lines, too.
    nearer_hz = max(low_hz, shown[0] or low_hz), min(high_hz, shown[1] or high_hz)
    if nearer_hz[0] < nearer_hz[1]:
        low_hz, high_hz = nearer_hz
    with refusals():
        result = zoom_spectrum(
            part.samples,
            part.sample_rate_hz,
            low_hz,
            high_hz,
            ZOOM_LINES,
            wanted.window,
            wanted.detector,
        )
    noted = [
        f"Zoomed: a line each {result.resolution_hz:.3g} Hz is drawn, but tones nearer than the "
        "resolution are not told apart."
    ]
    return Computed(
        "amplitude spectrum, zoomed",
        result.frequencies_hz,
        result.values,
        part.unit.value,
        (low_hz, high_hz),
        resolution_hz=part.sample_rate_hz / part.samples.size,
        detector=wanted.detector,
        window=wanted.window,
        averages=1,
        noted=tuple(noted),
    )


def _segment(part: ProcessedPart, result: Spectrum) -> int:
    return round(part.sample_rate_hz / result.resolution_hz)


def _span(result: Spectrum, shown: Span) -> tuple[float, float]:
    return _ends(shown, float(result.frequencies_hz[-1]))


def _ends(shown: Span, highest: float) -> tuple[float, float]:
    low, high = shown
    return (0.0 if low is None else low), (highest if high is None else high)
