from __future__ import annotations

import csv

import numpy as np

from services.signals.overview_tables import comparison_csv, trend_csv, waterfall_csv


def read(text: str) -> tuple[list[str], list[list[str]]]:
    lines = text.splitlines()
    told = [line for line in lines if line.startswith("# ")]
    return told, list(csv.reader(lines[len(told) :]))


def curve(name, refused=""):
    x, y = np.array([0.0, 10.0]), np.array([0.5, 1 / 3])
    return {"name": name, "channel": "a", "x": x, "y": y, "refused": refused}


def test_points_of_all_curves_stand_below_how_they_were_made():
    view = {
        "x_title": "Frequency [Hz]",
        "value_unit": "g",
        "card": [("Window", "Hann")],
        "curves": [curve("one"), curve("=two"), curve("three", "V cannot\nbe converted")],
    }
    told, rows = read(comparison_csv(view))
    assert told[0] == "# Window: Hann"
    assert told[-1] == "# three: V cannot be converted"
    assert rows[0] == ["recording", "channel", "Frequency [Hz]", "value [g]"]
    assert rows[1:3] == [["one", "a", "0", "0.5"], ["one", "a", "10", "0.333333333"]]
    assert [row[0] for row in rows[3:]] == ["'=two", "'=two"]


def test_a_trend_has_a_row_for_each_recording():
    view = {
        "curves": [
            {"title": "RMS", "unit": "g", "at": np.array([0, 1]), "values": np.array([1.0, -2.5])},
            {"title": "Kurtosis", "unit": "", "at": np.array([1]), "values": np.array([3.0])},
        ],
        "places": [0.5, 1.5, 2.5],
        "place_title": "Elapsed time [h]",
        "recording_ids": [7, 8, 9],
        "names": ["a", "b", "c"],
        "labels": [None, "worn", None],
        "notes": ["in order of time"],
    }
    told, rows = read(trend_csv(view))
    assert told == ["# Made: in order of time"]
    assert rows == [
        ["id", "recording", "label", "Elapsed time [h]", "RMS [g]", "Kurtosis"],
        ["7", "a", "", "0.5", "1", ""],
        ["8", "b", "worn", "1.5", "-2.5", "3"],
    ]


def test_a_waterfall_has_a_column_for_each_band():
    view = {
        "x": np.array([5.0, 15.0]),
        "values": np.array([[1.0, np.nan]], dtype=np.float32),
        "x_title": "Frequency [Hz]",
        "unit": "g",
        "places": [1],
        "place_title": "Recording, by name",
        "recording_ids": [7],
        "names": ["a"],
        "notes": [],
    }
    told, rows = read(waterfall_csv(view))
    assert "# Values: amplitudes [g]" in told
    assert rows == [["id", "recording", "Recording, by name", "5", "15"], ["7", "a", "1", "1", ""]]
