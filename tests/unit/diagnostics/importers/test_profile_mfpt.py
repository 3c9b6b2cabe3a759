from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.registry import inspect
from tests.unit.diagnostics.importers.files import write

SAMPLES = np.random.default_rng(0).normal(size=500)


def struct(load):
    bearing = {"gs": SAMPLES, "sr": 48828, "load": load, "rate": 25}
    return {"bearing": bearing, "BPFO": 81.125}


@pytest.mark.parametrize("load", [25, "25"], ids=["number", "text"])
def test_reads_the_struct(tmp_path, load):
    path = write(tmp_path / "OuterRaceFault_vload_1.mat", struct(load))
    (recording,) = inspect(path, path.name).recordings
    assert recording.sample_rate_hz.value == 48828
    assert recording.missing == ()
    assert {name: found.value for name, found in recording.facts.items()} == {
        "label": "outer race",
        "bearing": "MFPT outer race",
        "bearing_type": "NICE MFPT test bearing",
        "machine": "MFPT test rig",
        "speed_rpm": 1500.0,
        "load": "25 lbs",
    }
    assert {name: found.value for name, found in recording.attributes.items()} == {
        "bpfo_hz": 81.125,
        "load_lbs": 25.0,
    }


def test_a_load_that_is_no_number_is_left_out(tmp_path):
    path = write(tmp_path / "x.mat", struct("heavy"))
    (recording,) = inspect(path, path.name).recordings
    assert set(recording.facts) == {"machine", "speed_rpm"}


def test_refuses_other_files_when_asked_for(tmp_path):
    path = write(tmp_path / "a.mat", {"x": SAMPLES})
    with pytest.raises(FileFormatError, match="MFPT"):
        inspect(path, path.name, profile="mfpt")
