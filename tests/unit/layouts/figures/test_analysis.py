from __future__ import annotations

import numpy as np
import pytest

from layouts.figures import analysis as figures

FREQUENCIES = np.linspace(0, 500, 501)
LINES = np.full(501, 0.001)
LINES[50] = 2.0
CURVE = {
    "kind": "spectrum",
    "x": FREQUENCIES,
    "y": LINES,
    "values": np.empty((0, 0)),
    "unit": "mm/s",
    "value_unit": "mm/s",
    "axis": "hz",
    "x_factor": 1.0,
    "x_title": "Frequency [Hz]",
    "x_span": (0.0, 500.0),
    "sample_rate_hz": 1_000.0,
    "resolution_hz": 1.0,
    "band": None,
    "cells": [],
}
CELLS = [
    [{"level": 0.0, "low_hz": 0.0, "high_hz": 500.0, "kurtosis": 0.5}],
    [
        {"level": 1.0, "low_hz": 0.0, "high_hz": 250.0, "kurtosis": 0.1},
        {"level": 1.0, "low_hz": 250.0, "high_hz": 500.0, "kurtosis": 4.25},
    ],
]
KURTOGRAM = {
    **CURVE,
    "kind": "kurtogram",
    "cells": CELLS,
    "band": (250.0, 500.0),
    "values": np.array([[0.5, 0.5], [0.1, 4.25]]),
}


def drawn(view=CURVE, **settings):
    return figures.analysis(view, settings)


@pytest.mark.parametrize(
    ("detector", "title"),
    [
        ("peak", "Amplitude, 0 to peak [mm/s]"),
        ("rms", "Amplitude, RMS [mm/s]"),
        ("peak_to_peak", "Amplitude, peak to peak [mm/s]"),
    ],
)
def test_the_axis_names_the_detector_and_the_unit(detector, title):
    assert drawn(detector=detector).layout.yaxis.title.text == title


def test_levels_are_related_to_the_reference_of_the_unit():
    figure = drawn(y="db")
    assert figure.layout.yaxis.title.text == "Level of amplitude, 0 to peak [dB re 1 nm/s]"
    assert figure.data[0].y.max() == pytest.approx(20 * np.log10(2.0 / 1e-6), abs=1e-3)


def test_levels_of_a_density_and_of_a_squared_envelope_are_those_of_powers():
    density = drawn({**CURVE, "kind": "density", "value_unit": "(mm/s)²/Hz"}, y="db")
    assert density.layout.yaxis.title.text.endswith("[dB re (1 nm/s)²/Hz]")
    view = {**CURVE, "kind": "envelope", "value_unit": "(mm/s)²", "band": (100.0, 300.0)}
    squared = drawn(view, y="db", squared=True)
    assert squared.layout.yaxis.title.text == (
        "Level of squared envelope, 0 to peak [dB re (1 nm/s)²]"
    )
    assert squared.data[0].y.max() == pytest.approx(10 * np.log10(2.0 / 1e-12), abs=1e-3)


def test_a_logarithmic_axis_has_no_zero_on_it():
    lines = LINES.copy()
    lines[0] = 0.0
    figure = drawn({**CURVE, "y": lines}, y="log")
    assert figure.layout.yaxis.type == "log"
    assert figure.data[0].y.min() == pytest.approx(2e-6)
    silent = drawn({**CURVE, "y": np.zeros(501)}, y="log")
    assert np.isnan(silent.data[0].y).all()


@pytest.mark.parametrize(
    ("axis", "share"),
    [
        ("linear", lambda top, low, high: high / top),
        ("log", lambda top, low, high: np.log(high / low) / np.log(top / low)),
        ("db", lambda top, low, high: (high - low) / (top - low)),
    ],
)
def test_names_of_lines_find_room_above_the_highest_line(axis, share):
    figure = drawn(y=axis)
    values = np.asarray(figure.data[0].y, dtype=float)
    top = figure.layout.yaxis.autorangeoptions.include
    assert share(top, values.min(), values.max()) == pytest.approx(1 / 1.18, rel=1e-3)


def test_a_curve_without_values_needs_no_room():
    nothing = drawn({**CURVE, "y": np.full(501, np.nan)})
    assert nothing.layout.yaxis.autorangeoptions.include is None


def test_a_density_is_logarithmic_unless_told_otherwise():
    view = {**CURVE, "kind": "density"}
    assert drawn(view).layout.yaxis.type == "log"
    assert drawn(view, y="linear").layout.yaxis.type is None


def test_the_frequencies_are_counted_as_the_axis_does():
    view = {**CURVE, "axis": "cpm", "x_factor": 60.0, "x_title": "Frequency [CPM]"}
    figure = drawn({**view, "x_span": (10.0, 20.0)})
    assert list(figure.layout.xaxis.range) == [600, 1_200]
    assert figure.data[0].x[50] == pytest.approx(3_000)
    assert "CPM" in figure.data[0].hovertemplate
    assert figure.layout.meta["x_factor"] == 60


@pytest.mark.parametrize(("kind", "whole_hz"), [("spectrum", 500.0), ("envelope", 200.0)])
def test_the_browser_is_told_how_far_the_lines_go(kind, whole_hz):
    view = {**CURVE, "kind": kind, "band": (100.0, 300.0), "x_span": (0.0, 150.0)}
    about = drawn(view).layout.meta
    assert (about["whole_hz"], about["usual_hz"]) == (whole_hz, 150.0)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Frequency [CPM]", "Modulation frequency [CPM]"),
        ("Order [× shaft speed]", "Order [× shaft speed]"),
    ],
)
def test_the_frequencies_of_an_envelope_are_those_of_its_modulation(given, shown):
    view = {**CURVE, "kind": "envelope", "band": (100.0, 300.0), "x_title": given}
    assert drawn(view).layout.xaxis.title.text == shown


def test_a_scalogram_has_round_frequencies_along_its_axis():
    view = {**CURVE, "kind": "scalogram", "x": np.arange(2.0), "y": np.geomspace(90, 3e6, 8)}
    axis = drawn({**view, "values": np.zeros((8, 2))}).layout.yaxis
    assert axis.ticktext[:5] == ("100", "200", "500", "1k", "2k")
    assert (axis.ticktext[-1], axis.tickvals[-1]) == ("2M", 2e6)


def test_a_cepstrum_says_what_lines_stand_for_a_period():
    view = {**CURVE, "kind": "cepstrum", "x": np.array([0, 0.01]), "y": np.array([1.0, 0.5])}
    figure = drawn({**view, "x_title": "Quefrency [s]", "x_span": (0.0, 0.01)})
    assert figure.data[0].customdata.tolist() == [0.0, 100.0]
    assert "whole_hz" not in figure.layout.meta


@pytest.mark.parametrize(("kind", "scale"), [("spectrogram", None), ("scalogram", "log")])
def test_a_picture_is_sent_in_whole_decibels(kind, scale):
    image = {"x": np.arange(3.0), "y": np.array([1.0, 2.0]), "values": np.full((2, 3), -31.4)}
    view = {**CURVE, **image, "kind": kind, "x_factor": 60.0, "axis": "cpm"}
    figure = drawn(view)
    assert (figure.data[0].z.dtype, figure.data[0].z[0, 0]) == (np.int8, -31)
    assert figure.data[0].y.tolist() == [60, 120]
    assert figure.layout.yaxis.type == scale


def test_deep_levels_take_two_bytes():
    image = {"x": np.arange(2.0), "y": np.arange(1.0, 3.0), "values": np.array([[-180.0, -60.4]])}
    figure = drawn({**CURVE, **image, "kind": "spectrogram"})
    assert figure.data[0].z.dtype == np.int16
    assert figure.data[0].z.tolist() == [[-180, -60]]


def test_a_kurtogram_has_a_row_for_each_width_and_marks_the_best_band():
    figure = drawn({**KURTOGRAM, "axis": "cpm", "x_factor": 60.0})
    assert list(figure.layout.yaxis.ticktext) == ["30000", "15000"]
    assert figure.data[0].customdata[1].tolist() == [[0, 15_000], [15_000, 30_000]]
    best = figure.layout.shapes[0]
    assert (best.x0, best.x1, best.y0, best.y1) == (15_000, 30_000, 0.5, 1.5)


def test_a_refusal_is_told_in_lines_that_fit():
    text = figures.refused("The band must end at most at half the sampling rate, " * 3)
    assert text.layout.annotations[0].text.count("<br>") >= 2
