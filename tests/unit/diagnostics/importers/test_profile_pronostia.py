from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.registry import inspect, open_file

ROOT = Path(__file__).parents[4]
FOLDER = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data")) / "pronostia"


def snapshot(path: Path, separator: str = ",", columns: int = 6, hour: int = 9) -> np.ndarray:
    """A file like those of the collection; its two axes."""
    rng = np.random.default_rng(3)
    axes = np.round(rng.normal(size=(2, 2560)), 3)
    rows = [
        [hour, 10, 39, f"{118_790 + 39.0625 * i:.5g}", horizontal, vertical][:columns]
        for i, (horizontal, vertical) in enumerate(axes.T)
    ]
    path.write_text("".join(separator.join(map(str, row)) + "\n" for row in rows))
    return axes


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    "name", ["Learning_set/Bearing2_1/acc_00012.csv", "bearing2_1_acc_00012.csv"]
)
def test_reads_a_snapshot(tmp_path, separator, name):
    path = tmp_path / "stored"
    axes = snapshot(path, separator)
    opened = open_file(path, name)
    (recording,) = opened.preview.recordings
    assert opened.preview.profile == "pronostia"
    assert recording.title == "Bearing2_1 acc_00012"
    assert {key: fact.value for key, fact in recording.facts.items()} == {
        "machine": "PRONOSTIA",
        "bearing": "Bearing2_1",
        "bearing_type": "NSK 6804DD",
        "speed_rpm": 1650.0,
        "load": "4200 N",
    }
    assert recording.facts["speed_rpm"].source.startswith("nominal")
    assert {key: value.value for key, value in recording.attributes.items()} == {
        "condition": 2.0,
        "snapshot": 12.0,
        "time_of_day": "09:10:39.118790",
    }
    signal = opened.signal(recording)
    assert [(c.name, c.unit.value) for c in signal.channels] == [
        ("horizontal", "g"),
        ("vertical", "g"),
    ]
    assert signal.sample_rate_hz == 25_600
    np.testing.assert_array_equal(signal.samples, axes)


def test_refuses_temperatures(tmp_path):
    path = tmp_path / "stored"
    path.write_text("".join(f"8,9,47,{i % 10},70.036\n" for i in range(600)))
    with pytest.raises(FileFormatError, match="temperatures"):
        inspect(path, "Bearing1_4/temp_00001.csv")


def test_refuses_other_columns(tmp_path):
    path = tmp_path / "stored"
    snapshot(path, columns=5)
    with pytest.raises(FileFormatError, match="6 columns"):
        inspect(path, "Bearing1_4/acc_00001.csv")


def test_refuses_a_time_that_is_none(tmp_path):
    path = tmp_path / "stored"
    snapshot(path, hour=31)
    with pytest.raises(FileFormatError, match="hour, minute"):
        inspect(path, "Bearing1_4/acc_00001.csv")


def test_refuses_another_name_when_asked_for(tmp_path):
    path = tmp_path / "stored"
    snapshot(path)
    with pytest.raises(FileFormatError, match="named"):
        inspect(path, "acc.csv", profile="pronostia")


def test_reads_the_published_files():
    folder = FOLDER / "raw_csv"
    if not folder.exists():
        pytest.skip(f"The PRONOSTIA files are not in {folder}; see ROTORSCOPE_REAL_DATA.")
    found = {}
    for path in sorted(folder.glob("*_acc_*.csv")):
        opened = open_file(path, path.name)
        (recording,) = opened.preview.recordings
        signal = opened.signal(recording)
        assert signal.samples.shape == (2, 2560)
        assert not recording.warnings
        found[recording.title] = recording.attributes["time_of_day"].value, signal
    assert {title: time for title, (time, _) in found.items()} == {
        "Bearing1_4 acc_00001": "08:08:00.425040",
        "Bearing3_1 acc_00001": "09:10:39.118790",
        "Bearing3_1 acc_00515": "10:36:19.118790",
    }
    # The same snapshot of an independent conversion of the collection.
    pack = np.load(FOLDER / "Bearing3_1_every2.npz")
    position = pack["file_index"].tolist().index(515)
    expected = pack["acc"][position].T
    read = found["Bearing3_1 acc_00515"][1].samples.astype(np.float32)
    np.testing.assert_array_equal(read, expected)


def test_reads_a_pack_of_snapshots(tmp_path):
    path = tmp_path / "Bearing3_1_every2.npz"
    acc = np.random.default_rng(0).normal(size=(3, 2560, 2)).astype(np.float32)
    np.savez(path, acc=acc, file_index=np.array([1, 3, 5]), fs=25_600, period_s=10)
    opened = open_file(path, path.name)
    assert opened.preview.profile == "pronostia"
    titles = [one.title for one in opened.preview.recordings]
    assert titles == [f"Bearing3_1 acc_0000{number}" for number in (1, 3, 5)]
    last = opened.preview.recordings[2]
    assert last.facts["speed_rpm"].value == 1500
    assert {key: value.value for key, value in last.attributes.items()} == {
        "condition": 3.0,
        "snapshot": 5.0,
        "elapsed_s": 40.0,
    }
    signal = opened.signal(last)
    assert signal.samples.dtype == np.float32
    np.testing.assert_array_equal(signal.samples, acc[2].T)
