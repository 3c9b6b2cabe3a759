from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

import cli_up
from cli import main
from cli_up import only_one
from settings import Settings
from storage.half_restored import MARK
from tests.installations import files_in, make_filled

PASSPHRASE = "purple gasket meadow 41"


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Runs a command on the installation in a folder."""

    def call(folder: str, *arguments: str, code: int = 0, typed: str = ""):
        monkeypatch.setenv("DATA_FOLDER", str(tmp_path / folder))
        done = CliRunner().invoke(main, arguments, input=typed)
        assert done.exit_code == code, done.output
        return done

    return call


@pytest.fixture
def archive(tmp_path):
    """A filled installation in the folder “here”; where its backup goes."""
    folder = tmp_path / "here"
    made = make_filled(folder, f"sqlite:///{folder}/rotorscope.db")
    assert made.data_folder == folder
    return str(tmp_path / "backup.tar")


def test_what_is_in_it_and_what_is_not(call, archive, tmp_path):
    told = call("here", "backup", archive).stdout
    assert " rows and " in told
    assert "Left out: uploads that wait" in told
    assert "The secret key is not in it" in told
    back = call("there", "restore", archive).stdout
    assert f"are back, in sqlite:///{tmp_path}/there/rotorscope.db" in back
    assert "uploads left out: 4" in back
    assert "everybody has to sign in again" in back
    assert "änna\tadmin" in call("there", "user", "list").stdout
    assert files_in(tmp_path / "there" / "artefacts") == files_in(tmp_path / "here" / "artefacts")


def test_the_key_comes_along_under_a_passphrase(call, archive, tmp_path):
    call("here", "backup", archive, "--with-key", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert PASSPHRASE.encode() not in (tmp_path / "backup.tar").read_bytes()
    key = (tmp_path / "here" / "secret-key").read_bytes()
    assert key not in (tmp_path / "backup.tar").read_bytes()
    wrong = call("there", "restore", archive, typed="another\n", code=1)
    assert "not the one that the key was sealed with" in wrong.stderr
    assert "nobody" not in call("there", "migrate").stdout
    spoken = tmp_path / "passphrase"
    spoken.write_text(f"{PASSPHRASE}\n")
    told = call("there", "restore", archive, "--passphrase-file", str(spoken)).stdout
    place = tmp_path / "there" / "secret-key"
    assert f"The secret key is in {place}" in told
    assert place.read_bytes() == key
    assert place.stat().st_mode & 0o777 == 0o600


def test_the_key_can_stay_in_the_archive(call, archive, tmp_path):
    call("here", "backup", archive, "--with-key", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert "sign in again" in call("there", "restore", archive, "--without-key").stdout


def test_a_short_passphrase_is_refused_before_anything_is_written(call, archive, tmp_path):
    told = call("here", "backup", archive, "--with-key", typed="short\nshort\n", code=1).stderr
    assert "at least 12 characters, got 5" in told
    assert not (tmp_path / "backup.tar").exists()


def test_an_installation_in_use_needs_the_word(call, archive):
    call("here", "backup", archive)
    assert "--replace-everything" in call("here", "restore", archive, code=1).stderr
    call("here", "restore", archive, "--replace-everything")


def test_nothing_is_restored_while_it_runs(call, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(cli_up, "LEFT_OVER_S", 0.2)
    call("here", "backup", archive)
    settings = Settings.from_environment({"DATA_FOLDER": str(tmp_path / "there")})
    shutil.copy(archive, tmp_path / "other.tar")
    with only_one(settings) as lock:
        lock.seek(0)
        assert lock.read().isdigit()
        told = call("there", "restore", archive, code=1).stderr
    assert "Stop it first" in told


def test_what_is_no_backup_is_a_sentence(call, archive, tmp_path):
    (tmp_path / "backup.tar").write_bytes(b"x" * 10_000)
    assert "no backup of Rotorscope" in call("there", "restore", archive, code=1).stderr
    assert "There is no file" in call("there", "restore", f"{archive}x", code=1).stderr


def test_doctor_knows_the_last_backup(call, archive):
    assert "None was made yet" in call("here", "doctor", code=1).stdout
    call("here", "backup", archive)
    assert "The last one was made today" in call("here", "doctor", code=1).stdout


def test_nothing_starts_on_a_restore_that_was_cut_short_until_it_is_done_again(
    call, archive, tmp_path
):
    call("here", "backup", archive)
    call("there", "restore", archive)
    mark = tmp_path / "there" / MARK
    mark.write_text("2026-11-22")
    for command in ("up", "web", "worker", "beat", "migrate", "user list", f"backup {archive}2"):
        told = call("there", *command.split(), code=1).stderr
        assert "was cut short (a backup of 2026-11-22). Run “python -m cli restore”" in told
    call("there", "restore", archive)
    assert not mark.exists()
    assert "änna" in call("there", "user", "list").stdout
