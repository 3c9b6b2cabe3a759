from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from cli import main
from tests.unit.diagnostics.importers.files import waves, write


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path / "var"))
    runner = CliRunner()

    def call(*arguments: str, code: int = 0) -> str:
        done = runner.invoke(main, arguments)
        assert done.exit_code == code, done.output
        return done.output

    call("migrate")
    call("user", "add", "anna", "--role", "admin")
    return call


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "set" / "ball"
    folder.mkdir(parents=True)
    write(folder / "1.csv", waves())
    write(folder / "2.mat", {**waves(300), "fs": 500})
    (folder / "3.mat").write_bytes(b"MATLAB")
    (folder / "notes.docx").write_bytes(b"x")
    return folder.parent


TYPED = ("--rate", "1000", "--unit", "g", "--pattern", "*/{label}/*")


def test_imports_a_folder_and_lists_it(run, folder):
    said = run("data", "import", str(folder), "--dataset", "pumps", *TYPED, code=1)
    assert "set/ball/1.csv: 1 recording imported." in said
    assert "set/ball/3.mat: Not imported: The MATLAB file is broken" in said
    assert "warning: The speed (RPM) is not in the file" in said
    assert "“pumps”: 2 recordings imported, version 1." in said
    assert "pumps\tversion 1\t2 recordings\t1 classes" in run("data", "list")
    again = run("data", "import", str(folder / "ball" / "1.csv"), "--dataset", "pumps", *TYPED)
    assert "in the data set already" in again


def test_preview_stores_nothing(run, folder):
    said = run("data", "import", str(folder), "--dataset", "pumps", "--preview", code=1)
    assert "rate not declared" in said
    assert "give --rate" in said
    assert "500 Hz (variable fs)" in said
    assert "There is no data set" in run("data", "list")


def test_says_what_is_wrong(run, tmp_path):
    others = tmp_path / "others"
    others.mkdir()
    (others / "x.docx").write_bytes(b"x")
    assert "No file ends in" in run("data", "import", str(others), "--dataset", "x", code=2)
    (others / "README").write_text("About these measurements")
    assert "1 files of other kinds" in run("data", "import", str(others), "--dataset", "x", code=1)
    path = write(tmp_path / "a.npy", {"x": np.ones(40)})
    asked = ("data", "import", str(path), "--dataset", "x")
    assert "There is no user “bob”" in run(*asked, "--as", "bob", code=2)
    assert "pattern" in run(*asked, "--pattern", "{label", code=1)
    assert "Not imported: The sampling rate is not in the file" in run(*asked, code=1)
