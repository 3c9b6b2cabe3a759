from __future__ import annotations

import pytest
from click.testing import CliRunner

import cli
from models import Role
from server import create_server
from services import runtime
from services.runtime import unit_of_work
from settings import Settings
from tests import factories


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on a data folder with an admin and the data set “pumps”."""
    settings = Settings.from_environment({"DATA_FOLDER": str(tmp_path / "var")})
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    monkeypatch.setattr("logging_setup.configure", lambda *_: None)
    assert CliRunner().invoke(cli.main, ["migrate"]).exit_code == 0
    with create_server(settings).app_context():
        with unit_of_work() as session:
            root = factories.user(session, name="root", role=Role.ADMIN)
            data = factories.dataset(session, name="pumps", owner_id=root.id)
            one = factories.recording(session, dataset_id=data.id, owner_id=root.id)
            factories.version(session, {one.id: "ball"}, data.id, created_by=root.id)
        runtime.engine().dispose()
    return lambda *arguments: CliRunner().invoke(cli.main, ["features", *arguments])


def test_features_are_extracted_listed_and_written(run, tmp_path):
    done = run("extract", "pumps", "--domain", "time", "--window", "500")
    assert done.exit_code == 0, done.output
    assert "Feature set 1: “pumps”, version 1, 4 windows" in done.output
    assert "4 windows, 7 features of “pumps”, version 1" in run("list").output
    path = tmp_path / "pumps.csv"
    done = run("export", "1", "--format", "csv", "--output", str(path))
    assert done.exit_code == 0, done.output
    assert path.read_text().count("\n") == 5
    assert run("export", "1", "--output", str(path)).exit_code == 2


def test_what_does_not_work_is_said(run, tmp_path):
    assert "There is no data set" in run("extract", "fans").output
    assert "longer than every recording" in run("extract", "pumps", "--window", "9999").output
    done = run("export", "7", "--output", str(tmp_path / "x.h5"))
    assert (done.exit_code, "no feature set 7" in done.output) == (1, True)
