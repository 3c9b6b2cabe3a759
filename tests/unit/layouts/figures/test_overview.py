from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from layouts.figures import overview

HZ = "Frequency [Hz]"


def numbers(values) -> np.ndarray:
    """As the browser gets them."""
    if isinstance(values, dict):
        shape = [int(n) for n in str(values.get("shape", "-1")).split(",")]
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).reshape(shape)
    return np.array(values, dtype=float)


def drawn(figure) -> dict:
    return json.loads(figure.to_json())


def curve(number: int, **given):
    plausible = {
        "recording_id": number,
        "name": f"run <b>{number}</b>",
        "sample_rate_hz": 12_000.0,
        "x": np.array([0.0, 10.0, 20.0]),
        "y": np.array([0.0, 1.0, float(number)]),
        "refused": "",
    }
    return {**plausible, **given}


def compared(*curves, **given):
    plausible = {"plot": "spectrum", "x_title": HZ, "x_span": (0.0, 20.0), "unit": "g"}
    return {**plausible, "value_unit": "g", "curves": list(curves), **given}


def test_curves_lie_in_one_plot_and_say_name_and_rate():
    made = drawn(overview.comparison(compared(curve(1), curve(2), curve(3, refused="no")), {}))
    assert [trace["name"] for trace in made["data"]] == [
        "run &lt;b&gt;1&lt;/b&gt; · 12000 Hz",
        "run &lt;b&gt;2&lt;/b&gt; · 12000 Hz",
    ]
    assert made["layout"]["yaxis"]["title"]["text"] == "Amplitude, 0 to peak [g]"
    assert made["layout"]["xaxis"]["range"] == [0, 20]
    assert made["data"][0]["line"]["color"] != made["data"][1]["line"]["color"]


def test_axes_are_called_as_those_of_one_recording():
    view = compared(curve(1), curve(2), plot="envelope", value_unit="g²")
    made = drawn(overview.comparison(view, {"squared": True, "detector": "rms"}))
    assert made["layout"]["yaxis"]["title"]["text"] == "Squared envelope, RMS [g²]"
    assert made["layout"]["xaxis"]["title"]["text"] == "Modulation frequency [Hz]"


def test_one_plot_each_shares_both_axes():
    made = drawn(overview.comparison(compared(curve(1), curve(2)), {"layout": "multiples"}))
    assert made["data"][1]["yaxis"] == "y2"
    assert made["layout"]["yaxis"]["range"] == made["layout"]["yaxis2"]["range"] == [0, 2.1]
    assert made["layout"]["xaxis"]["matches"] == "x2"
    assert made["layout"]["xaxis2"]["title"]["text"] == HZ
    titles = [one["text"] for one in made["layout"]["annotations"]]
    assert titles[:2] == [f"run &lt;b&gt;{number}&lt;/b&gt; · 12000 Hz" for number in (1, 2)]
    assert overview.comparison_height(6, apart=True) > overview.comparison_height(6, apart=False)


def test_values_in_decibels_and_logarithms():
    view = compared(curve(1), curve(10), unit="m/s²", value_unit="m/s²")
    levels = drawn(overview.comparison(view, {"y": "db"}))
    assert levels["layout"]["yaxis"]["title"]["text"] == "Amplitude, 0 to peak [dB re 1 µm/s²]"
    assert numbers(levels["data"][1]["y"])[1:] == pytest.approx([120, 140])
    density = compared(curve(1), plot="density", value_unit="(m/s²)²/Hz")
    logarithmic = drawn(overview.comparison(density, {}))
    assert logarithmic["layout"]["yaxis"]["type"] == "log"
    assert np.isnan(numbers(logarithmic["data"][0]["y"])[0])


def trend(**given):
    def one(name, unit):
        return {
            "name": name,
            "title": name,
            "unit": unit,
            "at": np.array([0, 2]),
            "values": np.array([1.0, 2.0]),
        }

    plausible = {
        "curves": [one("rms", "g"), one("kurtosis", "")],
        "places": [0.0, 1.5, 3.0],
        "place_title": "Elapsed time [h]",
        "recording_ids": [7, 8, 9],
        "names": ["a", "b", "<c>"],
        "labels": [None, None, "worn"],
    }
    return {**plausible, **given}


def test_a_trend_has_a_panel_each_and_knows_its_recordings():
    made = drawn(overview.trend(trend(), 8))
    first, second = made["data"]
    assert (first["yaxis"], second["yaxis"]) == ("y", "y2")
    assert (first["x"], first["customdata"]) == ([0.0, 3.0], [7, 9])
    assert first["text"] == ["a", "&lt;c&gt; · worn"]
    assert made["layout"]["yaxis"]["title"]["text"] == "rms [g]"
    assert made["layout"]["xaxis2"]["title"]["text"] == "Elapsed time [h]"
    assert {shape["x0"] for shape in made["layout"]["shapes"]} == {1.5}
    assert made["layout"]["meta"] == {"by": "point"}


def test_lines_of_a_bearing_share_a_panel():
    curves = [{**trend()["curves"][0], "name": name, "title": name} for name in ("BPFO", "BSF2")]
    made = drawn(overview.trend(trend(curves=curves), None))
    assert "yaxis2" not in made["layout"]
    assert made["layout"]["showlegend"]
    assert made["layout"]["yaxis"]["title"]["text"] == "Amplitude [g]"
    assert overview.trend_height(trend(curves=curves)) < overview.trend_height(trend()) + 100


def test_moments_stand_on_an_axis_of_time():
    days = [datetime(2004, 2, day, tzinfo=UTC) for day in (12, 13, 14)]
    made = drawn(overview.trend(trend(places=days), 9))
    assert made["data"][0]["x"][1].startswith("2004-02-14")
    assert made["layout"]["shapes"][0]["x0"].startswith("2004-02-14")


def waterfall(**given):
    plausible = {
        "x": np.array([5.0, 15.0]),
        "values": np.array([[1.0, 10.0], [0.0, np.nan], [2.0, 5.0]]),
        "x_title": HZ,
        "unit": "g",
        "squared": False,
        "places": [0.0, 1.5, 3.0],
        "place_title": "Elapsed time [h]",
        "recording_ids": [7, 8, 9],
        "names": ["a", "b", "<c>"],
    }
    return {**plausible, **given}


def test_a_waterfall_shows_levels_by_colour():
    made = drawn(overview.waterfall_picture(waterfall(), "db", 9))
    heat = made["data"][0]
    found = numbers(heat["z"])
    assert found[0] == pytest.approx([0, 20])
    assert found[1][0] == -40
    assert np.isnan(found[1][1])
    assert heat["y"] == ["a", "b", "&lt;c&gt;"]
    assert made["layout"]["yaxis"]["ticktext"] == ["0.0", "1.5", "3.0"]
    assert made["layout"]["meta"] == {"by": "row", "ids": [7, 8, 9]}
    assert made["layout"]["shapes"][0]["y0"] == 1.5
    assert heat["colorbar"]["title"]["text"] == "dB re 1 g"
    linear = drawn(overview.waterfall_picture(waterfall(), "linear", None))
    assert numbers(linear["data"][0]["z"])[0] == pytest.approx([1, 10])
    squares = drawn(overview.waterfall_picture(waterfall(squared=True), "db", None))
    assert numbers(squares["data"][0]["z"])[0] == pytest.approx([0, 10])


def test_a_cascade_steps_upwards():
    made = drawn(overview.waterfall_cascade(waterfall(), 8))
    assert [numbers(trace["y"])[0] for trace in made["data"]] == pytest.approx([0.6, 1, 3.2])
    assert numbers(made["data"][2]["customdata"]) == pytest.approx([2, 5])
    colours = [trace["line"]["color"] for trace in made["data"]]
    assert colours[0] == colours[2] != colours[1]
    assert made["layout"]["meta"] == {"by": "curve", "ids": [7, 8, 9]}


def test_nothing_but_zeros_is_drawn_too():
    still = waterfall(values=np.zeros((3, 2)))
    assert drawn(overview.waterfall_picture(still, "db", None))["data"]
    assert drawn(overview.waterfall_cascade(still, None))["data"]
