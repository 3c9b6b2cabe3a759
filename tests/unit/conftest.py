"""A real Valkey for what is only worth testing on one."""

from __future__ import annotations

import subprocess

import pytest

import embedded_valkey
from services import valkey
from settings import Settings
from tests.running import wait_for


@pytest.fixture(scope="session")
def valkey_settings(tmp_path_factory) -> Settings:
    folder = tmp_path_factory.mktemp("vk")
    settings = Settings.from_environment({"DATA_FOLDER": str(folder), "SECRET_KEY": "for-tests"})
    program = embedded_valkey.program(settings)
    with subprocess.Popen(program.arguments) as process:
        wait_for(lambda: embedded_valkey.answers(settings))
        yield settings
        process.terminate()


@pytest.fixture
def real_valkey(server, valkey_settings) -> valkey.Valkey:
    """The application's connection, to a server that has forgotten all earlier tests."""
    valkey.init_app(server, valkey_settings.valkey_url)
    connection = valkey.valkey()
    connection.ask(lambda client: client.flushall())
    return connection
