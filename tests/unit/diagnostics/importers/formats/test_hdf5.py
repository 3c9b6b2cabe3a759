from __future__ import annotations

import h5py
import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.hdf5 import open_hdf5
from diagnostics.signals.signal import Unit
from tests.unit.diagnostics.importers.files import rich_hdf5, waves


@pytest.fixture
def contents(tmp_path):
    return open_hdf5(rich_hdf5(tmp_path / "a.h5"), Limits())


def test_groups_become_dotted_names(contents):
    np.testing.assert_array_equal(contents.rows("run.bearing.de")[0], waves()["one"])
    assert set(contents.arrays) == {"run.bearing.de", "run.bearing.counts", "matrix"}


def test_attributes_give_rate_unit_and_facts(contents):
    declared = contents.declared["run.bearing.de"]
    assert (declared.sample_rate_hz, declared.unit) == (5000.0, Unit.ACCELERATION)
    assert contents.scalars["run.bearing.speed_rpm"] == 1480.0
    assert contents.scalars["machine"] == "pump 7"
    assert contents.scalars["run.bearing.de.sensor"] == "352C33"
    assert contents.scalars["label"] == "inner race"
    assert contents.texts["labels"]() == ("ok", "worn")


def test_units_with_a_prefix_are_scaled_and_say_so(contents):
    assert contents.declared["run.bearing.counts"].unit is Unit.VOLTAGE
    np.testing.assert_array_equal(contents.rows("run.bearing.counts")[0], np.arange(400) / 1000)
    assert contents.notes == ("Values in mV were divided by 1,000 to V: run.bearing.counts.",)


def test_nothing_outside_the_file_is_opened(contents):
    notes = {v.name: v.note for v in contents.variables if v.note}
    assert notes["outside"] == notes["soft"] == "links are not followed"
    assert notes["stored"] == notes["virtual"] == "it lies in other files, which are not opened"
    assert not {"outside", "soft", "stored", "virtual"} & set(contents.arrays)


def test_groups_that_hold_one_another_come_once(contents):
    assert [v.name for v in contents.variables].count("run.bearing.de") == 1
    assert not any("circle" in v.name for v in contents.variables)


def test_a_huge_claim_is_refused_when_it_is_read(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", shape=(1 << 40,), chunks=(1 << 16,), dtype="f8")
        file.create_dataset("m", shape=(1 << 20, 1 << 20), chunks=(1, 1 << 16), dtype="f4")
    contents = open_hdf5(path, Limits())
    with pytest.raises(FileFormatError, match="at most 1,074 MB"):
        contents.rows("x")
    assert contents.matrix("m", 5, 7).shape == (2, 1 << 20)


def test_counts_and_depth_are_bounded(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for number in range(30):
            file[f"x{number}"] = number
        file.create_group("/".join("g" * 40))
    with pytest.raises(FileFormatError, match="at most 20"):
        open_hdf5(path, Limits(variables=20))
    with pytest.raises(FileFormatError, match="nested more than 16 deep"):
        open_hdf5(path, Limits())


def test_long_names_and_texts_are_cut_and_told_apart(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for end in "ab":
            file["n" * 5000 + end] = np.arange(30.0)
        file.attrs["label"] = "l" * 5000
    contents = open_hdf5(path, Limits())
    assert len(contents.arrays) == 2
    assert max(map(len, contents.arrays)) <= 200
    assert len(contents.scalars["label"]) == 200


def test_older_files_are_named(tmp_path):
    path = tmp_path / "a.hdf"
    path.write_bytes(b"\x0e\x03\x13\x01" + bytes(500))
    with pytest.raises(FileFormatError, match="HDF4"):
        open_hdf5(path, Limits())
