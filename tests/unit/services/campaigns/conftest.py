"""Campaigns remember in a file of their own; making its tables takes longer than most tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask, current_app

from services.campaigns import studies


@pytest.fixture(scope="session")
def empty_studies(tmp_path_factory) -> Path:
    from optuna.storages import RDBStorage

    path = tmp_path_factory.mktemp("studies") / studies.FILE
    made = RDBStorage(f"sqlite:///{path}")
    made.remove_session()
    made.engine.dispose()
    return path


@pytest.fixture(autouse=True)
def _remembered(server: Flask, empty_studies: Path):
    shutil.copyfile(empty_studies, Path(current_app.config["DATA_FOLDER"]) / studies.FILE)
    yield
    studies.close()
