"""The settings of a command, read before anything that takes long to load."""

from __future__ import annotations

import click

import logging_setup
from services.errors import Conflict
from settings import Settings, SettingsError
from storage.half_restored import check_whole


def read_settings(
    process: str = "cli", *, log_level: str | None = None, half_restored: bool = False
) -> Settings:
    """The settings, with the log begun; a wrong setting ends the command with a sentence.

    So does a restore that was cut short, but for commands that can work on ``half_restored``.
    """
    try:
        settings = Settings.from_environment()
        if not half_restored:
            check_whole(settings.data_folder)
    except (SettingsError, Conflict) as error:
        raise click.ClickException(str(error)) from error
    logging_setup.configure(settings, process, log_level)
    return settings
