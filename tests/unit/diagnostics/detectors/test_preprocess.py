"""Cells become numbers by the stated policy."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.detectors.preprocess import FARTHEST, Preprocessing, fit_preprocessing
from diagnostics.detectors.table import ArrayTable, Column, ColumnKind
from diagnostics.errors import DetectionError


def fitted(**columns):
    table = ArrayTable.of(columns)
    return fit_preprocessing(table.columns, table.arrays), table


def test_columns_have_median_0_and_their_quartiles_where_those_of_a_normal_one_are():
    found, table = fitted(speed=np.random.default_rng(0).normal(1500, 20, 2000))
    scaled = found.apply(table.arrays)[:, 0]
    assert np.median(scaled) == pytest.approx(0)
    assert np.subtract(*np.percentile(scaled, [75, 25])) == pytest.approx(1.349, rel=1e-3)


def test_missing_and_infinite_cells_count_as_the_median():
    found, table = fitted(a=[1.0, 2.0, 3.0, np.nan, np.inf, -np.inf])
    assert found.apply(table.arrays)[3:, 0].tolist() == [0.0, 0.0, 0.0]


def test_a_column_that_is_mostly_empty_is_noted():
    found, _ = fitted(a=[1.0, 2.0, 3.0], b=[1.0, np.nan, np.nan], c=[np.nan] * 3)
    assert found.names == ("a",)
    assert found.left_out == {
        "b": "All rows have the same value.",
        "c": "No row has a value.",
    }
    mostly, _ = fitted(a=[1.0, 2.0, *[np.nan] * 5])
    assert mostly.notes == ("“a” is empty in more than half of the rows.",)


def test_a_column_that_is_nearly_always_the_same_still_has_a_scale():
    found, table = fitted(a=[0.0] * 98 + [1.0, -1.0])
    scaled = found.apply(table.arrays)[:, 0]
    assert np.abs(scaled[:98]).max() == 0
    assert 3 < scaled[98] < 1000


def test_numbers_of_any_size_stay_finite():
    found, table = fitted(a=[*np.arange(20.0), 1e308, -1e308], b=[0.0] * 21 + [1e308])
    scaled = found.apply(table.arrays)
    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() <= FARTHEST


def test_text_becomes_how_rare_it_is():
    states = ["run"] * 60 + ["idle"] * 30 + ["stop"] * 2 + ["", None]
    found, _ = fitted(state=np.array(states, dtype=object))
    block = (np.array(["run", "idle", "stop", "never seen", "", None], dtype=object),)
    scaled = found.apply(block)[:, 0]
    assert (np.diff(scaled[:4]) > 0).all()
    assert scaled[4] == scaled[5] == 0


def test_a_column_of_names_is_refused_by_its_name():
    with pytest.raises(DetectionError, match="“serial” holds 100 different texts"):
        fitted(serial=[f"number {row}" for row in range(100)])


def test_text_in_a_column_of_numbers_is_refused():
    with pytest.raises(DetectionError, match="holds something else"):
        fit_preprocessing([Column("a")], (np.array(["x", "y"]),))


def test_truth_values_are_numbers():
    table = ArrayTable.of({"on": [True, False, True], "n": [1, 2, 3]})
    assert [column.kind for column in table.columns] == [ColumnKind.BOOLEAN, ColumnKind.NUMBER]
    assert fit_preprocessing(table.columns, table.arrays).names == ("on", "n")


def test_it_is_kept_as_plain_values():
    found, table = fitted(a=[1.0, 2.0, 4.0], s=["x", "y", "x"])
    back = Preprocessing.from_dict(found.to_dict())
    np.testing.assert_array_equal(back.apply(table.arrays), found.apply(table.arrays))


def test_another_number_of_columns_is_refused():
    found, _ = fitted(a=[1.0, 2.0, 4.0])
    with pytest.raises(DetectionError, match="1 columns, got 2"):
        found.apply((np.ones(2), np.ones(2)))


def test_columns_of_different_length_are_no_table():
    with pytest.raises(DetectionError, match="equally long"):
        ArrayTable.of({"a": [1, 2], "b": [1]})
