from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.registry import inspect, open_file

ROOT = Path(__file__).parents[4]
FOLDER = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data")) / "ims"


def snapshot(path: Path, columns: int, rows: int = 20_480, *, packed: bool = False) -> np.ndarray:
    """A file like those of the collection; its columns."""
    values = np.random.default_rng(columns).integers(-900, 900, (rows, columns)) / 1000
    text = "\n".join("\t".join(f"{value:.3f}" for value in row) for row in values) + "\n"
    with (gzip.open if packed else open)(path, "wt") as file:
        file.write(text)
    return values.T


def facts(recording) -> dict:
    return {name: found.value for name, found in recording.facts.items()}


@pytest.mark.parametrize("packed", [False, True])
def test_the_first_test_has_two_axes_of_each_bearing(tmp_path, packed):
    path = tmp_path / "stored"
    columns = snapshot(path, 8, packed=packed)
    opened = open_file(path, "1st_test/2003.10.22.12.06.24" + (".gz" if packed else ""))
    assert opened.preview.profile == "ims"
    recordings = opened.preview.recordings
    assert len(recordings) == 4
    third = recordings[2]
    assert third.title == "2003.10.22.12.06.24 bearing 3"
    assert third.missing == ()
    assert facts(third) == {
        "machine": "IMS test rig",
        "bearing": "IMS test 1 bearing 3",
        "bearing_type": "Rexnord ZA-2115 (double row)",
        "speed_rpm": 2000.0,
        "load": "6000 lbs",
    }
    assert third.attributes["found_at_end"].value == "inner race"
    assert third.attributes["taken_at"].value == "2003-10-22 12:06:24"
    signal = opened.signal(third)
    assert signal.sample_rate_hz == 20_000
    assert [channel.name for channel in signal.channels] == ["bearing 3 x", "bearing 3 y"]
    np.testing.assert_array_equal(signal.samples, columns[4:6])


@pytest.mark.parametrize(
    ("name", "test", "failed"),
    [("2004.02.12.10.32.39", 2, 1), ("2004.03.04.09.27.46", 3, 3)],
)
def test_the_other_tests_have_one_axis(tmp_path, name, test, failed):
    path = tmp_path / name
    columns = snapshot(path, 4)
    opened = open_file(path, name)
    recordings = opened.preview.recordings
    assert [facts(one)["bearing"] for one in recordings] == [
        f"IMS test {test} bearing {number}" for number in range(1, 5)
    ]
    ended = [one.attributes["found_at_end"].value for one in recordings]
    assert [n for n, told in enumerate(ended, 1) if told == "outer race"] == [failed]
    np.testing.assert_array_equal(opened.signal(recordings[3]).samples, columns[3:])


def test_a_time_of_no_test_gives_no_bearing(tmp_path):
    path = tmp_path / "stored"
    snapshot(path, 4)
    recording = inspect(path, "2010.01.01.00.00.00").recordings[0]
    assert set(facts(recording)) == {"machine", "speed_rpm", "load"}


def test_other_files_named_for_a_time_are_left_to_others(tmp_path):
    path = tmp_path / "stored"
    snapshot(path, 4, rows=100)
    assert inspect(path, "2004.02.12.10.32.39").profile == "plain"
    snapshot(path, 3)
    assert inspect(path, "2004.02.12.10.32.39").profile == "plain"
    with pytest.raises(FileFormatError, match="4 or 8 columns"):
        inspect(path, "2004.02.12.10.32.39", profile="ims")
    snapshot(path, 4)
    with pytest.raises(FileFormatError, match="no time"):
        inspect(path, "2004.02.31.10.32.39")


def test_reads_the_published_file():
    path = FOLDER / "1st_test_2003.10.22.12.06.24.gz"
    if not path.exists():
        pytest.skip(f"The IMS file is not in {FOLDER}; see ROTORSCOPE_REAL_DATA.")
    opened = open_file(path, path.name)
    assert [one.key for one in opened.preview.recordings] == [f"bearing {n}" for n in range(1, 5)]
    # Mean absolute values of the same snapshot, from an independent table of the collection.
    with gzip.open(FOLDER / "1st_test_mean_abs_10min.csv.gz", "rt") as file:
        row = file.read().splitlines()[1].split(",")
    expected = np.array(row[2:], dtype=float).reshape(4, 2)
    for recording, means in zip(opened.preview.recordings, expected, strict=True):
        # Whoever made the table took the first row of each file for a header.
        samples = opened.signal(recording).samples[:, 1:]
        np.testing.assert_allclose(np.abs(samples).mean(axis=1), means, rtol=1e-12)
