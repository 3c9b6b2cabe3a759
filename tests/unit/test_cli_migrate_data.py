from __future__ import annotations

import pytest
from click.testing import CliRunner

import cli_up
from cli import main
from cli_up import only_one
from server import create_server
from services import runtime
from services.runtime import artefacts, unit_of_work
from settings import Settings
from tests import filled


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The data folder of an installation with something in every table."""
    folder = tmp_path / "var"
    monkeypatch.setenv("DATA_FOLDER", str(folder))
    CliRunner().invoke(main, ["migrate"])
    with create_server(Settings.from_environment()).app_context():
        with unit_of_work() as session:
            filled.fill(session)
        runtime.engine().dispose()
    return folder


@pytest.fixture
def target(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'target.db'}"


def migrate(*arguments: str):
    return CliRunner().invoke(main, ["migrate-data", *arguments])


def test_counts_and_hashes_are_told_and_what_to_do_next(folder, target):
    done = migrate("--to", target)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert any(line.startswith("recordings ") and " sha256 " in line for line in lines)
    assert "are equal in both" in done.stdout
    assert f"STORAGE_URL={folder / 'artefacts'}" in lines[-1]
    again = migrate("--to", target)
    assert (again.exit_code, again.stderr.partition(":")[0]) == (1, "Error")
    assert "accounts already" in again.stderr


def test_files_are_copied_where_asked(folder, target, tmp_path):
    done = migrate("--to", target, "--storage", str(tmp_path / "files"))
    assert done.exit_code == 0, done.output

    def files(root):
        return {
            file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()
        }

    assert files(tmp_path / "files") == files(folder / "artefacts")
    assert f"STORAGE_URL={tmp_path / 'files'}" in done.stdout


def test_missing_files_are_named(folder, target):
    with create_server(Settings.from_environment()).app_context():
        key = next((folder / "artefacts" / "exports").rglob("*.csv"))
        artefacts().delete(f"exports/{key.parent.name}/{key.name}")
        runtime.engine().dispose()
    done = migrate("--to", target)
    assert done.exit_code == 0
    assert "Warning: 1 of " in done.stderr
    assert key.name in done.stderr


def test_nothing_is_copied_while_it_runs(folder, target, monkeypatch):
    monkeypatch.setattr(cli_up, "LEFT_OVER_S", 0.2)
    with only_one(Settings.from_environment()):
        done = migrate("--to", target)
    assert (done.exit_code, "Stop it first" in done.stderr) == (1, True)


def test_what_cannot_be_reached_is_a_sentence(folder):
    done = migrate("--to", "postgresql://nobody@127.0.0.1:1/x")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: The database cannot be used:")
