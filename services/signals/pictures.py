"""Pictures of a processed part: spectrogram, scalogram and kurtogram."""

from __future__ import annotations

import numpy as np

from diagnostics.signals.display import decibels, reduce_image
from diagnostics.signals.spectrogram import spectrogram
from diagnostics.signals.wavelet_transform import scalogram
from services.errors import Invalid
from services.signal_service import refusals
from services.signals import bands
from services.signals.bands import (
    best_cell,
    kurtogram,
    middle_of,
    must_vary,
    narrowest_of,
    told_of_best,
)
from services.signals.curves import ALL, Computed, Span, squared
from services.signals.parts import ProcessedPart

IMAGE_COLUMNS, IMAGE_ROWS = 400, 200
DEPTH_DB = 80.0
MOST_SCALOGRAM = 2**18
SCALOGRAM_DECADES = 3
SCALOGRAM_PERIODS = 4
"""The lowest frequency is so low that its wavelet fits so often into the time."""


def spectrogram_of(part: ProcessedPart, _shown: Span = ALL) -> Computed:
    """Power spectral density over time and frequency in decibels, 80 dB deep."""
    wanted = part.settings.spectrum
    segment = wanted.segment or usual_segment(part.samples.size)
    with refusals():
        result = spectrogram(
            part.samples, part.sample_rate_hz, segment, wanted.overlap, wanted.window
        )
    times_s, frequencies_hz, values = reduce_image(
        result.times_s, result.frequencies_hz, result.values, IMAGE_COLUMNS, IMAGE_ROWS
    )
    return Computed(
        "spectrogram",
        times_s + part.start_s,
        frequencies_hz,
        f"{squared(part.unit.value)}/Hz",
        (part.start_s, part.stop_s),
        decibels(values, DEPTH_DB),
        resolution_hz=part.sample_rate_hz / segment,
        window=wanted.window,
        overlap=wanted.overlap,
        segment=segment,
        noted=(f"Levels in dB re 1 {squared(part.unit.value)}/Hz, {DEPTH_DB:g} dB deep.",),
    )


def scalogram_of(part: ProcessedPart, _shown: Span = ALL) -> Computed:
    """Amplitude over time and frequency in decibels, by Morlet's wavelet."""
    wanted = part.settings.spectrum
    samples = middle_of(part, MOST_SCALOGRAM)
    low_hz, high_hz = _scalogram_ends(part, samples.size)
    with refusals():
        result = scalogram(
            samples,
            part.sample_rate_hz,
            low_hz,
            high_hz,
            columns=IMAGE_COLUMNS,
            cycles=wanted.cycles,
        )
    begin_s = part.start_s + (part.samples.size - samples.size) // 2 / part.sample_rate_hz
    noted = [
        f"Morlet's wavelet of {wanted.cycles:g} cycles; levels of the peak amplitude in dB re 1 "
        f"{part.unit.value}, {DEPTH_DB:g} dB deep.",
        *_shortened(part, samples.size),
    ]
    return Computed(
        "scalogram",
        result.times_s + begin_s,
        result.frequencies_hz,
        part.unit.value,
        (begin_s, begin_s + samples.size / part.sample_rate_hz),
        decibels(np.square(result.values), DEPTH_DB),
        noted=tuple(noted),
    )


def kurtogram_of(part: ProcessedPart, _shown: Span = ALL) -> Computed:
    """Kurtosis of the envelope of every band of the tree, and the best band."""
    must_vary(part, "kurtogram")
    result = kurtogram(part)
    image = result.picture()
    top_hz = part.sample_rate_hz / 2
    best = best_cell(result, narrowest_of(part))
    used = min(part.samples.size, bands.MOST_KURTOGRAM)
    cells = tuple(
        tuple(result.cell(row, number) for number in range(values.size))
        for row, values in enumerate(result.kurtosis)
    )
    return Computed(
        "kurtogram",
        (np.arange(image.shape[1]) + 0.5) * (top_hz / image.shape[1]),
        np.arange(len(cells), dtype=np.float64),
        "",
        (0.0, top_hz),
        image,
        band=best.band,
        cells=cells,
        noted=(told_of_best(part, best), *_shortened(part, used)),
    )


def _scalogram_ends(part: ProcessedPart, count: int) -> tuple[float, float]:
    wanted = part.settings.spectrum
    high_hz = part.sample_rate_hz / 2 if wanted.zoom_high_hz is None else wanted.zoom_high_hz
    if wanted.zoom_low_hz:
        return wanted.zoom_low_hz, high_hz
    fewest_hz = SCALOGRAM_PERIODS * wanted.cycles * part.sample_rate_hz / count
    low_hz = max(high_hz / 10**SCALOGRAM_DECADES, fewest_hz)
    if low_hz >= high_hz:
        raise Invalid(
            f"{count:,} samples are too few for a wavelet of {wanted.cycles:g} cycles below "
            f"{high_hz:g} Hz. Choose a longer time or fewer cycles."
        )
    return low_hz, high_hz


def usual_segment(sample_count: int) -> int:
    """A power of two that gives about as many columns as rows, within what suits machines."""
    power = round(np.log2(np.sqrt(2 * sample_count)))
    return int(min(max(2**power, 64), 2_048, sample_count))


def _shortened(part: ProcessedPart, used: int) -> list[str]:
    if used == part.samples.size:
        return []
    return [f"Made of the middle {used / part.sample_rate_hz:.5g} s, to be quick."]
