"""What the commands share: the settings, and an application to act in as the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from cli_settings import read_settings
from server import create_server
from services import runtime
from services.actor import COMMAND_LINE, Actor, acting_as
from services.errors import ServiceError
from services.user_service import UserService
from settings import Settings
from tasks.celery_app import make_celery, make_sender


@contextmanager
def command_line(*, half_restored: bool = False) -> Iterator[Settings]:
    """Act as the command line, which may do what an admin may do.

    Jobs that are submitted inside go to the workers. Expected errors end the command
    with their sentence and exit code 1.
    """
    settings = read_settings(log_level="WARNING", half_restored=half_restored)
    server = create_server(settings)
    runtime.send_with(server, make_sender(make_celery(settings)))
    with server.app_context(), acting_as(COMMAND_LINE):
        try:
            yield settings
        except ServiceError as error:
            raise click.ClickException(error.message) from error
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(
                "The database cannot be used. Run “python -m cli migrate” once, "
                f"then “python -m cli doctor”. It says: {error.orig}"
            ) from error


def person(name: str | None) -> Actor:
    """The user who will own what a command makes; without a name, the first admin."""
    people = UserService.list_users()
    found = [p for p in people if (p["name"] == name if name else p["role"].value == "admin")]
    if not found:
        who = f"user “{name}”" if name else "admin"
        raise click.UsageError(f"There is no {who}. “python -m cli user list” shows the users.")
    chosen = found[0]
    return Actor(chosen["id"], chosen["role"], frozenset(), "cli", chosen["name"])


def read_json(path: Path) -> Any:
    """What a file of a person holds; a wrong one ends the command with a sentence."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise click.ClickException(f"{path.name} is not a JSON file: {error}") from error
