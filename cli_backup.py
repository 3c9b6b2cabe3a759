"""``python -m cli backup`` and ``restore``: everything in one file, and back."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from cli_context import command_line
from cli_migrate_data import sentences
from cli_up import stopped
from services import events, runtime
from services.cache_service import CacheService
from services.files.room import check_room
from services.files.staging import staging
from services.runtime import unit_of_work
from settings import Settings
from storage.archive import ArchiveReader, Manifest
from storage.backup import make_backup
from storage.databases import shown
from storage.restore import Restored, opened_archive
from storage.restore import restore as restore_archive
from storage.sealing import unseal

MADE = "backup.made"
WITHOUT_KEY = (
    "Without the secret key everybody has to sign in again, and pages that are open have to be "
    "loaded anew. Passwords, links of invitations, data, models and results can all be used. "
    "Secrets of authenticators and webhooks can be read again with ENCRYPTION_KEYS, if that was "
    "set; else they were sealed with a key made of the secret key, and have to be set up anew."
)
LEFT_OUT = (
    "Left out: uploads that wait for their import, checkpoints of trainings that have not ended, "
    "the queue and caches."
)

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the passphrase from its first line, for example /dev/fd/3; it is asked otherwise.",
)


@click.command()
@file_argument
@click.option("--with-key", is_flag=True, help="Also the secret key, sealed with a passphrase.")
@passphrase_option
def backup(file: Path, with_key: bool, passphrase_file: Path | None) -> None:
    """Write database and files to FILE while everything is running.

    They are as they were at one moment. FILE appears when it is complete. Left out are uploads
    that wait for their import, checkpoints of trainings that have not ended, the queue and
    caches; what was not imported or trained by then begins anew after a restore.
    """
    passphrase = _passphrase(passphrase_file, confirm=True) if with_key else None
    with command_line() as settings, sentences(), staging() as place:
        manifest = make_backup(
            file.absolute(),
            settings.database_url,
            runtime.artefacts(),
            place,
            _progress,
            None if passphrase is None else (settings.secret_key, passphrase),
        )
        size = file.stat().st_size
        with unit_of_work() as session:
            events.record(session, MADE, "backup", rows=manifest.rows, bytes=size)
    click.echo(
        f"{file}: {manifest.rows:,} rows and {len(manifest.files):,} files, "
        f"{size / 1e6:,.1f} MB, as of {manifest.made_at}."
    )
    click.echo(LEFT_OUT)
    _tell_missing(manifest)
    if not with_key:
        click.echo("The secret key is not in it: keep it apart, or use --with-key.")


@click.command()
@file_argument
@click.option("--replace-everything", is_flag=True, help="Lose all that is here now.")
@click.option("--without-key", is_flag=True, help="Leave the secret key in the backup.")
@passphrase_option
def restore(
    file: Path, replace_everything: bool, without_key: bool, passphrase_file: Path | None
) -> None:
    """Bring back what FILE holds, into an empty installation that does not run.

    Every part is checked before anything changes. SQLite and PostgreSQL take backups of each
    other; tables of an older version are brought to the present ones. Jobs that waited or ran
    are done anew, but imports whose uploads are gone end as failed. Where it is cut short,
    nothing starts until it was run again.
    """
    kept: list[str] = []
    with (
        command_line(half_restored=True) as settings,
        sentences(),
        stopped(settings),
        opened_archive(file) as found,
    ):
        key = None if without_key else _key(found, passphrase_file)
        check_room(found.manifest.file_bytes, "the files of the backup")

        def last() -> None:
            CacheService.invalidate_pattern("*")
            if key is not None:
                kept.append(_keep_key(key, settings))

        done = restore_archive(
            found,
            settings.database_url,
            runtime.artefacts(),
            settings.data_folder,
            _progress,
            replace=replace_everything,
            keep_sessions=key is not None,
            last=last,
        )
    _tell_restored(done, settings)
    click.echo(kept[0] if kept else WITHOUT_KEY)


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    asked: str = click.prompt(
        "Passphrase for the secret key", hide_input=True, confirmation_prompt=confirm, err=True
    )
    return asked


def _key(archive: ArchiveReader, file: Path | None) -> str | None:
    part = archive.manifest.secret_key
    if part is None:
        return None
    return unseal(archive.small(part), _passphrase(file, confirm=False))


def _keep_key(key: str, settings: Settings) -> str:
    """Put the key where the next start finds it; a sentence that says what is left to do."""
    if key == settings.secret_key:
        return "The secret key is the one that is used here already."
    place = settings.data_folder / "secret-key"
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    fresh.replace(place)
    return (
        f"The secret key is in {place}. Where SECRET_KEY is set in the environment, set it to "
        "this one."
    )


def _progress(message: str) -> None:
    click.echo(message, err=True)


def _tell_missing(manifest: Manifest) -> None:
    if manifest.missing:
        click.echo(
            f"Warning: {len(manifest.missing):,} files that rows name are not in the store any "
            f"more, and so not in the backup, for example {manifest.missing[0]}.",
            err=True,
        )


def _tell_restored(done: Restored, settings: Settings) -> None:
    manifest = done.manifest
    click.echo(
        f"{manifest.rows:,} rows and {len(manifest.files):,} files as of {manifest.made_at} are "
        f"back, in {shown(settings.database_url)} and {settings.storage_url}."
    )
    if done.upgraded:
        click.echo(f"Their tables were of revision {manifest.revision}, and are the present ones.")
    click.echo(
        f"Jobs that are done anew: {done.jobs_again}; imports that failed because their uploads "
        f"are not in a backup: {done.jobs_given_up}; uploads left out: {done.uploads_left_out}."
    )
    _tell_missing(manifest)
