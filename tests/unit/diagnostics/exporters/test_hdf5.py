from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from diagnostics.exporters.hdf5 import write_hdf5
from tests.unit.diagnostics.exporters.recordings import NAMES, exported, signals


def test_plain_h5py_reads_it(tmp_path):
    path = tmp_path / "export.h5"
    write_hdf5(*exported(tmp_path), path)
    with h5py.File(path) as file:
        assert dict(file.attrs) == {
            "rotorscope_export": 1,
            "dataset": "pumps ü",
            "version": 3,
            "content_hash": "ab" * 32,
        }
        groups = list(file["recordings"].values())
        assert [group.attrs["name"] for group in groups] == list(NAMES)
        for group, signal in zip(groups, signals(), strict=True):
            np.testing.assert_array_equal(group["samples"], signal.samples)
            assert group["samples"].dtype == signal.samples.dtype
            assert group["samples"].attrs["sample_rate_hz"] == signal.sample_rate_hz
            told = [group["samples"].attrs[name].tolist() for name in ("channels", "units")]
            assert list(zip(*told, strict=True)) == [
                (c.name, c.unit.value) for c in signal.channels
            ]
        first, second = groups[:2]
        assert set(first.attrs) == {
            "name",
            "sample_rate_hz",
            "content_hash",
            "origin",
            "source_file",
        }
        assert second.attrs["machine"] == "=rig ✓"
        assert second.attrs["speed_rpm"] == 1797.3
        assert json.loads(second["attributes"].asstr()[()])["count"] == 3


class Stop(Exception):
    """As the runner of jobs raises it."""


def test_a_cancelled_export_leaves_nothing(tmp_path):
    told = []

    def report(progress):
        told.append(progress)
        if len(told) == 2:
            raise Stop

    dataset, recordings = exported(tmp_path)
    before = set(tmp_path.iterdir())
    with pytest.raises(Stop):
        write_hdf5(dataset, recordings, tmp_path / "export.h5", report)
    assert set(tmp_path.iterdir()) == before
    assert [progress.done for progress in told] == [6000, 8048]
    assert told[0].total == dataset.value_count
