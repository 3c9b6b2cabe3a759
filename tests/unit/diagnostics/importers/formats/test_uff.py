from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.uff import open_uff
from diagnostics.signals.signal import Unit
from tests.unit.diagnostics.importers.files import rich_uff, waves


@pytest.fixture
def path(tmp_path):
    return rich_uff(tmp_path / "a.uff")


def test_binary_records_and_those_of_text(path):
    contents = open_uff(path, Limits())
    np.testing.assert_array_equal(contents.rows("1 node 1 +Z")[0], waves()["one"])
    np.testing.assert_allclose(contents.rows("2 node 2 +Z")[0], waves()["two"], rtol=1e-11)


def test_rate_and_unit_follow_from_the_axes(path):
    contents = open_uff(path, Limits())
    first, second = contents.declared["1 node 1 +Z"], contents.declared["2 node 2 +Z"]
    assert (first.sample_rate_hz, first.unit) == (1000.0, Unit.ACCELERATION)
    assert (second.sample_rate_hz, second.unit) == (1000.0, None)
    assert contents.notes == ("The unit “psi” is not among those that are used: 2 node 2 +Z.",)
    assert contents.scalars["1 node 1 +Z.id1"] == "pump"


def test_frequency_responses_are_no_recordings(path):
    contents = open_uff(path, Limits())
    assert [v.name for v in contents.variables if "no time record" in v.note] == ["3 node 3 +Z"]


def test_numbers_that_are_missing_are_noticed(path):
    content = path.read_bytes().decode("latin-1")
    path.write_bytes(
        content.replace("         4       400", "         4       500").encode("latin-1")
    )
    with pytest.raises(FileFormatError, match="400 values, expected 500"):
        open_uff(path, Limits()).rows("1 node 1 +Z")


def test_files_without_measured_functions_are_named(tmp_path):
    path = tmp_path / "a.unv"
    path.write_bytes(b"    -1\n   151\nmodel\n    -1\n")
    with pytest.raises(FileFormatError, match="no measured function"):
        open_uff(path, Limits())
