from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import settings_file
from cli import main
from settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    return tmp_path / ".env"


def test_values_stand_as_they_are(file, tmp_path):
    """A shell would have taken the second folder and the second kind for settings of their own."""
    folders = f"one={tmp_path / 'a'};two={tmp_path / 'b'}"
    file.write_text(
        f"# a comment\n\nIMPORT_FOLDERS={folders}\nRETENTION_DAYS=events=730;jobs=365\n"
        "MAIL_FROM_NAME=Rotor scope\nSMTP_PASSWORD='a $b & c'\nexport PORT=8060  # free\n"
    )
    found: dict[str, str] = {}
    settings_file.load(found, file)
    assert found["MAIL_FROM_NAME"] == "Rotor scope"
    assert found["SMTP_PASSWORD"] == "a $b & c"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    settings = Settings.from_environment({**found, "DATA_FOLDER": str(tmp_path / "var")})
    assert sorted(settings.import_folders) == ["one", "two"]
    assert (settings.retention_days["events"], settings.retention_days["jobs"]) == (730, 365)
    assert settings.port == 8060


def test_the_environment_counts_more(file):
    file.write_text("PORT=1\nHOST=there\n")
    found = {"PORT": "2"}
    settings_file.load(found, file)
    assert found == {"PORT": "2", "HOST": "there"}


def test_another_installation_takes_nothing_of_it(file, tmp_path):
    file.write_text("DATABASE_URL=postgresql://production\n")
    other = {"DATA_FOLDER": "/elsewhere"}
    settings_file.load(other, file)
    assert other == {"DATA_FOLDER": "/elsewhere"}
    none = {"SETTINGS_FILE": ""}
    settings_file.load(none, file)
    assert none == {"SETTINGS_FILE": ""}
    named = {"DATA_FOLDER": "/elsewhere", "SETTINGS_FILE": str(file)}
    settings_file.load(named, tmp_path / "none")
    assert named["DATABASE_URL"] == "postgresql://production"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("A=1\nhunter2", "Line 2 of .* is no setting: expected NAME=value."),
        ("DATA_FOLDER=$HOME/hunter2", "nothing is put in place of .* in DATA_FOLDER"),
        ('KEY="`cat hunter2`"', "nothing is put in place of .* in KEY"),
    ],
)
def test_what_cannot_be_taken_is_refused_without_telling_it(file, text, sentence):
    file.write_text(text)
    with pytest.raises(SettingsError, match=sentence) as told:
        settings_file.load({}, file)
    assert "hunter2" not in str(told.value)


def test_a_file_that_is_named_must_be_there(file):
    with pytest.raises(SettingsError, match="cannot be read"):
        settings_file.load({"SETTINGS_FILE": str(file)})


def test_commands_work_on_what_the_file_names(file, tmp_path, monkeypatch):
    monkeypatch.setenv("SETTINGS_FILE", str(file))
    for name in ("DATA_FOLDER", "DATABASE_URL"):
        # So that what the command adds goes again.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    file.write_text(f"DATA_FOLDER={tmp_path / 'there'}\n")
    said = CliRunner().invoke(main, ["doctor"]).output
    assert f"sqlite:///{tmp_path / 'there' / 'rotorscope.db'}" in said


def test_it_is_not_committed_by_accident():
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_example_can_be_read():
    found = settings_file.parse((ROOT / ".env.example").read_text().replace("\n#", "\n# "))
    assert found == {}


def test_a_python_without_the_packages_is_told_which_has_them():
    command = [sys.executable, "-I", "-S", "-c", "import sys; sys.path[:0] = ['.']; import cli"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Use .venv/bin/python -m cli" in ended.stderr
    assert "Traceback" not in ended.stderr
