from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import cli
from models import Role
from server import create_server
from services import runtime
from services.runtime import unit_of_work
from settings import Settings
from tests import factories

SMALL = {"classes": {"wear": 2, "healthy": 1}, "bearings": 1, "duration_s": 0.5}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on a data folder with an admin."""
    settings = Settings.from_environment({"DATA_FOLDER": str(tmp_path)})
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    monkeypatch.setattr("logging_setup.configure", lambda *_: None)
    assert CliRunner().invoke(cli.main, ["migrate"]).exit_code == 0
    with create_server(settings).app_context():
        with unit_of_work() as session:
            factories.user(session, name="root", role=Role.ADMIN)
        runtime.engine().dispose()
    return lambda *arguments: CliRunner().invoke(cli.main, ["data", *arguments])


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "worn.json"
    path.write_text(json.dumps(SMALL))
    return path


def test_a_file_becomes_a_data_set(run, config):
    estimated = run("generate", str(config), "--estimate")
    assert "3 recordings, about 0 MB" in estimated.output
    made = run("generate", str(config))
    assert (made.exit_code, made.exception) == (0, None)
    assert "3 recordings." in made.output
    assert "numbers as the formulas say" in made.output
    assert "worn\tversion 1\t3 recordings" in run("list").output
    again = run("generate", str(config), "--name", "worn")
    assert (again.exit_code, "already" in again.output) == (1, True)


def test_what_is_no_config_is_told(run, config):
    config.write_text("{")
    assert "worn.json is not a JSON file" in run("generate", str(config)).output
    config.write_text('{"classes": {"rust": 1}}')
    answer = run("generate", str(config))
    assert (answer.exit_code, "no class “rust”" in answer.output) == (1, True)
    config.write_text('{"kind": "rolling", "speed_rpm": [1800, 40000]}')
    answer = run("generate", str(config), "--estimate")
    assert (answer.exit_code, "can be generated up to 27,699 rpm" in answer.output) == (1, True)
