from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from scipy.io import loadmat

from diagnostics.errors import FileFormatError
from diagnostics.exporters import matlab
from diagnostics.exporters.matlab import write_matlab
from tests.unit.diagnostics.exporters.recordings import NAMES, exported, signals


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "export.zip"
    write_matlab(*exported(tmp_path), path)
    with zipfile.ZipFile(path) as archive:
        return {name: loadmat(io.BytesIO(archive.read(name))) for name in archive.namelist()}


def test_scipy_reads_every_file(files):
    assert [name[:17] for name in files] == [f"recordings/00000{n}" for n in range(1, 6)]
    for name, signal, found in zip(NAMES, signals(), files.values(), strict=True):
        np.testing.assert_array_equal(found["x"], signal.samples.T)
        assert found["x"].dtype == signal.samples.dtype
        assert found["fs"].item() == signal.sample_rate_hz
        units = [cell.item() for cell in found["unit"].ravel()]
        assert units == [channel.unit.value for channel in signal.channels]
        assert found["metadata"]["name"].item().item() == name


def test_what_is_known_is_there_for_people_and_exactly(files):
    found = list(files.values())[1]
    assert found["fault"].item() == "inner race"
    assert found["metadata"]["speed_rpm"].item().item() == 1797.3
    exact = json.loads(found["rotorscope"].tobytes())
    assert exact["bearing"] == "-6205/2"
    assert exact["attributes"]["flag"] is True


def test_a_recording_that_no_such_file_holds_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(matlab, "LARGEST_BYTES", 20_000)
    dataset, recordings = exported(tmp_path)
    before = set(tmp_path.iterdir())
    with pytest.raises(FileFormatError, match=r"“pump/1” has .* HDF5"):
        write_matlab(dataset, recordings, tmp_path / "export.zip")
    assert set(tmp_path.iterdir()) == before


def test_a_name_without_letters_gets_one(tmp_path):
    dataset, (first, *_) = exported(tmp_path)
    unnamed = replace(first, record=replace(first.record, name="№"))
    path = tmp_path / "export.zip"
    write_matlab(dataset, [unnamed], path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["recordings/000001_recording.mat"]
