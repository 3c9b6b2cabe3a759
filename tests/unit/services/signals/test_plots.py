from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals import averaging, conversion, spectrum, zoom
from diagnostics.signals.cepstrum import cepstrum
from diagnostics.signals.envelope import Band, envelope_spectrum
from diagnostics.signals.kurtogram import fast_kurtogram
from diagnostics.signals.recording_file import content_hash
from diagnostics.signals.signal import Unit, single_channel
from diagnostics.signals.spectrum import Detector, Window
from models import Origin
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signals import curves, parts, pictures
from services.signals.plots import PlotKind, compute, kind_of, plot_of
from services.signals.settings import PlotSettings
from tests import factories

RATE_HZ = 10_000.0
COUNT = 100_000
SHAFT_RPM = 1_500.0
STRIKES_HZ = 90.0


def _signal() -> np.ndarray:
    """Strikes that ring at 3.2 kHz, the shaft, and noise."""
    times_s = np.arange(COUNT) / RATE_HZ
    since_s = times_s % (1 / STRIKES_HZ)
    ringing = np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_200 * since_s)
    noise = np.random.default_rng(7).normal(scale=0.1, size=COUNT)
    return 2 * ringing + 0.5 * np.cos(2 * np.pi * SHAFT_RPM / 60 * times_s) + noise


SAMPLES = _signal()
SIGNAL = single_channel(SAMPLES, RATE_HZ, Unit.ACCELERATION)
KINDS = list(PlotKind)


@pytest.fixture
def recording_id(analyst):
    with unit_of_work() as session:
        speed = {"speed_rpm": SHAFT_RPM, "speed_source": "file"}
        return factories.recording(session, SIGNAL, **speed).id


def plot(kind, recording_id, span=curves.ALL, start_s=None, stop_s=None, **settings):
    place = (recording_id, 0, start_s, stop_s)
    return plot_of(kind_of(kind), place, PlotSettings.from_mapping(settings), span)


def lines(kind, recording_id, **settings):
    """Before they are thinned."""
    place = (recording_id, 0, None, None)
    return compute(kind_of(kind), place, PlotSettings.from_mapping(settings))[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_plot_has_a_card_with_what_made_it(recording_id, kind):
    view = plot(kind, recording_id, start_s=1.0, stop_s=3.0)
    card = dict(view["card"])
    assert card["Data"] == content_hash(SIGNAL)
    assert card["Sampling rate"] == "10000 Hz"
    assert card["Time"] == "1 to 3 s, 20000 samples"
    assert card["Speed"] == "1500 rpm, recorded"
    assert card["Processing"] == "none"
    assert (view["kind"], view["start_s"], view["stop_s"]) == (kind.value, 1.0, 3.0)
    assert (view["speed_rpm"], view["shaft_hz"]) == (1_500, 25)
    if view["values"].size:
        assert view["values"].shape == (view["y"].size, view["x"].size)
    else:
        assert view["x"].shape == view["y"].shape


@pytest.mark.parametrize("kind", KINDS)
def test_every_plot_is_made_of_the_processed_samples(recording_id, kind):
    settings = {"unit": "mm/s", "high_pass": 20, "rate": 8_000, "detrend": "mean"}
    view = plot(kind, recording_id, **settings)
    assert (view["unit"], view["sample_rate_hz"]) == ("mm/s", 8_000)
    assert dict(view["card"])["Processing"] == (
        "mean taken off; integrated from m/s² to mm/s with a high-pass at 20 Hz; "
        "resampled from 10000 to 8000 Hz"
    )
    assert "The processing disturbs the first and the last" in " ".join(view["notes"])
    assert view["x"].max() <= (4_000 if view["kind"] != "cepstrum" else 5)


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_samples_and_foreign_units_are_refused_by_every_plot(recording_id, kind):
    with pytest.raises(Invalid):
        plot(kind, recording_id, start_s=1.0, stop_s=1.0003)
    with pytest.raises(Invalid, match="A low-pass filter needs an upper edge"):
        plot(kind, recording_id, filter="low")
    with pytest.raises(NotFound, match="no recording 999"):
        plot(kind, 999)


def test_the_spectrum_takes_detector_and_window(recording_id):
    done = lines("spectrum", recording_id, detector="rms", window="flattop")
    expected = spectrum.amplitude_spectrum(SAMPLES, RATE_HZ, Window.FLAT_TOP, Detector.RMS)
    np.testing.assert_array_equal(done.y, expected.values)
    card = dict(plot("spectrum", recording_id, detector="rms", window="flattop")["card"])
    assert (card["Detector"], card["Window"], card["Averages"]) == ("RMS", "flat top", "1")
    assert (card["Resolution"], card["Unit"]) == ("0.1 Hz", "m/s²")


@pytest.mark.parametrize("how", ["linear", "peak_hold"])
def test_the_spectrum_is_averaged_over_segments(recording_id, how):
    settings = {"averaging": how, "segment": 4_000, "overlap": 0.75, "window": "hamming"}
    done = lines("spectrum", recording_id, **settings)
    expected = averaging.averaged_spectrum(
        SAMPLES, RATE_HZ, 4_000, 0.75, Window.HAMMING, averaging.Averaging(how)
    )
    np.testing.assert_allclose(done.y, expected.values)
    view = plot("spectrum", recording_id, **settings)
    words = {"linear": "linear", "peak_hold": "peak hold"}[how]
    assert dict(view["card"])["Averages"] == f"97 {words}, 75 % overlap"
    assert (view["segment"], view["resolution_hz"]) == (4_000, 2.5)
    with pytest.raises(Invalid, match="A segment must have between 8 samples and the 100000"):
        plot("spectrum", recording_id, averaging=how, segment=200_000)


def test_a_zoom_has_finer_lines_and_says_what_it_cannot_tell_apart(recording_id):
    view = plot("spectrum", recording_id, zoom_low=85, zoom_high=95, averaging="linear")
    expected = zoom.zoom_spectrum(SAMPLES, RATE_HZ, 85, 95, curves.ZOOM_LINES)
    np.testing.assert_allclose(view["y"], expected.values)
    assert (view["x_span"], view["x"][0], view["x"][-1]) == ((85, 95), 85, 95)
    assert view["resolution_hz"] == pytest.approx(0.1)  # of the data, not of the lines
    assert "not told apart" in view["notes"][0]
    assert "not averaged" in view["notes"][1]
    nearer = plot("spectrum", recording_id, (89.0, 91.0), zoom_low=85, zoom_high=95)
    assert (nearer["x"][0], nearer["x"][-1]) == (89, 91)
    open_end = plot("spectrum", recording_id, zoom_low=4_000)
    assert open_end["x_span"] == (4_000, 5_000)
    for wrong in ({"zoom_high": 6_000}, {"zoom_low": 95, "zoom_high": 85}):
        with pytest.raises(Invalid, match="The zoomed part must lie between 0 and 5000 Hz"):
            plot("spectrum", recording_id, **wrong)


def test_a_spectrum_in_another_unit_is_that_of_the_converted_tone(recording_id):
    done = lines("spectrum", recording_id, unit="µm", high_pass=5, window="flattop")
    line = int(np.abs(done.x - 25).argmin())
    gain = conversion.conversion_gain(np.array([25.0]), Unit.ACCELERATION, Unit.DISPLACEMENT)
    assert done.y[line] == pytest.approx(0.5 * gain[0], rel=0.02)
    assert done.value_unit == "µm"


def test_a_density_is_per_hertz(recording_id):
    done = lines("density", recording_id, segment=1_000, overlap=0.6, window="blackman")
    expected = spectrum.power_spectral_density(SAMPLES, RATE_HZ, 1_000, Window.BLACKMAN, 0.6)
    np.testing.assert_array_equal(done.y, expected.values)
    view = plot("density", recording_id)
    assert (view["value_unit"], view["unit"]) == ("(m/s²)²/Hz", "m/s²")
    assert dict(view["card"])["Averages"].endswith("linear, 50 % overlap")


@pytest.mark.parametrize("is_squared", [False, True])
def test_the_envelope_of_a_typed_band(recording_id, is_squared):
    done = lines("envelope", recording_id, low=2_500, high=3_900, squared=is_squared)
    expected = envelope_spectrum(SAMPLES, RATE_HZ, Band(2_500, 3_900), is_squared)
    np.testing.assert_allclose(done.y, expected.values)
    np.testing.assert_allclose(done.x, expected.frequencies_hz)
    strongest = done.x[1:][done.y[1:].argmax()]
    assert strongest == pytest.approx(STRIKES_HZ, abs=0.11)
    view = plot("envelope", recording_id, low=2_500, high=3_900, squared=is_squared)
    assert view["value_unit"] == ("(m/s²)²" if is_squared else "m/s²")
    assert (view["band"], dict(view["card"])["Band"]) == ((2_500, 3_900), "2500 to 3900 Hz")
    assert view["x_span"] == (0, 1_000)  # 40 times the shaft speed


def test_the_band_of_an_envelope_is_usual_or_the_best_of_the_kurtogram(recording_id):
    assert plot("envelope", recording_id)["band"] == pytest.approx((RATE_HZ / 6, RATE_HZ * 5 / 12))
    best = plot("kurtogram", recording_id)["band"]
    found = plot("envelope", recording_id, band="kurtogram")
    assert found["band"] == best == plot("envelope", recording_id, band="kurtogram")["band"]
    assert "best one of the kurtogram" in found["notes"][0]
    low_hz, high_hz = best
    assert low_hz < 3_200 < high_hz
    typed = plot("envelope", recording_id, band="kurtogram", low=1_000)
    assert typed["band"] == (1_000, RATE_HZ * 5 / 12)
    with pytest.raises(Invalid, match="above the 5000 Hz"):
        plot("envelope", recording_id, low=3_000, high=6_000)
    narrow = plot("envelope", recording_id, low=3_000, high=3_200)
    assert narrow["x_span"] == (0, 200)


def test_an_envelope_can_be_averaged(recording_id):
    view = plot("envelope", recording_id, averaging="linear", segment=20_000)
    assert view["resolution_hz"] == 0.5
    assert dict(view["card"])["Averages"] == "9 linear, 50 % overlap"


def test_the_kurtogram_has_its_cells_and_marks_the_best(recording_id):
    view = plot("kurtogram", recording_id)
    expected = fast_kurtogram(SAMPLES, RATE_HZ)
    np.testing.assert_array_equal(view["values"], expected.picture())
    assert view["levels"] == expected.levels.tolist()
    assert [len(row) for row in view["cells"]] == [row.size for row in expected.kurtosis]
    assert view["y"].tolist() == list(range(len(view["cells"])))
    assert (view["cells"][-1][-1]["high_hz"], view["x"][-1]) == (
        5_000,
        pytest.approx(4_993.5, 1e-3),
    )
    assert view["band"] == (expected.best.band.low_hz, expected.best.band.high_hz)
    assert view["value_unit"] == ""


def test_the_cepstrum_counts_seconds_whatever_the_axis(recording_id):
    done = lines("cepstrum", recording_id)
    expected = cepstrum(SAMPLES, RATE_HZ)
    np.testing.assert_array_equal(done.y, expected.values[1:])
    view = plot("cepstrum", recording_id, x="orders")
    assert (view["x_title"], view["x_factor"]) == ("Quefrency [s]", 1)
    assert view["x_span"] == (pytest.approx(0.0016), 0.25)
    part = plot("cepstrum", recording_id, (0.01, 0.012))
    assert part["x_span"] == (0.01, 0.012)
    late = view["x"] > 0.005
    strikes = view["x"][late][view["y"][late].argmax()] * STRIKES_HZ
    assert strikes == pytest.approx(round(strikes), abs=0.02)
    assert (
        "says little" in plot("cepstrum", recording_id, filter="low", filter_high=900)["notes"][0]
    )


def test_a_spectrogram_has_the_segment_the_window_and_the_overlap_asked_for(recording_id):
    view = plot("spectrogram", recording_id, segment=1_024, overlap=0.75, start_s=2.0, stop_s=5.0)
    assert (view["segment"], view["value_unit"]) == (1_024, "(m/s²)²/Hz")
    assert 2 < view["x"][0] < view["x"][-1] < 5
    assert view["values"].max() - view["values"].min() <= pictures.DEPTH_DB
    card = dict(view["card"])
    assert (card["Unit"], card["Window"]) == ("dB re 1 (m/s²)²/Hz", "Hann")
    assert card["Resolution"] == "9.76562 Hz"
    usual = plot("spectrogram", recording_id)
    assert usual["segment"] == 512
    assert usual["values"].shape[1] <= pictures.IMAGE_COLUMNS


def test_a_scalogram_shows_the_strikes_at_their_resonance(recording_id):
    view = plot("scalogram", recording_id, start_s=1.0, stop_s=1.5, cycles=8)
    loudest = view["y"][
        view["values"].max(axis=1)[view["y"] > 500].argmax() + (view["y"] <= 500).sum()
    ]
    assert loudest == pytest.approx(3_200, rel=0.1)
    assert 1 < view["x"][0] < view["x"][-1] < 1.5
    assert "Morlet's wavelet of 8 cycles" in view["notes"][0]
    part = plot("scalogram", recording_id, zoom_low=100, zoom_high=1_000)
    assert (part["y"][0], part["y"][-1]) == pytest.approx((100, 1_000))
    with pytest.raises(Invalid, match="at most 5000 Hz"):
        plot("scalogram", recording_id, zoom_high=9_000)


def test_long_pictures_are_made_of_the_middle_and_it_is_said(recording_id, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_SCALOGRAM", 20_000)
    monkeypatch.setattr(pictures, "MOST_KURTOGRAM", 20_000)
    image = plot("scalogram", recording_id)
    assert image["x_span"] == (4, 6)
    assert image["notes"][1] == "Made of the middle 2 s, to be quick."
    assert plot("kurtogram", recording_id)["notes"][1] == "Made of the middle 2 s, to be quick."


def test_a_long_time_is_cut_to_its_middle_and_the_card_says_so(recording_id, monkeypatch):
    monkeypatch.setattr(parts, "MOST_SAMPLES", 10_000)
    view = plot("spectrum", recording_id)
    assert (view["sample_count"], view["chosen_count"]) == (10_000, COUNT)
    assert "middle 10000 of 100000 chosen samples" in dict(view["card"])["Notes"]
    assert plot("density", recording_id, overlap=0.9)["sample_count"] == 4_000
    averaged = plot("spectrum", recording_id, overlap=0.9, averaging="linear")
    assert averaged["sample_count"] == 4_000
    assert plot("spectrum", recording_id, overlap=0.9)["sample_count"] == 10_000


@pytest.mark.parametrize(
    ("chosen", "factor", "title"),
    [
        ({}, 1.0, "Frequency [Hz]"),
        ({"x": "cpm"}, 60.0, "Frequency [CPM]"),
        ({"x": "orders"}, 1 / 25, "Order [× shaft speed]"),
        ({"x": "orders", "speed": 3_000}, 1 / 50, "Order [× shaft speed]"),
    ],
)
def test_the_axis_counts_what_was_chosen(recording_id, chosen, factor, title):
    view = plot("spectrum", recording_id, **chosen)
    assert (view["x_factor"], view["x_title"]) == (pytest.approx(factor), title)
    assert view["axis"] == chosen.get("x", "hz")
    assert view["x_span"] == (0, 5_000)  # in Hz all the same


def test_without_a_speed_there_are_no_orders_and_it_is_said(analyst):
    with unit_of_work() as session:
        unknown = factories.recording(session, SIGNAL).id
    view = plot("spectrum", unknown, x="orders")
    assert (view["axis"], view["x_factor"], view["speed_rpm"]) == ("hz", 1, None)
    assert (
        "Shown in Hz, since orders need a speed. The recording has no speed." in view["notes"][-1]
    )
    assert "Speed" not in dict(view["card"])


def test_an_estimated_speed_is_called_so(recording_id):
    card = dict(plot("spectrum", recording_id, speed_source="estimated")["card"])
    assert "Speed" not in card or card["Speed"].endswith("estimated")


def test_what_is_generated_says_so(analyst):
    with unit_of_work() as session:
        made = factories.recording(session, SIGNAL, origin=Origin.GENERATED).id
    assert "generated, not measured" in dict(plot("spectrum", made)["card"])["Notes"]


def test_a_steep_filter_is_seen_in_the_spectrum(recording_id):
    settings = {"filter": "band", "filter_low": 2_000, "filter_high": 4_000}
    raw, done = lines("spectrum", recording_id), lines("spectrum", recording_id, **settings)
    outside = (raw.x > 20) & (raw.x < 30)
    inside = (raw.x > 2_900) & (raw.x < 3_300)
    assert done.y[outside].max() < 1e-3 * raw.y[outside].max()
    assert done.y[inside].max() == pytest.approx(raw.y[inside].max(), rel=0.01)
