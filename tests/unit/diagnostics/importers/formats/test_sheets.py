from __future__ import annotations

import zipfile

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.sheets import open_sheets
from diagnostics.importers.registry import inspect
from tests.unit.diagnostics.importers.files import ods, xlsx

ROWS = [[i / 7, i, "ok"] for i in range(30)]
SHEETS = {
    "run 1": [["logger 7", "", ""], ["", "", ""], ["time [s]", "x [mV]", "state"], *ROWS],
    "run 2": [[float(i)] for i in range(40)],
    "notes": [["nothing to see"]],
}


@pytest.fixture(params=[xlsx, ods], ids=["xlsx", "ods"])
def path(request, tmp_path):
    path = tmp_path / f"a.{request.param.__name__}"
    request.param(path, SHEETS)
    return path


def test_each_sheet_is_a_table_of_its_own(path):
    contents = open_sheets(path, Limits())
    assert list(contents.arrays) == ["run 1.time [s]", "run 1.x [mV]", "run 2.column 1"]
    np.testing.assert_array_equal(contents.rows("run 1.x [mV]")[0], np.arange(30) / 1000)
    assert [v.name for v in contents.variables if v.note] == ["run 1.state", "notes.sheet"]
    keys = [recording.key for recording in inspect(path, path.name).recordings]
    assert keys == ["run 1.time [s]", "run 2.column 1"]


def test_gaps_become_nan_and_columns_end_where_they_end(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [
        [float(i), "" if i in (3, 4) else float(i), float(i) if i < 20 else ""] for i in range(30)
    ]
    xlsx(path, {"s": [["a", "b", "c"], *rows]})
    contents = open_sheets(path, Limits())
    assert np.flatnonzero(np.isnan(contents.rows("b")[0])).tolist() == [3, 4]
    assert contents.rows("c").shape == (1, 20)


def test_a_packed_bomb_is_refused_by_its_size(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(5_000_000))
    with pytest.raises(FileFormatError, match="at most 1 MB"):
        open_sheets(path, Limits(bytes=1_000_000))


def test_a_cell_far_out_takes_no_memory(tmp_path):
    path = tmp_path / "a.xlsx"
    xlsx(path, {"s": [[1.0, 2.0]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet0.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet0.xml"] = sheet.replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(FileFormatError):
        inspect(path, path.name)


def test_what_is_no_spreadsheet_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"name;x\n1;2\n")
    with pytest.raises(FileFormatError, match="no spreadsheet"):
        open_sheets(path, Limits())
