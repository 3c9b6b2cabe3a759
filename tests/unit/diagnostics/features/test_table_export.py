from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from diagnostics.features.table_export import WINDOW_COLUMNS, csv_pieces, write_parquet
from diagnostics.features.table_file import Origin, open_table, writing_table

VALUES = np.array([[0.1 + 0.2, np.nan], [1e-300, -2.5]])


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "t.h5"
    with writing_table(path, ["RMS@1", "Kurtosis@1"], ["m/s²", ""]) as table:
        first = np.array([0, 512])
        table.add(Origin(7, "=1+1", "inner, ½", "B1"), VALUES, first, first / 8, (first + 512) / 8)
        table.finish({})
    return path


def test_csv_reads_back_as_the_same_numbers(path):
    with open_table(path) as table:
        rows = list(csv.reader(io.StringIO("".join(csv_pieces(table)))))
    assert rows[0] == [*WINDOW_COLUMNS, "RMS@1", "Kurtosis@1"]
    assert rows[1][:3] == ["7", "'=1+1", "0"]
    assert rows[1][5:7] == ["inner, ½", "B1"]
    assert (float(rows[1][7]), rows[1][8]) == (0.1 + 0.2, "")
    assert [float(cell) for cell in rows[2][7:]] == [1e-300, -2.5]


def test_parquet_has_the_units_beside_the_numbers(path, tmp_path):
    with open_table(path) as table:
        write_parquet(table, tmp_path / "t.parquet")
    found = pq.read_table(tmp_path / "t.parquet")
    assert found.column_names == [*WINDOW_COLUMNS, "RMS@1", "Kurtosis@1"]
    assert found.schema.field("RMS@1").metadata == {b"unit": "m/s²".encode()}
    numbers = np.stack([found["RMS@1"].to_numpy(), found["Kurtosis@1"].to_numpy()], axis=1)
    assert numbers == pytest.approx(VALUES, nan_ok=True)
    assert found["recording"].to_pylist() == ["=1+1"] * 2
    assert found["stop_s"].to_pylist() == [64.0, 128.0]
