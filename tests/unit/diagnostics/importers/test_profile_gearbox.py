from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.registry import inspect
from tests.unit.diagnostics.importers.files import write

ROOT = Path(__file__).parents[4]
DATA = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data"))
FOLDER = DATA / "gearbox_openei"
SENSORS = {f"a{n}": np.sin(np.arange(300) / n) for n in range(1, 5)}


@pytest.mark.parametrize(
    ("name", "label", "load"),
    [("Healthy/h30hz0.csv", "healthy", 0.0), ("b30hz90.csv", "broken tooth", 90.0)],
)
def test_reads_name_and_sensors(tmp_path, name, label, load):
    path = write(tmp_path / "stored.csv", SENSORS)
    (recording,) = inspect(path, name).recordings
    assert {key: fact.value for key, fact in recording.facts.items()} == {
        "label": label,
        "machine": "SpectraQuest gearbox simulator",
        "bearing": f"gearbox, {label}",
        "speed_rpm": 1800.0,
        "load": f"{load:g} %",
    }
    assert recording.attributes["load_percent"].value == load
    assert [channel.name for channel in recording.channels] == [f"sensor {n}" for n in range(1, 5)]
    # The description of the data gives neither, so nobody invents them.
    assert recording.missing == ("sample_rate_hz", "unit")


def test_a_load_column_of_copies_is_no_sensor(tmp_path):
    path = write(tmp_path / "stored.csv", {**SENSORS, "load": np.zeros(300)})
    assert len(inspect(path, "h30hz50.csv").recordings[0].channels) == 4


def test_other_columns_are_left_to_others(tmp_path):
    path = write(tmp_path / "stored.csv", {"x": np.arange(300.0)})
    assert inspect(path, "h30hz50.csv").profile == "plain"
    with pytest.raises(FileFormatError, match="h30hz0"):
        inspect(path, "h30hz50.csv", profile="gearbox")


def test_reads_the_published_files():
    if not FOLDER.exists():
        pytest.skip(f"The gearbox files are not in {FOLDER}; see ROTORSCOPE_REAL_DATA.")
    found = {}
    for path in sorted(FOLDER.glob("*.csv.gz")):
        preview = inspect(path, path.name)
        assert preview.profile == "gearbox"
        (recording,) = preview.recordings
        found[recording.title] = recording.facts["label"].value, recording.sample_count
    assert found["h30hz0"] == ("healthy", 88_832)
    assert found["b30hz0"][0] == "broken tooth"
