from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.registry import inspect
from tests.unit.diagnostics.importers.files import waves, write


def proposed(path, values):
    return inspect(write(path, values), path.name).recordings


def test_takes_rate_speed_and_label_from_variables(tmp_path):
    values = {**waves(), "fs": 1000, "RPM": 1500.0, "fault": "ball"}
    (recording,) = proposed(tmp_path / "a.mat", values)
    assert recording.sample_rate_hz.source == "variable fs"
    assert {k: (f.value, f.source) for k, f in recording.facts.items()} == {
        "speed_rpm": (1500.0, "variable RPM"),
        "label": ("ball", "variable fault"),
    }
    assert recording.missing == ("unit",)


def test_arrays_of_one_length_are_channels_and_others_are_recordings(tmp_path):
    values = {**waves(), "other": np.sin(np.arange(90))}
    together, apart = proposed(tmp_path / "a.mat", values)
    assert [channel.name for channel in together.channels] == ["one", "two"]
    assert (apart.key, apart.sample_count) == ("other", 90)
    assert len(proposed(tmp_path / "a.npz", values)) == 3


@pytest.mark.parametrize(
    ("name", "step", "rate"),
    [("time [s]", 1e-3, 1000.0), ("t (ms)", 0.5, 2000.0), ("time_s", 1e-4, 10_000.0)],
)
def test_an_even_time_column_with_a_unit_gives_the_rate(tmp_path, name, step, rate):
    values = {name: np.arange(400) * step, "x [g]": waves()["one"]}
    (recording,) = proposed(tmp_path / "a.csv", values)
    assert recording.sample_rate_hz.value == pytest.approx(rate)
    assert [channel.name for channel in recording.channels] == ["x [g]"]
    assert recording.missing == ()


@pytest.mark.parametrize("times", [np.arange(400) ** 1.5, -np.arange(400.0), np.zeros(400)])
def test_an_uneven_time_column_does_not(tmp_path, times):
    (recording,) = proposed(tmp_path / "a.csv", {"time [s]": times, "x": waves()["one"]})
    assert recording.sample_rate_hz is None


def test_a_time_without_a_unit_does_not(tmp_path):
    values = {"time": np.arange(400) * 1e-3, "x": waves()["one"]}
    (recording,) = proposed(tmp_path / "a.csv", values)
    assert recording.missing == ("sample_rate_hz", "unit")


@pytest.mark.parametrize("rate", [1e-9, 1e12, np.inf])
def test_a_rate_that_cannot_be_meant_is_asked_for(tmp_path, rate):
    (recording,) = proposed(tmp_path / "a.mat", {**waves(), "fs": rate, "rpm": np.inf})
    assert recording.missing == ("sample_rate_hz", "unit")
    assert "cannot be meant" in recording.warnings[0].message
    assert recording.facts == {}


def test_names_and_texts_can_be_shown_and_stored(tmp_path):
    values = {"one\ttwo\nthree": waves()["one"], "label": "in\x00ner\n" + "x" * 500}
    (recording,) = proposed(tmp_path / "a.npz", values)
    assert recording.channels[0].name == "one two three"
    assert recording.facts["label"].value.startswith("in ner xxx")
    assert len(recording.facts["label"].value) == 200


def test_says_what_it_found_instead_of_a_signal(tmp_path):
    with pytest.raises(FileFormatError, match=r"x \(3, 3\)"):
        proposed(tmp_path / "a.mat", {"x": np.ones((3, 3))})
