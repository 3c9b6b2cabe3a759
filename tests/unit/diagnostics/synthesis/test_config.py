from __future__ import annotations

import pytest

from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import SynthesisError
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.motion import SpeedProfile
from diagnostics.synthesis.noise import NoiseLayers


def test_usual_numbers():
    config = SynthesisConfig()
    assert (config.sample_rate_hz, config.duration_s, config.sample_count) == (20_480, 5, 102_400)
    assert (len(config.classes), config.recording_count) == (11, 198)
    # 60 Hz and 10 % to both sides.
    assert config.speed_rpm == (54 * 60, 66 * 60)
    assert config.evolving_share == 0.3
    assert len(usual_config(Kind.ROLLING).classes) == 5


def test_loads_go_from_the_lowest_to_the_highest():
    assert SynthesisConfig(load_percent=(20, 80), load_levels=4).loads == pytest.approx(
        [0.2, 0.4, 0.6, 0.8]
    )
    assert SynthesisConfig(load_percent=(20, 80), load_levels=1).loads == [0.5]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"classes": {"rust": 1}}, "no class “rust” of journal bearings"),
        ({"classes": {"wear": -1}}, "from 0 to 10,000, got -1"),
        ({"classes": {"wear": 0}}, "Nothing would be generated"),
        ({"bearings": 0}, "number of bearings must be a whole number from 1 to 1,000"),
        ({"bearings": 1_000, "classes": {"wear": 1_000}}, "number of recordings"),
        ({"severities": ()}, "got none"),
        ({"severities": ("bad",)}, "got “bad”"),
        ({"severities": ("mild", "mild")}, "named twice"),
        ({"evolving_share": 1.1}, "evolve must be a number from 0 to 1, got 1.1"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 2**32}, "seed"),
        ({"speed_rpm": (3_000, 2_000)}, "speeds must rise"),
        ({"speed_rpm": (10, 2_000)}, "between 60 and 60000 rpm, got 10 to 2000 rpm"),
        (
            {
                "speed_rpm": (3_000, 59_000),
                "speed_change_percent": 90,
                "sample_rate_hz": 12_000,
            },
            "cannot be shown at 12000 Hz",
        ),
        ({"speed_rpm": (float("nan"), 59_000)}, "speeds must rise"),
        ({"speed_change_percent": 95}, "from 0 to 90 %"),
        ({"speed_period_s": 0}, "period of the speed"),
        ({"load_percent": (0, 120)}, "loads must rise and lie between 0 and 100 %"),
        ({"load_levels": 1.5}, "number of loads must be a whole number"),
        ({"duration_s": 0.1}, "duration must be a number from 0.5 to 600 s, got 0.1 s"),
        ({"duration_s": float("inf")}, "duration"),
        ({"sample_rate_hz": 8_000}, "from 12,000 to 204,800 Hz"),
        ({"duration_s": 600, "sample_rate_hz": 204_800}, "at most 12,500,000 samples"),
        ({"noise": NoiseLayers(sensor_snr_db=500)}, "sensor's noise"),
        ({"noise": NoiseLayers(mains_hz=55)}, "50 or 60 Hz, got 55 Hz"),
        ({"noise": NoiseLayers(adc_bits=2)}, "bits of the converter"),
        ({"noise": NoiseLayers(pink_g=-1)}, "pink noise"),
        ({"slip_percent": (2, 1)}, "slips must rise"),
        (
            {"kind": Kind.ROLLING, "geometry": Bearing(10**6, 7.94, 39.04)},
            "1e+06 elements of 7.94 mm on 39.04 mm strikes up to",
        ),
        (
            {"kind": Kind.ROLLING, "geometry": Bearing(9, 7.94, 1e308)},
            "times in a turn; at most 24 can be",
        ),
        ({"kind": Kind.ROLLING, "geometry": Bearing(9, 1e-300, 39)}, "at most 24 can be"),
        (
            {"kind": Kind.ROLLING, "speed_rpm": (1_800, 30_000), "speed_change_percent": 50},
            "strikes up to 2,708 times a second and the shaft makes lines up to 1,500 Hz. The "
            "structure rings from 2,500 Hz on",
        ),
        (
            {"kind": Kind.ROLLING, "speed_rpm": (1_800, 60_000), "geometry": Bearing(4, 10, 30)},
            "can be generated up to 50,000 rpm.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changed, sentence):
    with pytest.raises(SynthesisError) as told:
        SynthesisConfig(**changed)
    assert sentence in str(told.value)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("change", [0.0, 50.0])
def test_the_highest_speed_that_is_named_can_be_generated(change):
    given = {
        "kind": Kind.ROLLING,
        "speed_change_percent": change,
        "speed_profile": SpeedProfile.RAMP,
    }
    with pytest.raises(SynthesisError) as told:
        SynthesisConfig(**given, speed_rpm=(1_800, 60_000))
    most_rpm = int(str(told.value).split(" up to ")[-1].removesuffix(" rpm.").replace(",", ""))
    assert SynthesisConfig(**given, speed_rpm=(1_800, most_rpm))
    # By hand: 5.415 strikes in a turn against the lowest resonance.
    assert most_rpm == pytest.approx(60 * 2_500 / 5.4153 / (1 + change / 100), rel=1e-3)
