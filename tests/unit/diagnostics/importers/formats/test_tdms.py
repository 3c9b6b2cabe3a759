from __future__ import annotations

import numpy as np
import pytest

from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.tdms import open_tdms
from diagnostics.importers.registry import inspect
from diagnostics.signals.signal import Unit
from tests.unit.diagnostics.importers.files import rich_tdms, waves


@pytest.fixture
def path(tmp_path):
    return rich_tdms(tmp_path / "a.tdms")


def test_channels_of_all_segments_with_rate_and_unit(path):
    contents = open_tdms(path, Limits())
    np.testing.assert_array_equal(contents.rows("fast.x")[0], np.tile(waves()["one"], 2))
    assert contents.rows("fast.y").dtype == np.float32
    declared = contents.declared["fast.x"]
    assert (declared.sample_rate_hz, declared.unit) == (25_600.0, Unit.ACCELERATION)
    assert contents.scalars == {"machine": "pump 7", "fast.rpm": 1480.0}


def test_units_with_a_prefix_are_scaled(path):
    contents = open_tdms(path, Limits())
    assert contents.declared["slow.current"].unit is Unit.CURRENT
    np.testing.assert_array_equal(
        contents.rows("slow.current")[0], np.tile(np.arange(40), 2) / 1000
    )


def test_groups_of_different_rates_are_recordings_of_their_own(path):
    recordings = inspect(path, path.name).recordings
    found = {r.key: (r.sample_rate_hz.value, len(r.channels), r.missing) for r in recordings}
    assert found == {"fast.x": (25_600.0, 2, ()), "slow.current": (10.0, 1, ())}


def test_a_file_of_a_logger_that_lost_its_power_says_what_is_missing(path):
    path.write_bytes(path.read_bytes()[:-1000])
    contents = open_tdms(path, Limits())
    assert contents.notes[0] == "The last part of the file is incomplete and was left out."
