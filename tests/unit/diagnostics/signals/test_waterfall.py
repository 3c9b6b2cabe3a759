from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum
from diagnostics.signals.waterfall import stack_spectra


def slow(spectrum: Spectrum, edges: np.ndarray) -> list[float]:
    """The highest line of each band, one by one; the last band holds its end, too."""
    found = []
    for number, (low, high) in enumerate(pairwise(edges)):
        last = number == edges.size - 2
        below = spectrum.frequencies_hz <= high if last else spectrum.frequencies_hz < high
        found.append(spectrum.values[(spectrum.frequencies_hz >= low) & below].max())
    return found


@pytest.mark.parametrize(("low", "high", "columns"), [(0, 500, 7), (20, 480, 50), (100, 101.5, 1)])
def test_each_band_has_its_highest_line(low, high, columns):
    noise = np.random.default_rng(4).normal(size=4_000)
    spectrum = amplitude_spectrum(noise, 1_000)
    stacked = stack_spectra([spectrum], low, high, columns)
    expected = slow(spectrum, np.linspace(low, high, columns + 1))
    np.testing.assert_allclose(stacked.values[0], expected)


def test_a_tone_keeps_its_height_whatever_length_and_rate():
    spectra = [
        amplitude_spectrum(3 * np.sin(2 * np.pi * 50 * np.arange(count) / rate), rate)
        for rate, count in ((1_000, 1_000), (2_000, 10_000), (400, 4_000))
    ]
    stacked = stack_spectra(spectra, 0, 200, 40)
    assert stacked.values[:, 10] == pytest.approx([3, 3, 3])
    assert stacked.frequencies_hz[10] == 52.5


def test_beyond_its_end_a_spectrum_has_nothing():
    narrow = amplitude_spectrum(np.random.default_rng(1).normal(size=200), 200)
    row = stack_spectra([narrow], 0, 200, 20).values[0]
    assert np.isfinite(row[:11]).all()
    assert np.isnan(row[11:]).all()


def test_finer_bands_than_lines_take_the_nearest_line():
    coarse = Spectrum(np.array([0.0, 10.0, 20.0]), np.array([1.0, 2.0, 3.0]))
    row = stack_spectra([coarse], 0, 24, 12).values[0]
    assert row.tolist() == 3 * [1] + 4 * [2] + 5 * [3]


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (5, 5), (0, float("inf"))])
def test_refuses_frequencies_that_are_none(low, high):
    with pytest.raises(SignalError, match="begin at 0 Hz"):
        stack_spectra([Spectrum(np.arange(3.0), np.ones(3))], low, high, 4)


def test_nothing_cannot_be_stacked():
    with pytest.raises(SignalError, match="no spectrum"):
        stack_spectra([], 0, 1, 4)
