from __future__ import annotations

import base64
import json

import numpy as np

from layouts.figures import signals as figures

X = np.linspace(0.0, 5.0, 2_200)
Y = np.random.default_rng(0).normal(size=2_200)


def as_sent(figure) -> dict:
    return json.loads(figure.to_json())


def decoded(values: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


def test_axes_have_units_and_values_arrive():
    sent = as_sent(figures.waveform(X, np.abs(Y), "mm/s"))
    assert sent["layout"]["xaxis"]["title"]["text"] == "Time [s]"
    assert sent["layout"]["yaxis"]["title"]["text"] == "Amplitude [mm/s]"
    np.testing.assert_array_equal(decoded(sent["data"][0]["x"]), X)
    np.testing.assert_allclose(decoded(sent["data"][0]["y"]), np.abs(Y), rtol=1e-6)


def test_a_waveform_is_small_and_shows_the_wanted_time():
    figure = figures.waveform(X, Y, "g", (1.0, 2.0))
    assert len(figure.to_json()) < 60_000
    assert list(figure.layout.xaxis.range) == [1.0, 2.0]
    assert figure.layout.yaxis.fixedrange


def test_values_for_a_patch_are_those_that_plotly_would_send():
    sent = as_sent(figures.waveform(X, Y, "g"))["data"][0]
    assert figures.line_values(X) == sent["x"]
    assert figures.line_values(Y.astype("f4")) == sent["y"]


def test_an_empty_figure_says_why():
    assert "too few samples" in figures.empty("too few samples").to_json()
