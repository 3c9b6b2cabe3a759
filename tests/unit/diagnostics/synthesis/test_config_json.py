from __future__ import annotations

import json
from dataclasses import replace

import pytest

from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import SynthesisError
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.config_json import as_json, read_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.motion import SpeedProfile
from diagnostics.synthesis.noise import NoiseLayers


@pytest.mark.parametrize(
    "config",
    [
        SynthesisConfig(),
        SynthesisConfig(
            classes={"wear+lubrication": 3},
            severities=("mild", "severe"),
            speed_profile=SpeedProfile.RANDOM_WALK,
            noise=replace(NoiseLayers(), sensor_snr_db=None, impulses_per_s=2.0),
            seed=2**32 - 1,
        ),
        usual_config(Kind.ROLLING, geometry=Bearing(8, 6.0, 32.0, 10.0), slip_percent=(0.0, 0.0)),
    ],
)
def test_there_and_back(config):
    text = json.dumps(as_json(config))
    assert read_config(json.loads(text)) == config


def test_what_is_not_named_is_usual_for_the_kind():
    assert read_config({}) == SynthesisConfig()
    assert read_config({"kind": "rolling"}) == usual_config(Kind.ROLLING)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "must be an object"),
        (None, "must be an object"),
        ({1: 2}, "must be an object"),
        ({"version": 2}, "has the version 2; this program reads 1"),
        ({"version": {"a": 1}}, "has the version"),
        ({"kind": ["journal"]}, "one of journal, rolling"),
        ({"rpm": 1}, "no entry “rpm”"),
        ({"x" * 9_999: 1}, "no entry “" + "x" * 60 + "”"),
        ({"geometry": {}}, "no entry “geometry”"),  # journal bearings have none
        ({"kind": "rolling", "geometry": {"rolling_elements": 9}}, "no “element_diameter_mm”"),
        ({"kind": "rolling", "geometry": {"balls": 9}}, "no entry “balls”"),
        (
            {
                "kind": "rolling",
                "geometry": {
                    "rolling_elements": 1,
                    "element_diameter_mm": 5,
                    "pitch_diameter_mm": 30,
                },
            },
            "3 rolling elements or more",
        ),
        ({"bearings": "6"}, "“bearings” must be a number, got '6'"),
        ({"bearings": True}, "must be a number"),
        ({"bearings": 2.5}, "whole number, got 2.5"),
        ({"bearings": 10**400}, "too large"),
        ({"bearings": None}, "must be a number"),
        ({"speed_rpm": 3_000}, "two numbers"),
        ({"speed_rpm": [1, 2, 3]}, "two numbers"),
        ({"severities": "mild"}, "list of names"),
        ({"severities": [1]}, "list of names"),
        ({"severities": ["mild"] * 99}, "list of names"),
        ({"classes": ["wear"]}, "must be an object"),
        ({"classes": {}}, "from 1 to 50 classes"),
        ({"classes": {"wear": "many"}}, "number of “wear” must be a number"),
        ({"speed_profile": "wild"}, "one of constant, ramp"),
        ({"noise": 3}, "“noise” must be an object"),
        ({"noise": {"hiss": 1}}, "“noise” has no entry “hiss”"),
        ({"noise": {"mains_hz": None}}, "“mains_hz” must be a number"),
        ({"noise": {"pink_g": float("nan")}}, "pink noise must be a number"),
        ({"duration_s": float("nan")}, "duration must be a number"),
    ],
)
def test_what_anybody_may_send_is_refused_in_a_sentence(document, sentence):
    with pytest.raises(SynthesisError) as told:
        read_config(document)
    assert sentence in str(told.value)
    assert len(str(told.value)) < 600
