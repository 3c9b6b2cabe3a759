from __future__ import annotations

import json

from layouts.served_batch import accuracy, row_table

SCORED = {"recordings": 8, "right": 6, "accuracy": 0.75, "low": None, "high": None}


def test_an_accuracy_has_its_number_and_its_interval_or_why_there_is_none():
    told = accuracy({**SCORED, "no_interval": "Too few groups."})
    assert told.startswith("75.0 % (6 of 8 recordings")
    assert told.endswith("Too few groups.")
    assert accuracy({**SCORED, "low": 0.5, "high": 0.9}).endswith("95 % interval 50.0 to 90.0 %")
    nothing = {"recordings": 0, "right": 0, "accuracy": None, "low": None, "high": None}
    assert accuracy(nothing).startswith("not known")


def test_a_refused_recording_shows_its_reason_and_no_number():
    row = {
        "recording_id": 7,
        "recording": "<b>pump</b>",
        "label": None,
        "side": "train",
        "predicted": None,
        "probability": None,
        "windows": 0,
        "agreement": None,
        "estimates": [],
        "error": "Channel 0 is in Pa; the model takes g.",
    }
    drawn = json.dumps(row_table([row]).to_plotly_json(), default=lambda one: one.to_plotly_json())
    assert "Channel 0 is in Pa" in drawn
    assert "training" in drawn
    assert " %" not in drawn


def test_what_is_said_beside_the_class_has_its_unit():
    row = {
        "recording_id": 7,
        "recording": "pump",
        "label": None,
        "side": None,
        "predicted": "outer",
        "probability": 0.9,
        "windows": 3,
        "agreement": 1.0,
        "estimates": [{"name": "speed_rpm", "unit": "rpm", "value": 1772.4}],
        "error": None,
    }
    drawn = json.dumps(row_table([row]).to_plotly_json(), default=lambda one: one.to_plotly_json())
    assert "speed 1,772 rpm" in drawn
