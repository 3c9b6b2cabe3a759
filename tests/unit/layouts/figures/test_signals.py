from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from layouts.figures import signals as figures

X = np.linspace(0.0, 5.0, 2_200)
Y = np.random.default_rng(0).normal(size=2_200)


def as_sent(figure) -> dict:
    return json.loads(figure.to_json())


def decoded(values: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


@pytest.mark.parametrize(
    ("build", "x_title", "y_title"),
    [
        (figures.waveform, "Time [s]", "Amplitude [mm/s]"),
        (figures.amplitude_spectrum, "Frequency [Hz]", "Amplitude, 0 to peak [mm/s]"),
        (
            figures.power_spectral_density,
            "Frequency [Hz]",
            "Power spectral density [(mm/s)²/Hz]",
        ),
        (figures.envelope_spectrum, "Modulation frequency [Hz]", "Amplitude [mm/s]"),
    ],
)
def test_axes_have_units_and_values_arrive(build, x_title, y_title):
    sent = as_sent(build(X, np.abs(Y), "mm/s"))
    assert sent["layout"]["xaxis"]["title"]["text"] == x_title
    assert sent["layout"]["yaxis"]["title"]["text"] == y_title
    np.testing.assert_array_equal(decoded(sent["data"][0]["x"]), X)
    np.testing.assert_allclose(decoded(sent["data"][0]["y"]), np.abs(Y), rtol=1e-6)


def test_a_waveform_is_small_and_shows_the_wanted_time():
    figure = figures.waveform(X, Y, "g", (1.0, 2.0))
    assert len(figure.to_json()) < 60_000
    assert list(figure.layout.xaxis.range) == [1.0, 2.0]
    assert figure.layout.yaxis.fixedrange


def test_no_power_is_not_drawn_on_a_logarithmic_axis():
    sent = as_sent(figures.power_spectral_density(np.arange(3.0), np.array([0.0, 1.0, 2.0]), "g"))
    assert decoded(sent["data"][0]["x"]).tolist() == [1, 2]


@pytest.mark.parametrize(("lowest", "kind"), [(-126.0, "i1"), (-180.0, "i2")])
def test_a_spectrogram_is_sent_in_whole_decibels(lowest, kind):
    levels_db = np.array([[lowest, -60.4], [-80.0, -100.6]])
    sent = as_sent(figures.spectrogram(np.arange(2.0), np.arange(2.0), levels_db, "g"))
    assert sent["data"][0]["z"]["dtype"] == kind
    assert decoded(sent["data"][0]["z"]).tolist() == [lowest, -60, -80, -101]
    assert sent["data"][0]["colorbar"]["title"]["text"] == "dB re 1 g²/Hz"


def test_values_for_a_patch_are_those_that_plotly_would_send():
    sent = as_sent(figures.waveform(X, Y, "g"))["data"][0]
    assert figures.line_values(X) == sent["x"]
    assert figures.line_values(Y.astype("f4")) == sent["y"]


def test_an_empty_figure_says_why():
    assert "too few samples" in figures.empty("too few samples").to_json()
