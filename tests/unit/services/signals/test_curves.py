from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals import averaging, conversion, spectrum, zoom
from diagnostics.signals.cepstrum import cepstrum
from diagnostics.signals.envelope import Band, envelope_spectrum
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import Detector, Window
from services.errors import Invalid
from services.signals import curves
from tests.striking import RATE_HZ, SAMPLES, STRIKES_HZ, lines, plot


def test_the_spectrum_takes_detector_and_window(striking_id):
    done = lines("spectrum", striking_id, detector="rms", window="flattop")
    expected = spectrum.amplitude_spectrum(SAMPLES, RATE_HZ, Window.FLAT_TOP, Detector.RMS)
    np.testing.assert_array_equal(done.y, expected.values)
    card = dict(plot("spectrum", striking_id, detector="rms", window="flattop")["card"])
    assert (card["Detector"], card["Window"], card["Averages"]) == ("RMS", "flat top", "1")
    assert (card["Resolution"], card["Unit"]) == ("0.1 Hz", "m/s²")


@pytest.mark.parametrize("how", ["linear", "peak_hold"])
def test_the_spectrum_is_averaged_over_segments(striking_id, how):
    settings = {"averaging": how, "segment": 4_000, "overlap": 0.75, "window": "hamming"}
    done = lines("spectrum", striking_id, **settings)
    expected = averaging.averaged_spectrum(
        SAMPLES, RATE_HZ, 4_000, 0.75, Window.HAMMING, averaging.Averaging(how)
    )
    np.testing.assert_allclose(done.y, expected.values)
    view = plot("spectrum", striking_id, **settings)
    words = {"linear": "linear", "peak_hold": "peak hold"}[how]
    assert dict(view["card"])["Averages"] == f"97 {words}, 75 % overlap"
    assert (view["segment"], view["resolution_hz"]) == (4_000, 2.5)
    with pytest.raises(Invalid, match="A segment must have between 8 samples and the 100000"):
        plot("spectrum", striking_id, averaging=how, segment=200_000)


def test_a_zoom_has_finer_lines_and_says_what_it_cannot_tell_apart(striking_id):
    view = plot("spectrum", striking_id, zoom_low=85, zoom_high=95)
    expected = zoom.zoom_spectrum(SAMPLES, RATE_HZ, 85, 95, curves.ZOOM_LINES)
    np.testing.assert_allclose(view["y"], expected.values)
    assert (view["x_span"], view["x"][0], view["x"][-1]) == ((85, 95), 85, 95)
    assert view["resolution_hz"] == pytest.approx(0.1)  # of the data, not of the lines
    assert "not told apart" in view["notes"][0]
    nearer = plot("spectrum", striking_id, (89.0, 91.0), zoom_low=85, zoom_high=95)
    assert (nearer["x"][0], nearer["x"][-1]) == (89, 91)
    open_end = plot("spectrum", striking_id, zoom_low=4_000)
    assert open_end["x_span"] == (4_000, 5_000)
    for wrong in ({"zoom_high": 6_000}, {"zoom_low": 95, "zoom_high": 85}):
        with pytest.raises(Invalid, match="The zoomed part must lie between 0 and 5000 Hz"):
            plot("spectrum", striking_id, **wrong)


@pytest.mark.parametrize(
    ("kind", "given"),
    [("spectrum", {"averaging": "linear"}), ("density", {}), ("envelope", {"low": 1_000})],
)
def test_a_zoom_of_averaged_lines_shows_all_that_there_are(striking_id, kind, given):
    view = plot(kind, striking_id, zoom_low=85, zoom_high=95, **given)
    whole = lines(kind, striking_id, **given)
    assert view["x_span"] == (85, 95)
    near = (whole.x > view["x"][0] - 1e-9) & (whole.x < view["x"][-1] + 1e-9)
    np.testing.assert_allclose(view["y"], whole.y[near])
    assert view["x"][0] < 85 < 95 < view["x"][-1]
    for wrong in ({"zoom_low": 9_000}, {"zoom_low": 95, "zoom_high": 85}):
        with pytest.raises(Invalid, match="The zoomed part must lie between 0 and 5000 Hz"):
            plot(kind, striking_id, **given, **wrong)


def test_a_spectrum_in_another_unit_is_that_of_the_converted_tone(striking_id):
    done = lines("spectrum", striking_id, unit="µm", high_pass=5, window="flattop")
    line = int(np.abs(done.x - 25).argmin())
    gain = conversion.conversion_gain(np.array([25.0]), Unit.ACCELERATION, Unit.DISPLACEMENT)
    assert done.y[line] == pytest.approx(0.5 * gain[0], rel=0.02)
    assert done.value_unit == "µm"


def test_a_density_is_per_hertz(striking_id):
    done = lines("density", striking_id, segment=1_000, overlap=0.6, window="blackman")
    expected = spectrum.power_spectral_density(SAMPLES, RATE_HZ, 1_000, Window.BLACKMAN, 0.6)
    np.testing.assert_array_equal(done.y, expected.values)
    view = plot("density", striking_id)
    assert (view["value_unit"], view["unit"]) == ("(m/s²)²/Hz", "m/s²")
    assert dict(view["card"])["Averages"].endswith("linear, 50 % overlap")


@pytest.mark.parametrize("is_squared", [False, True])
def test_the_envelope_of_a_typed_band(striking_id, is_squared):
    done = lines("envelope", striking_id, low=2_500, high=3_900, squared=is_squared)
    expected = envelope_spectrum(SAMPLES, RATE_HZ, Band(2_500, 3_900), is_squared)
    np.testing.assert_allclose(done.y, expected.values)
    np.testing.assert_allclose(done.x, expected.frequencies_hz)
    strongest = done.x[1:][done.y[1:].argmax()]
    assert strongest == pytest.approx(STRIKES_HZ, abs=0.11)
    view = plot("envelope", striking_id, low=2_500, high=3_900, squared=is_squared)
    assert view["value_unit"] == ("(m/s²)²" if is_squared else "m/s²")
    assert (view["band"], dict(view["card"])["Band"]) == ((2_500, 3_900), "2500 to 3900 Hz")
    assert view["x_span"] == (0, 1_000)  # 40 times the shaft speed


def test_an_envelope_can_be_averaged(striking_id):
    view = plot("envelope", striking_id, averaging="linear", segment=20_000)
    assert view["resolution_hz"] == 0.5
    assert dict(view["card"])["Averages"] == "9 linear, 50 % overlap"


def test_the_cepstrum_counts_seconds_whatever_the_axis(striking_id):
    done = lines("cepstrum", striking_id)
    expected = cepstrum(SAMPLES, RATE_HZ)
    np.testing.assert_array_equal(done.y, expected.values[1:])
    view = plot("cepstrum", striking_id, x="orders")
    assert (view["x_title"], view["x_factor"]) == ("Quefrency [s]", 1)
    assert view["x_span"] == (pytest.approx(0.0016), 0.25)
    part = plot("cepstrum", striking_id, (0.01, 0.012))
    assert part["x_span"] == (0.01, 0.012)
    late = view["x"] > 0.005
    strikes = view["x"][late][view["y"][late].argmax()] * STRIKES_HZ
    assert strikes == pytest.approx(round(strikes), abs=0.02)
    assert "says little" in plot("cepstrum", striking_id, filter="low", filter_high=900)["notes"][0]


def test_a_steep_filter_is_seen_in_the_spectrum(striking_id):
    settings = {"filter": "band", "filter_low": 2_000, "filter_high": 4_000}
    raw, done = lines("spectrum", striking_id), lines("spectrum", striking_id, **settings)
    outside = (raw.x > 20) & (raw.x < 30)
    inside = (raw.x > 2_900) & (raw.x < 3_300)
    assert done.y[outside].max() < 1e-3 * raw.y[outside].max()
    assert done.y[inside].max() == pytest.approx(raw.y[inside].max(), rel=0.01)
