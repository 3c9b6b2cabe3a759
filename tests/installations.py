"""Whole installations, to be moved, written into a file and brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import schema
from server import create_server
from services import runtime
from services.files.artefacts import ArtefactStore
from services.runtime import unit_of_work
from settings import Settings
from storage import databases
from storage.tables import Sum, read_lines, shapes, summed
from tests import filled


def installation(folder: Path, url: str) -> Settings:
    return Settings.from_environment(
        {"DATA_FOLDER": str(folder), "DATABASE_URL": url, "SECRET_KEY": "k" * 32}
    )


def make_filled(folder: Path, url: str) -> Settings:
    """An installation with rows in every table, and the files that they name."""
    settings = installation(folder, url)
    schema.upgrade(settings)
    with create_server(settings).app_context():
        with unit_of_work() as session:
            filled.fill(session)
        runtime.engine().dispose()
    return settings


def store_of(settings: Settings) -> ArtefactStore:
    return ArtefactStore(settings.storage_url, settings.data_folder / "fetched")


def sums(url: str) -> dict[str, Sum]:
    with databases.opened(url) as engine, engine.connect() as connection:
        return {shape.name: summed(read_lines(connection, shape)) for shape in shapes()}


def execute(url: str, statement: Any) -> Any:
    with databases.opened(url) as engine, databases.replacing(engine) as connection:
        return connection.execute(statement)


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
