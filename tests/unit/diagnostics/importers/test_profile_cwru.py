from __future__ import annotations

import numpy as np
import pytest

from diagnostics.bearings.catalogue import look_up
from diagnostics.errors import FileFormatError
from diagnostics.importers.registry import inspect
from tests.unit.diagnostics.importers.files import write

NOISE = np.random.default_rng(0).normal(size=(3, 500))


def raw(number="105", speed=1797):
    values = {
        f"X{number}_{place}_time": row for place, row in zip(("DE", "FE"), NOISE, strict=False)
    }
    return values | ({f"X{number}RPM": speed} if speed else {})


def plain(found):
    return {name: sourced.value for name, sourced in found.items()}


def one(path, values, **given):
    (recording,) = inspect(
        write(path, values), given.pop("file_name", path.name), **given
    ).recordings
    return recording


@pytest.mark.parametrize(
    ("name", "rate", "label", "bearing", "attributes"),
    [
        ("12k_DE_IR007_1.mat", 12e3, "inner race", "drive end inner race 7 mil",
         {"fault_size_mil": 7.0, "load_hp": 1.0, "nominal_speed_rpm": 1772.0}),
        ("48k_DE_OR021@12_3.mat", 48e3, "outer race", "drive end outer race 21 mil",
         {"fault_size_mil": 21.0, "clock_position": "12", "load_hp": 3.0,
          "nominal_speed_rpm": 1730.0}),
        ("12k_FE_B014_0.mat", 12e3, "ball", "fan end ball 14 mil",
         {"fault_size_mil": 14.0, "load_hp": 0.0, "nominal_speed_rpm": 1797.0}),
        ("12k/Normal_2.mat", 48e3, "normal", "drive end normal",
         {"load_hp": 2.0, "nominal_speed_rpm": 1750.0}),
    ],
)  # fmt: skip
def test_reads_names(tmp_path, name, rate, label, bearing, attributes):
    recording = one(tmp_path / "a.mat", raw(), file_name=name)
    facts = plain(recording.facts)
    assert recording.sample_rate_hz.value == rate
    assert (facts["label"], facts["bearing"], facts["speed_rpm"]) == (label, bearing, 1797.0)
    assert plain(recording.attributes) == attributes
    assert [(c.name, c.unit.value) for c in recording.channels] == [
        ("drive end", "g"),
        ("fan end", "g"),
    ]


@pytest.mark.parametrize(
    ("name", "bpfo"), [("12k_DE_IR007_1.mat", 3.5848), ("12k_FE_B014_0.mat", 3.0530)]
)
def test_names_a_type_of_which_the_lines_are_known(tmp_path, name, bpfo):
    # The orders are those that the publisher gives.
    recording = one(tmp_path / "a.mat", raw(), file_name=name)
    [entry] = look_up(recording.facts["bearing_type"].value)
    assert entry.bearing.bpfo == pytest.approx(bpfo, abs=5e-4)


def test_says_that_normal_is_48_khz(tmp_path):
    recording = one(tmp_path / "normal_0.mat", raw("097"))
    assert recording.sample_rate_hz.value == 48e3
    assert any("48 kHz" in w.message for w in recording.warnings)


def test_asks_for_the_rate_when_no_name_says_it(tmp_path):
    recording = one(tmp_path / "105.mat", raw(speed=None))
    assert recording.missing == ("sample_rate_hz",)
    assert plain(recording.facts) == {}


def test_an_archive_follows_its_companion(tmp_path):
    path = write(tmp_path / "set.npz", {"IR007_0": NOISE[0], "normal_0": NOISE[1]})
    table = tmp_path / "set.csv"
    table.write_text(
        "record,fs,n_samples,rpm_measured\nIR007_0,12000,500,1796.0\nnormal_0,48000,400,\n"
    )
    inner, normal = inspect(path, "set.npz", {"set.csv": table}).recordings
    assert inner.sample_rate_hz.source == "column fs of set.csv"
    assert plain(inner.facts)["speed_rpm"] == 1796.0
    # It was not measured; the nominal one follows from the load in the name.
    assert normal.facts["speed_rpm"].value == 1797.0
    assert normal.facts["speed_rpm"].source.startswith("nominal: ")
    assert not any("speed" in w.message for w in normal.warnings)
    assert any("400 samples" in w.message for w in normal.warnings)


def test_a_record_that_occurs_twice_is_two_recordings(tmp_path):
    found = inspect(write(tmp_path / "a.mat", {**raw("105"), **raw("106")}), "a.mat").recordings
    assert [recording.key for recording in found] == ["X105", "X106"]


def test_refuses_other_files_when_asked_for(tmp_path):
    with pytest.raises(FileFormatError, match="CWRU"):
        one(tmp_path / "a.mat", {"x": NOISE[0]}, profile="cwru")
