from __future__ import annotations

import time

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.text_tables import as_records, open_table

VALUES = np.round(np.random.default_rng(1).normal(size=(30, 3)), 6)


def table(tmp_path, content: str | bytes, name: str = "a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(path, Limits())


def text(separator: str, decimal: str = ".", header: str = "") -> str:
    rows = [separator.join(f"{v:.6f}".replace(".", decimal) for v in row) for row in VALUES]
    return "\n".join([header, *rows] if header else rows) + "\n"


@pytest.mark.parametrize(
    ("separator", "decimal"),
    [
        (",", "."),
        (";", "."),
        (";", ","),
        ("\t", "."),
        ("\t", ","),
        ("|", "."),
        ("  ", ","),
        (" ", "."),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_finds_separator_and_decimal_sign(tmp_path, separator, decimal, end):
    contents = table(tmp_path, text(separator, decimal).replace("\n", end))
    read = np.concatenate([contents.rows(name) for name in contents.arrays])
    np.testing.assert_array_equal(read, VALUES.T)


def test_header_and_lines_before_it(tmp_path):
    contents = table(tmp_path, "# logger 7\n# of 2020\n\n" + text(";", ",", "time [s];x [g];x [g]"))
    assert list(contents.arrays) == ["time [s]", "x [g]", "x [g] (column 3)"]
    assert contents.rows("time [s]").shape == (1, 30)


def test_one_column_with_either_decimal_sign(tmp_path):
    for sign in ".,":
        content = "\n".join(f"{v:.4f}".replace(".", sign) for v in VALUES[:, 0])
        contents = table(tmp_path, content)
        np.testing.assert_allclose(contents.rows("column 1")[0], VALUES[:, 0], atol=1e-4)


def test_two_columns_of_whole_numbers_are_two(tmp_path):
    assert len(table(tmp_path, "1,5\n" * 40).arrays) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path, encoding):
    content = text(";", ".", "Wälzlager;b;c").encode(encoding)
    assert next(iter(table(tmp_path, content).arrays)) == "Wälzlager"


def test_columns_of_text_are_left_out(tmp_path):
    rows = "\n".join(f"2020-01-01 00:00:{i:02d};{i}.5;ok" for i in range(30))
    contents = table(tmp_path, "when;x;state\n" + rows)
    assert list(contents.arrays) == ["x"]
    assert [v.name for v in contents.variables if v.note] == ["when", "state"]


def test_gaps_become_nan_and_quotes_are_taken_off(tmp_path):
    rows = ['"1.5";""', "2.5;nan", '3.5;"4"'] * 10
    contents = table(tmp_path, "x;y\n" + "\n".join(rows))
    assert np.isnan(contents.rows("y")[0]).sum() == 20
    assert contents.rows("x")[0][:3].tolist() == [1.5, 2.5, 3.5]


def test_names_the_line_that_is_wrong(tmp_path):
    lines = text(",").splitlines() * 20
    with pytest.raises(FileFormatError, match="Line 501: expected a number, got “oops”"):
        table(tmp_path, "\n".join([*lines[:500], "1,oops,2", *lines[500:]]))
    with pytest.raises(FileFormatError, match="Line 501 has 2 columns, expected 3"):
        table(tmp_path, "\n".join([*lines[:500], "1,2", *lines[500:]]))


@pytest.mark.parametrize(
    "content", [b"\x00\x01" * 50, b"\xff\xfe\x00", b"just words\nand more words\n"]
)
def test_refuses_what_is_no_table(tmp_path, content):
    with pytest.raises(FileFormatError):
        table(tmp_path, content)


def test_refuses_too_many_columns(tmp_path):
    with pytest.raises(FileFormatError, match="columns"):
        table(tmp_path, "\n".join([",".join("1" * 2000)] * 5))


def test_records_of_a_companion(tmp_path):
    (tmp_path / "a.csv").write_text("record,fs\nx,12\ny\n")
    assert as_records(tmp_path / "a.csv", Limits()) == [
        {"record": "x", "fs": "12"},
        {"record": "y", "fs": None},
    ]


def test_a_long_cell_that_is_no_number_takes_no_time(tmp_path):
    long = "1" * 300_000 + "x"
    began = time.process_time()
    with pytest.raises(FileFormatError):
        table(tmp_path, f"{long}\n{long}\n")
    assert time.process_time() - began < 5
