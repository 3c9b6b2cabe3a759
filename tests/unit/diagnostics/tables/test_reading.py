from __future__ import annotations

import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.tables import apart
from diagnostics.tables.apart import import_apart
from diagnostics.tables.kinds import ROW_GROUP
from diagnostics.tables.profile import profile_table, time_column_of
from diagnostics.tables.readers import open_table
from diagnostics.tables.stored import StoredTable
from diagnostics.tables.writing import write_table
from tests.unit.diagnostics.importers.files import xlsx


def read(tmp_path, content: bytes, kind="csv"):
    path, target = tmp_path / "given", tmp_path / "table.parquet"
    path.write_bytes(content)
    return write_table(open_table(path, kind, tmp_path), target), StoredTable(target)


def types(table) -> dict[str, str]:
    return {column.name: column.type for column in table.columns}


def test_a_german_table_with_semicolons_and_decimal_commas(tmp_path):
    lines = ["Zeit;Druck [bar];Zustand", "01.02.2024 10:00:00;1,5;an", "01.02.2024 10:00:01;;aus"]
    table, stored = read(tmp_path, "\n".join([*lines, lines[1]]).encode("latin-1"))
    assert types(table) == {"Zeit": "time", "Druck [bar]": "number", "Zustand": "text"}
    assert stored.numbers("Druck [bar]")[0] == 1.5
    assert np.isnan(stored.numbers("Druck [bar]")[1])
    first = stored.cells(np.array([0]), ["Zeit", "Zustand"])[0]
    assert first == {"Zeit": "2024-02-01T10:00:00", "Zustand": "an"}


def test_moments_with_a_zone_are_kept_in_utc(tmp_path):
    content = b"at,x\n2024-01-01T10:00:00Z,1\n2024-01-01T10:00:01+02:00,2\n"
    table, stored = read(tmp_path, content)
    assert types(table)["at"] == "time"
    assert stored.cells(np.array([1]), ["at"])[0]["at"] == "2024-01-01T08:00:01"


def test_a_column_that_changes_its_type_late_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr("diagnostics.tables.text_reading.BLOCK_BYTES", 4096)
    rows = [f"{n},1" for n in range(3000)] + ["2.5,x"]
    table, stored = read(tmp_path, ("a,b\n" + "\n".join(rows)).encode())
    assert types(table) == {"a": "number", "b": "text"}
    assert (table.row_count, stored.numbers("a")[-1]) == (3001, 2.5)


def test_empty_ends_short_lines_and_words_for_nothing(tmp_path):
    content = b"a,b\n1,2\n?,3\n4,5,6\nNA,7\n,\n,\n"
    table, stored = read(tmp_path, content)
    assert table.row_count == 3
    assert np.isnan(stored.numbers("a")).tolist() == [False, True, True]
    assert any("another number of cells" in note for note in table.notes)
    assert any("empty rows at the end" in note for note in table.notes)


def test_columns_apart_by_spaces_and_without_names(tmp_path):
    table, stored = read(tmp_path, b"1  2.5 3\n4 5   6\n" * 10)
    assert list(types(table)) == ["column 1", "column 2", "column 3"]
    assert stored.numbers("column 2")[:2].tolist() == [2.5, 5.0]


def test_json_lines_and_parquet(tmp_path):
    lines = [{"a": 1, "b": "x", "c": [1]}, {"a": 2.5, "b": None}]
    table, stored = read(tmp_path, "\n".join(map(json.dumps, lines)).encode(), "json_lines")
    assert types(table) == {"a": "number", "b": "text"}
    assert "“c”" in table.notes[0]
    assert stored.numbers("a").tolist() == [1.0, 2.5]
    given = pa.table({"n": pa.array([1, None], pa.int32()), "ok": [True, False]})
    path = tmp_path / "other.parquet"
    pq.write_table(given, path)
    table = write_table(open_table(path, "parquet", tmp_path), tmp_path / "again.parquet")
    assert types(table) == {"n": "integer", "ok": "boolean"}


def test_a_sheet_below_its_title(tmp_path):
    rows = [[i / 7, i, "ok"] for i in range(30)]
    path = tmp_path / "a.xlsx"
    xlsx(
        path, {"run": [["logger 7", "", ""], ["time", "x [mV]", "state"], *rows], "notes": [["no"]]}
    )
    table = write_table(open_table(path, "sheets", tmp_path), tmp_path / "t.parquet")
    assert types(table) == {"time": "number", "x [mV]": "number", "state": "text"}
    assert (table.row_count, "there are 1 more" in table.notes[0]) == (30, True)


def test_rows_anywhere_in_a_table_of_several_groups(tmp_path):
    count = ROW_GROUP + 100
    content = "n\n" + "\n".join(map(str, range(count)))
    _, stored = read(tmp_path, content.encode())
    rows = np.array([3, ROW_GROUP - 1, ROW_GROUP, count - 1])
    assert stored.take(["n"], rows)[0].tolist() == rows.tolist()
    assert [start for start, _ in stored.blocks(["n"])] == [0, ROW_GROUP]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\x00\x01\x02", "csv"), (b"PAR1 no", "parquet"), (b"{", "json_lines"), (b"PK", "sheets")],
)
def test_broken_files_are_refused_with_a_sentence(tmp_path, content, kind):
    with pytest.raises(FileFormatError, match=r"\.$"):
        read(tmp_path, content, kind)


def test_codes_for_missing_values_are_suspected_and_honoured(tmp_path):
    values = np.random.default_rng(0).normal(20, 3, 500)
    values[::40] = -200
    content = "t,state\n" + "\n".join(
        f"{v:.2f},{'??' if n % 9 == 0 else 'on'}" for n, v in enumerate(values)
    )
    table, _ = read(tmp_path, content.encode())
    target = tmp_path / "table.parquet"
    found = profile_table(target, table.columns)
    assert found["suspects"] == [{"value": -200.0, "columns": ["t"]}]
    assert found["columns"][0]["missing"] == 0
    known = profile_table(target, table.columns, ["-200", "??"])
    assert known["suspects"] == []
    assert [one["missing"] for one in known["columns"]] == [13, 56]
    assert known["columns"][0]["min"] > 0
    assert known["rows"][0] == [None, None]


def test_the_time_of_rows_is_found_by_looking(tmp_path):
    table, _ = read(tmp_path, b"time,x\n1,2\n2,3\n")
    assert time_column_of(table.columns) == "time"
    assert time_column_of(table.columns, "") is None
    assert time_column_of(table.columns, "x") == "x"


def test_a_stranger_is_read_by_a_process_of_its_own(tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 50))
    seen: list[int] = []
    table = import_apart(path, "log.csv.gz", tmp_path / "t.parquet", rows_read=seen.append)
    assert (table.row_count, seen[-1]) == (50, 50)
    assert table.profile["columns"][0]["distinct"] == 1
    with pytest.raises(FileFormatError, match="Tables are read from"):
        import_apart(path, "log.exe", tmp_path / "t.parquet")


def test_a_reader_that_takes_too_much_memory_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "MEMORY_BYTES", 100 << 20)
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(FileFormatError, match=r"reader stopped|more memory"):
        import_apart(path, "log.csv", tmp_path / "t.parquet")
