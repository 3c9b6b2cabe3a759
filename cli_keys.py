"""``python -m cli keys``: change the keys that stored secrets are sealed with."""

from __future__ import annotations

import click
from cryptography.fernet import Fernet

from cli_context import command_line
from services.key_service import KeyService


@click.group()
def keys() -> None:
    """Keys that secrets in the database are sealed with."""


@keys.command()
def make() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    click.echo(Fernet.generate_key().decode())


@keys.command()
def rotate() -> None:
    """Seal every secret in the database with the first of ENCRYPTION_KEYS.

    It goes by batches, may be cut off and run again, and changes nothing that is sealed so
    already. Afterwards the other keys can be taken out of ENCRYPTION_KEYS.
    """
    with command_line():
        unread = 0
        for column in KeyService.reseal_all():
            click.echo(f"{column['resealed']:>10}  {column['name']}")
            unread += column["unread"]
        if unread:
            raise click.ClickException(
                f"{unread} secrets are sealed with a key that is not in ENCRYPTION_KEYS. They are "
                "as they were: put their key at the end of the list, and run this again."
            )
