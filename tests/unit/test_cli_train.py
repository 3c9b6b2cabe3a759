from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import cli
import cli_train
from models import Dataset, Job, JobStatus, Role
from server import create_server
from services import runtime
from services.runtime import unit_of_work
from settings import Settings
from tasks.runner import run_job
from tasks.training import train_experiment
from tests import factories
from tests.factories import SMALL_TRAINING


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on a data folder with a data set and an admin."""
    settings = Settings.from_environment({"DATA_FOLDER": str(tmp_path)})
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    monkeypatch.setattr("logging_setup.configure", lambda *_: None)
    monkeypatch.setattr("cli_context.make_sender", lambda _celery: lambda _kind, _job: None)
    assert CliRunner().invoke(cli.main, ["migrate"]).exit_code == 0
    with create_server(settings).app_context():
        with unit_of_work() as session:
            admin = factories.user(session, name="root", role=Role.ADMIN)
            factories.user(session, name="anna")
            version = factories.trainable_version(session, admin.id)
            session.get(Dataset, version.dataset_id).name = "tones"
        runtime.engine().dispose()
    return lambda *arguments: CliRunner().invoke(cli.main, ["train", *arguments])


@pytest.fixture
def config(tmp_path):
    def write(**changes):
        path = tmp_path / "by-bearing.json"
        path.write_text(json.dumps({**SMALL_TRAINING, **changes}))
        return str(path)

    return write


@pytest.fixture
def worker(monkeypatch):
    """Instead of waiting, the command does the waiting job itself."""

    def work(_seconds):
        with unit_of_work(writing=False) as session:
            waiting = [job.id for job in session.query(Job).filter_by(status=JobStatus.WAITING)]
        for job_id in waiting:
            run_job(job_id, train_experiment)

    monkeypatch.setattr(cli_train.time, "sleep", work)


def test_folds_and_seeds_are_one_repeated_experiment(run, config, worker):
    folds = {"by": "folds", "folds": 3, "validation": 0.5}
    path = config(split=folds, classifier="random_forest", parameters={"trees": 10})
    done = run(path, "--dataset", "tones", "--seeds", "3,4", "--wait")
    assert done.exit_code == 0, done.output
    assert "6 trainings wait" in done.output
    assert "fold 2 of 3, seed 4: finished, accuracy" in done.output
    assert "Pooled: accuracy" in done.output
    assert "12 recordings of 6 groups, seeds: 2" in done.output
    assert run(path, "--dataset", "tones", "--seeds", "a").exit_code == 2


def test_it_trains_and_tells_the_result(run, config, worker):
    ended = run(config(dataset="tones"), "--wait")
    assert (ended.exit_code, ended.exception) == (0, None)
    lines = ended.stdout.splitlines()
    assert lines[0] == "Experiment 1 “by-bearing” waits for a worker."
    assert lines[1].startswith("1-D CNN: training 16 windows of 4 recordings")
    assert sum(line.startswith("Epoch") for line in lines) == 2
    assert "Test: 4 recordings, 16 windows, groups (bearing): 2." in lines
    assert any(line.startswith("By recordings: accuracy ") for line in lines)


def test_it_learns_from_a_feature_set_without_naming_the_data(run, config, tmp_path, worker):
    options = ("extract", "tones", "--name", "levels", "--domain", "time", "--window", "1024")
    assert CliRunner().invoke(cli.main, ["features", *options]).exit_code == 0
    path = tmp_path / "on-levels.json"
    path.write_text(json.dumps({"split": SMALL_TRAINING["split"], "parameters": {"trees": 10}}))
    ended = run(str(path), "--features", "levels", "--wait")
    assert (ended.exit_code, ended.exception) == (0, None), ended.output
    assert "Random forest: training 16 windows of 4 recordings" in ended.stdout
    assert "Leaks: No leak was found." in ended.stdout
    missing = run(str(path), "--features", "none")
    assert "There is no feature set “none”." in missing.stderr


def test_without_wait_it_leaves_the_job_to_the_workers(run, config):
    ended = run(config(name="from the file"), "--dataset", "tones", "--as", "anna")
    assert ended.stdout == "Experiment 1 “from the file” waits for a worker.\n"


def test_notes_about_the_split_are_told(run, config):
    split = {"by": "groups", "test": ["1"]}
    ended = run(config(group_by="load_hp", split=split), "--dataset", "tones")
    assert "Note: 6 of the 6 bearings in the test part" in ended.stderr


def test_a_failed_training_ends_with_its_sentence(run, config, monkeypatch):
    def fail(_seconds):
        with unit_of_work() as session:
            for job in session.query(Job):
                job.status, job.error = JobStatus.FAILED, "The loss is not a number."

    monkeypatch.setattr(cli_train.time, "sleep", fail)
    ended = run(config(dataset="tones"), "--wait")
    assert ended.exit_code == 1
    assert "The loss is not a number." in ended.stderr


@pytest.mark.parametrize(
    ("changes", "options", "sentence"),
    [
        ({}, (), "Say which data set"),
        ({"dataset": "nothing"}, (), "There is no data set “nothing”."),
        ({"dataset": "tones", "version": 4}, (), "with a version 4"),
        ({"dataset": "tones"}, ("--as", "bob"), "There is no user “bob”"),
        ({"dataset": "tones", "epochs": 0}, (), "The number of epochs must be"),
    ],
)
def test_what_is_wrong_ends_with_a_sentence(run, config, changes, options, sentence):
    ended = run(config(**changes), *options)
    assert ended.exit_code > 0
    assert sentence in ended.stderr


def test_a_file_that_is_not_json(run, tmp_path):
    path = tmp_path / "broken.json"
    path.write_text("{")
    assert "broken.json is not a JSON file" in run(str(path)).stderr
