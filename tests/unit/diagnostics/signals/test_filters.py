"""Butterworth's own poles, scipy's filters and sines say what must come out."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.signals.filters import (
    Detrend,
    Filter,
    FilterKind,
    apply_filter,
    detrend,
)

RATE_HZ = 2_000.0
TIME_S = np.arange(20_000) / RATE_HZ
NOISE = np.random.default_rng(5).normal(size=(2, 3, 8_000))
FILTERS = [
    Filter(FilterKind.LOW, high_hz=100.0, order=3),
    Filter(FilterKind.HIGH, 20.0, order=4),
    Filter(FilterKind.BAND, 40.0, 200.0, order=2),
    Filter(FilterKind.STOP, 45.0, 55.0, order=5),
]
SCIPY = {
    FilterKind.LOW: "lowpass",
    FilterKind.HIGH: "highpass",
    FilterKind.BAND: "bandpass",
    FilterKind.STOP: "bandstop",
}


@pytest.mark.parametrize("chosen", FILTERS, ids=lambda f: f.kind.value)
def test_the_gain_is_the_magnitude_of_the_analogue_filter(chosen):
    frequencies_hz = np.array([0.5, 20.0, 40.0, 47.0, 55.0, 99.0, 200.0, 900.0])
    edges = [2 * np.pi * edge for edge in chosen.edges_hz]
    system = scipy.signal.butter(
        chosen.order, edges if len(edges) > 1 else edges[0], SCIPY[chosen.kind], True, "zpk"
    )
    _, expected = scipy.signal.freqs_zpk(*system, worN=2 * np.pi * frequencies_hz)
    np.testing.assert_allclose(chosen.gain(frequencies_hz), np.abs(expected), atol=1e-9)


@pytest.mark.parametrize("chosen", FILTERS, ids=lambda f: f.kind.value)
def test_the_gain_at_0_hz_and_in_the_middle_of_a_stop_band_is_defined(chosen):
    lets_offsets_pass = chosen.kind in (FilterKind.LOW, FilterKind.STOP)
    middle_hz = np.sqrt(45.0 * 55.0)
    at_zero, in_the_middle = chosen.gain(np.array([0.0, middle_hz]))
    assert at_zero == float(lets_offsets_pass)
    assert (in_the_middle < 1e-9) == (chosen.kind is FilterKind.STOP)


@pytest.mark.parametrize("chosen", FILTERS, ids=lambda f: f.kind.value)
@pytest.mark.parametrize("frequency_hz", [7.0, 40.0, 50.0, 300.0])
def test_a_sine_keeps_its_phase_and_shrinks_by_the_gain(chosen, frequency_hz):
    sine = np.cos(2 * np.pi * frequency_hz * TIME_S + 0.7)
    result = apply_filter(sine, RATE_HZ, chosen)
    inside = slice(result.unsettled_samples, -result.unsettled_samples)
    expected = sine * chosen.gain(np.array([frequency_hz]))
    np.testing.assert_allclose(result.samples[inside], expected[inside], atol=0.006)


def test_half_the_order_forwards_and_backwards_by_scipy_is_nearly_the_same():
    chosen = Filter(FilterKind.LOW, high_hz=50.0, order=4)
    sections = scipy.signal.butter(2, 50.0 * (2**0.5 - 1) ** -0.25, fs=RATE_HZ, output="sos")
    sine = np.cos(2 * np.pi * 12.0 * TIME_S) + np.cos(2 * np.pi * 300.0 * TIME_S)
    expected = scipy.signal.sosfiltfilt(sections, sine)
    result = apply_filter(sine, RATE_HZ, chosen).samples
    np.testing.assert_allclose(result[500:-500], expected[500:-500], atol=0.01)


@pytest.mark.parametrize("chosen", FILTERS, ids=lambda f: f.kind.value)
def test_an_impact_rings_no_longer_than_the_filter_says(chosen):
    impact = np.zeros(40_001)
    impact[20_000] = 1.0
    result = apply_filter(impact, RATE_HZ, chosen)
    ringing = np.abs(result.samples)
    later = ringing[20_000 + result.unsettled_samples :].max()
    assert later < 0.01 * np.delete(ringing, 20_000).max()
    np.testing.assert_allclose(ringing, ringing[::-1], atol=1e-12)


def test_rows_do_not_touch_each_other():
    whole = apply_filter(NOISE, RATE_HZ, FILTERS[2]).samples
    np.testing.assert_allclose(whole[1, 2], apply_filter(NOISE[1, 2], RATE_HZ, FILTERS[2]).samples)


def test_trends_against_scipy():
    samples = NOISE + 3 + np.arange(8_000) * 0.01
    for how, name in ((Detrend.MEAN, "constant"), (Detrend.LINEAR, "linear")):
        expected = scipy.signal.detrend(samples, type=name)
        np.testing.assert_allclose(detrend(samples, how), expected, atol=1e-9)
    same = detrend(samples, Detrend.NONE)
    np.testing.assert_array_equal(same, samples)
    assert same is not samples


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((FilterKind.LOW, 10.0), "low-pass filter needs an upper edge, above 0 Hz, got 10 Hz and"),
        ((FilterKind.HIGH, 0.0), "needs a lower edge"),
        ((FilterKind.BAND, 10.0), "a lower and an upper edge"),
        ((FilterKind.BAND, 20.0, 10.0), "must be above its lower edge, got 20 to 10 Hz"),
        ((FilterKind.STOP, 20.0, 20.0), "must be above"),
        ((FilterKind.LOW, None, 10.0, 11), "from 1 to 10, got 11"),
    ],
)
def test_refuses_filters_that_cannot_be(arguments, says):
    with pytest.raises(SignalError, match=says):
        Filter(*arguments)


def test_refuses_what_does_not_fit_the_signal():
    with pytest.raises(SignalError, match="needs a sampling rate above 2000 Hz"):
        apply_filter(NOISE, 2_000.0, Filter(FilterKind.LOW, high_hz=1_000.0))
    with pytest.raises(SignalError, match="lasts 4 s"):
        apply_filter(NOISE, 2_000.0, Filter(FilterKind.HIGH, 0.5))
