from __future__ import annotations

import zipfile

import h5py
import pytest
from click.testing import CliRunner

from cli import main
from tests.unit.diagnostics.importers.files import waves, write


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Commands of an installation with the data set “pumps”."""
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path / "var"))
    runner = CliRunner()

    def call(*arguments: str, code: int = 0) -> str:
        done = runner.invoke(main, arguments)
        assert done.exit_code == code, done.output
        return done.output

    call("migrate")
    call("user", "add", "anna", "--role", "admin")
    path = write(tmp_path / "one.csv", waves())
    call("data", "import", str(path), "--dataset", "pumps", "--rate", "1000", "--unit", "g")
    return call


def test_writes_a_file_that_can_be_imported_again(run, tmp_path):
    path = tmp_path / "pumps.h5"
    said = run("data", "export", "pumps", "--output", str(path))
    assert f"{path}: {path.stat().st_size:,} bytes, hdf5" in said
    with h5py.File(path) as file:
        assert file.attrs["dataset"] == "pumps"
    said = run("data", "import", str(path), "--dataset", "again")
    assert "1 recording imported" in said
    said = run("data", "import", str(path), "--dataset", "pumps")
    assert "in the data set already" in said


def test_the_format_follows_from_the_ending_or_is_said(run, tmp_path):
    path = tmp_path / "pumps.parquet"
    assert "parquet" in run("data", "export", "1", "--output", str(path))
    assert path.read_bytes()[:4] == b"PAR1"
    path = tmp_path / "pumps.zip"
    assert "say which" in run("data", "export", "pumps", "--output", str(path), code=2)
    run("data", "export", "pumps", "--format", "csv", "--output", str(path))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["samples/000001.csv", "recordings.csv"]


def test_says_what_is_wrong(run, tmp_path):
    path = tmp_path / "pumps.h5"
    path.write_bytes(b"precious")
    assert "--force" in run("data", "export", "pumps", "--output", str(path), code=2)
    assert path.read_bytes() == b"precious"
    run("data", "export", "pumps", "--output", str(path), "--force")
    other = str(tmp_path / "nowhere" / "x.h5")
    assert "no folder" in run("data", "export", "pumps", "--output", other, code=2)
    fresh = str(tmp_path / "x.h5")
    assert "no data set “fans”" in run("data", "export", "fans", "--output", fresh, code=2)
    said = run("data", "export", "pumps", "--version", "9", "--output", fresh, code=1)
    assert "has no version 9" in said
