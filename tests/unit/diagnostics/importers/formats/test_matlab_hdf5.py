from __future__ import annotations

import h5py
import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.matlab import open_matlab
from tests.unit.diagnostics.importers.files import rich_matlab_73, waves


@pytest.fixture
def contents(tmp_path):
    return open_matlab(rich_matlab_73(tmp_path / "a.mat"), Limits())


def test_names_are_those_of_older_files(contents):
    assert list(contents.arrays) == ["bearing.gs", "cells{1}", "matrix"]
    assert contents.scalars == {
        "bearing.name": "Außenring",
        "bearing.sr": 97656.0,
        "cells{2}": "worn",
        "flag": 1.0,
        "runs(1).rpm": 900.0,
        "runs(2).rpm": 1500.0,
    }


def test_shapes_and_values_are_turned_to_those_of_matlab(contents):
    shapes = {v.name: v.shape for v in contents.variables}
    assert (shapes["bearing.gs"], shapes["matrix"]) == ((400, 1), (20, 30))
    np.testing.assert_array_equal(contents.rows("bearing.gs")[0], waves()["one"])
    table = np.arange(600.0).reshape(20, 30)
    np.testing.assert_array_equal(contents.arrays["matrix"](), table)
    np.testing.assert_array_equal(contents.matrix("matrix", 3, 5), table[3:5])


def test_what_is_not_read_is_named(contents):
    assert {v.name for v in contents.variables if v.note} == {"empty", "sparse"}


def test_a_cell_array_that_holds_itself_ends(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        cells = file.create_dataset("c", (1, 1), dtype=h5py.ref_dtype)
        cells.attrs["MATLAB_class"] = np.bytes_("cell")
        cells[0, 0] = cells.ref
    with pytest.raises(FileFormatError, match="nested more than 8 deep"):
        open_matlab(path, Limits())


def test_cells_are_bounded(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        cells = file.create_dataset("c", (1, 20_000), dtype=h5py.ref_dtype)
        cells.attrs["MATLAB_class"] = np.bytes_("cell")
    with pytest.raises(FileFormatError, match="nests more than"):
        open_matlab(path, Limits())
