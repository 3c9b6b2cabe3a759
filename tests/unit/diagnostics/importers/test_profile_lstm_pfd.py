from __future__ import annotations

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from diagnostics.errors import FileFormatError
from diagnostics.importers.choices import Choices, fill
from diagnostics.importers.profile_lstm_pfd import FAULTS
from diagnostics.importers.registry import inspect, open_file
from diagnostics.signals.signal import Unit
from diagnostics.synthesis.faults import JournalFault

ROWS = {"train": 5, "val": 2, "test": 3}


@pytest.fixture
def splits(tmp_path):
    """``splits(**attributes)``: a file in the layout of that project; the samples by group."""

    def make(labels=(0, 9, 10, 3, 7), names=None, **attributes):
        rng = np.random.default_rng(2)
        path = tmp_path / "dataset.h5"
        signals = {}
        with h5py.File(path, "w") as file:
            file.attrs.update(attributes)
            for name, count in ROWS.items():
                signals[name] = rng.normal(size=(count, 700)).astype(np.float32)
                group = file.create_group(name)
                group.create_dataset("signals", data=signals[name], compression="gzip")
                group.create_dataset("labels", data=np.array(labels[:count], dtype=np.int64))
                group.attrs["num_samples"] = count
            texts = h5py.string_dtype()
            file.create_dataset("metadata", data=["{}"] * 10, dtype=texts)
            if names:
                file.create_dataset("class_names", data=names, dtype=texts)
        return path, signals

    return make


def test_every_row_is_a_recording(splits):
    given = {"num_classes": 11, "sampling_rate": 20480, "generation_date": "2025-11-22T10:00:00"}
    path, signals = splits(**given)
    opened = open_file(path, path.name)
    assert opened.preview.profile == "lstm_pfd"
    recordings = opened.preview.recordings
    assert len(recordings) == 10
    assert [one.attributes["split"].value for one in recordings] == [
        name for name, count in ROWS.items() for _ in range(count)
    ]
    assert [one.facts["label"].value for one in recordings[:5]] == [
        "healthy",
        "wear+lubrication",
        "cavitation+looseness",
        "looseness",
        "oil_whirl",
    ]
    assert {one.facts["origin"].value for one in recordings} == {"generated"}
    assert {one.sample_rate_hz.value for one in recordings} == {20480}
    assert {one.missing for one in recordings} == {("unit",)}
    assert recordings[6].title == "dataset val 00002"
    row = opened.contents.matrix("val.signals", 1, 2)
    np.testing.assert_array_equal(row, signals["val"][1:])


def test_a_row_becomes_a_signal(splits):
    path, signals = splits(num_classes=11, sampling_rate=20480)
    opened = open_file(path, path.name)
    chosen = fill(opened.preview.recordings[8], Choices(unit=Unit.ACCELERATION_G), path.name)
    signal = opened.signal(chosen)
    assert signal.samples.dtype == np.float32
    np.testing.assert_array_equal(signal.samples, signals["test"][1:2])


def test_numbers_stay_numbers_when_the_file_does_not_say_more(splits):
    path, _ = splits(num_classes=4)
    recording = inspect(path, path.name).recordings[1]
    assert recording.facts["label"].value == "class 9"
    assert "origin" not in recording.facts
    assert recording.missing == ("sample_rate_hz", "unit")


def test_names_of_the_file_count(splits):
    path, _ = splits(labels=(0, 1, 2, 1, 0), names=["sain", "roller", "cage"])
    labels = [one.facts["label"].value for one in inspect(path, path.name).recordings[:3]]
    assert labels == ["healthy", "roller", "cage"]


def test_refuses_other_labels_than_rows(splits):
    path, _ = splits()
    with h5py.File(path, "a") as file:
        del file["val/labels"]
        file["val/labels"] = np.arange(4)
    with pytest.raises(FileFormatError, match="4 numbers for 2 rows"):
        inspect(path, path.name)


def test_reads_the_file_of_one_recording(tmp_path):
    path = tmp_path / "mixed_wear_lube_003.mat"
    metadata = {
        "fault": "mixed_wear_lube",
        "severity": "mild",
        "severity_factor_initial": 0.5,
        "speed_rpm": 3712.4,
        "load_percent": 61.7,
        "temperature_C": 55.0,
        "generator_version": "Python_v1.0",
    }
    samples = np.random.default_rng(0).normal(size=1000)
    fields = {"x": samples, "fs": 20480, "fault": "mixed_wear_lube", "metadata": metadata}
    savemat(path, fields, do_compression=True)
    (recording,) = inspect(path, path.name).recordings
    assert {key: fact.value for key, fact in recording.facts.items()} == {
        "label": "wear+lubrication",
        "speed_rpm": 3712.4,
        "load": "62 %",
        "origin": "generated",
    }
    assert recording.facts["speed_rpm"].source.startswith("generated")
    assert {key: value.value for key, value in recording.attributes.items()} == {
        "severity": "mild",
        "severity_factor_initial": 0.5,
        "load_percent": 61.7,
        "temperature_C": 55.0,
    }
    assert recording.sample_rate_hz.value == 20480
    assert recording.missing == ("unit",)


def test_other_files_are_left_to_others(tmp_path):
    path = tmp_path / "x.mat"
    savemat(path, {"x": np.arange(100.0), "fs": 100, "fault": "ball"})
    assert inspect(path, path.name).profile == "plain"
    with pytest.raises(FileFormatError, match="LSTM_PFD"):
        inspect(path, path.name, profile="lstm_pfd")


def test_the_faults_are_those_of_the_generator():
    assert set(FAULTS.values()) == {fault.value for fault in JournalFault}
