from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from diagnostics.errors import FeatureError, FileFormatError
from diagnostics.features.table_file import Origin, open_table, writing_table


def write(path, blocks, columns=("RMS@1", "Kurtosis@1"), about=None):
    with writing_table(path, columns, ["g", ""]) as table:
        for number, values in enumerate(blocks):
            first = np.arange(len(values)) * 100
            at = Origin(number + 1, f"rec {number}", "ä" if number % 2 else "", f"G{number // 2}")
            table.add(at, values, first, first / 1000, (first + 100) / 1000)
        table.finish(about or {"window": 100})
    return table.content_hash


@pytest.fixture
def blocks():
    rng = np.random.default_rng(1)
    made = [rng.normal(size=(count, 2)) for count in (3, 1500, 2)]
    made[0][1, 1] = np.nan
    return made


def test_rows_and_columns_are_what_was_written(tmp_path, blocks):
    write(tmp_path / "t.h5", blocks)
    whole = np.concatenate(blocks)
    with open_table(tmp_path / "t.h5") as table:
        assert (table.row_count, table.columns, table.units) == (
            1505,
            ("RMS@1", "Kurtosis@1"),
            ("g", ""),
        )
        assert table.column("Kurtosis@1") == pytest.approx(whole[:, 1], nan_ok=True)
        asked = [1504, 0, 700, 0, 3]
        rows = table.rows(asked)
        assert rows.values == pytest.approx(whole[asked], nan_ok=True)
        assert rows.recordings == ("rec 2", "rec 0", "rec 1", "rec 0", "rec 1")
        assert rows.labels == ("", "", "ä", "", "ä")
        assert rows.groups == ("G1", "G0", "G0", "G0", "G0")
        assert rows.first_samples.tolist() == [100, 0, 69_700, 0, 0]
        assert rows.stops_s[0] == pytest.approx(0.2)
        assert np.concatenate([one.values for one in table.blocks(400)]) == pytest.approx(
            whole, nan_ok=True
        )
        assert table.rows([]).values.shape == (0, 2)
        assert table.about == {"window": 100}


def test_the_hash_is_of_the_content_alone(tmp_path, blocks):
    first = write(tmp_path / "a.h5", blocks)
    assert write(tmp_path / "b.h5", blocks) == first
    assert write(tmp_path / "c.h5", blocks, about={"window": 99}) != first
    blocks[2][0, 0] += 1e-9
    assert write(tmp_path / "d.h5", blocks) != first


def test_what_does_not_fit_is_refused(tmp_path):
    with pytest.raises(FeatureError), writing_table(tmp_path / "t.h5", ["a", "a"], ["", ""]):
        pass
    with pytest.raises(FeatureError, match="columns"):
        write(tmp_path / "u.h5", [np.zeros((2, 3))])
    write(tmp_path / "v.h5", [np.zeros((2, 2))])
    with open_table(tmp_path / "v.h5") as table, pytest.raises(FeatureError, match="no feature"):
        table.column("Skewness@1")


def test_another_file_is_no_table(tmp_path):
    (tmp_path / "t.h5").write_bytes(b"no table")
    with pytest.raises(FileFormatError), open_table(tmp_path / "t.h5"):
        pass
    with writing_table(tmp_path / "half.h5", ["a"], [""]):
        pass
    with pytest.raises(FileFormatError), open_table(tmp_path / "half.h5"):
        pass


def test_many_windows_need_the_memory_of_few(tmp_path):
    def peak(count):
        blocks = (np.ones((500, 2)) for _ in range(count))
        tracemalloc.start()
        write(tmp_path / f"{count}.h5", blocks)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)
    assert peak(60) < 1.5 * peak(6)
