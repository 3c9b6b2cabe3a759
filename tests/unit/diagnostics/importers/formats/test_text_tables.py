from __future__ import annotations

import gzip
import time
import tracemalloc

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


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, end):
    content = text(";", ".", "Wälzlager [µm];b;c").replace("\n", end).encode(encoding)
    contents = table(tmp_path, content)
    assert next(iter(contents.arrays)) == "Wälzlager [µm]"
    np.testing.assert_array_equal([contents.rows(n)[0] for n in contents.arrays], VALUES.T)


def test_a_letter_on_the_border_of_two_blocks_does_not_change_the_encoding(tmp_path):
    start = ("µ;b\n" + "1;2\n" * 40 + "#").encode()
    for before in (1, 2):
        filling = b" " * ((1 << 20) - before - len(start))
        contents = table(tmp_path, start + filling + "µµ\n3;4\n".encode())
        assert contents.rows("µ")[0][[0, -1]].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["1.234,5;2", "-10.000,25;3"], [1234.5, -10000.25]),
        (["1,234.5;2", "-10,000.25;3"], [1234.5, -10000.25]),
        (["1'234.5;2", "-10'000.25;3"], [1234.5, -10000.25]),
        (["1 234,5;2", "-10 000,25;3"], [1234.5, -10000.25]),
        (['"1,234.5",2', '"-10,000.25",3'], [1234.5, -10000.25]),
        (['"1,5",2', '"-0,25",3'], [1.5, -0.25]),
        (["1,234;2", "1,5;3"], [1.234, 1.5]),
    ],
)
def test_groups_of_three_digits(tmp_path, lines, expected):
    contents = table(tmp_path, "\n".join(lines * 10))
    assert contents.rows("column 1")[0][:2].tolist() == expected


def test_digits_in_odd_groups_are_no_number(tmp_path):
    lines = ["1.234,5;2"] * 300
    lines[250] = "1.23,5;2"
    with pytest.raises(FileFormatError, match=r"Line 251: expected a number, got “1\.23,5”"):
        table(tmp_path, "\n".join(lines))


def test_comments_among_the_numbers_are_left_out(tmp_path):
    lines = ["# logger", "1;2", "# paused", "3;4", "// on", "% off", *["5;6"] * 20]
    assert table(tmp_path, "\n".join(lines)).rows("column 1")[0].tolist() == [1, 3] + [5] * 20


def test_columns_that_end_early_are_shorter(tmp_path):
    rows = [f"{i};{i if i < 20 else ''};{'' if i == 3 else i}" for i in range(30)]
    contents = table(tmp_path, "a;b;c\n" + "\n".join(rows) + "\n;;\n")
    assert {name: contents.rows(name).shape[1] for name in contents.arrays} == {
        "a": 30,
        "b": 20,
        "c": 30,
    }
    assert "Columns that end before row 30: b after 20 rows." in contents.notes


def test_a_column_that_counts_the_rows_is_left_out(tmp_path):
    rows = [f"{i},{i / 2}" for i in range(30)]
    contents = table(tmp_path, ",x\n" + "\n".join(rows))
    assert list(contents.arrays) == ["x"]
    assert contents.variables[0].note == "it only counts the rows"


def test_packed_tables(tmp_path):
    content = gzip.compress(text(";", ",").encode())
    contents = table(tmp_path, content, "2003.10.22.12.06.24.gz")
    np.testing.assert_array_equal([contents.rows(n)[0] for n in contents.arrays], VALUES.T)


def test_columns_of_text_can_be_asked_for(tmp_path):
    rows = "\n".join(f'"a, {i}";{i}.5' for i in range(30))
    assert table(tmp_path, "when;x\n" + rows).texts["when"]()[:2] == ("a, 0", "a, 1")


def test_a_line_without_end_is_refused_before_it_is_read(tmp_path):
    with pytest.raises(FileFormatError, match="line of more than 1,048,576 letters"):
        table(tmp_path, b"1," * 2_000_000)


def test_more_numbers_than_the_limit_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1;2;3\n" * 10_000)
    with pytest.raises(FileFormatError, match="at most 0 MB"):
        open_table(path, Limits(bytes=100_000))


def test_memory_stays_near_that_of_the_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("0.123456789012345;-1.23456789012345\n" * 500_000)
    tracemalloc.start()
    contents = open_table(path, Limits())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    arrays = sum(contents.arrays[name]().nbytes for name in contents.arrays)
    # 4 MB of text are read at once; what that takes does not grow with the file.
    assert peak < arrays + (24 << 20)


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
