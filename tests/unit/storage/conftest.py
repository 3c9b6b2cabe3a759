"""Databases to copy from and to, of either kind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from settings import Settings
from tests import postgresql
from tests.installations import installation, make_filled


@pytest.fixture
def address(tmp_path, request) -> Iterator[Callable[[str, str], str]]:
    """Makes the address of an empty database of a kind."""
    with ExitStack() as stack:

        def make(kind: str, name: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path / name}.db"
            server = request.getfixturevalue("postgresql_server")
            return stack.enter_context(postgresql.new_database(server, name))

        yield make


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, request) -> Callable[[str], tuple[Path, str]]:
    """Folder and database of a filled installation of a kind, to be copied by tests."""

    @cache
    def make(kind: str) -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp(f"filled-{kind}")
        url = f"sqlite:///{folder}/origin.db"
        if kind == "postgresql":
            url = postgresql.create_database(request.getfixturevalue("postgresql_server"), "filled")
        make_filled(folder, url)
        return folder, url

    return make


@pytest.fixture
def origin(made_once, tmp_path, request) -> Iterator[Settings]:
    """An installation with something in every table; SQLite, unless the test wants another."""
    kind = getattr(request, "param", "sqlite")
    folder, url = made_once(kind)
    own = tmp_path / "origin"
    shutil.copytree(folder, own)
    if kind == "sqlite":
        yield installation(own, f"sqlite:///{own}/origin.db")
        return
    server = request.getfixturevalue("postgresql_server")
    with postgresql.new_database(server, "source", url.rpartition("/")[2]) as address:
        yield installation(own, address)


@pytest.fixture
def source(origin: Settings) -> str:
    return origin.database_url
