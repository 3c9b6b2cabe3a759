"""``python -m cli doctor``: whether this installation can work, and what is wrong if not."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from uuid import uuid4

import click
import fsspec
from sqlalchemy.exc import SQLAlchemyError

from cli_context import read_settings
from schema import is_current
from server import create_server
from services import health, runtime
from services.health import Check
from settings import Settings

DISK_FULL = 0.95
LIBRARIES = ("dash", "flask", "celery", "sqlalchemy", "redis", "numpy", "scipy", "h5py", "torch")


@click.command()
def doctor() -> None:
    """Check database, broker, workers, storage and disk; the exit code is 1 if one fails."""
    settings = read_settings(log_level="ERROR")
    with create_server(settings).app_context():
        checks = list(examine(settings))
    for check in checks:
        mark = click.style("ok  ", fg="green") if check["ok"] else click.style("FAIL", fg="red")
        click.echo(f"{mark}  {check['name']:<10}  {check['message']}")
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    click.echo(f"      versions    Python {platform.python_version()}, {versions}")
    if not all(check["ok"] for check in checks):
        raise SystemExit(1)


def examine(settings: Settings) -> Iterator[Check]:
    """Every check in turn; a failure of one does not hide the others."""
    yield health.check_database()
    yield _check_migrations()
    yield health.check_broker()
    yield health.check_workers()
    yield _check_storage(settings.storage_url)
    yield _check_disk(settings)


def _check_migrations() -> Check:
    try:
        with runtime.engine().connect() as connection:
            current = is_current(connection)
    except SQLAlchemyError:
        return _found("migrations", "Unknown, because the database does not answer.", ok=False)
    if current:
        return _found("migrations", "The tables fit this version.", ok=True)
    return _found("migrations", "Run “python -m cli migrate”.", ok=False)


def _check_storage(url: str) -> Check:
    """Write, read back and remove a small file, as an import would."""
    content = uuid4().hex.encode()
    try:
        files, root = fsspec.core.url_to_fs(url)
        path = f"{root}/.doctor-{uuid4().hex}"
        files.makedirs(root, exist_ok=True)
        files.pipe_file(path, content)
        kept = files.cat_file(path) == content
        files.rm_file(path)
    except (OSError, ValueError, ImportError) as error:
        return _found("storage", f"Files cannot be kept: {error}", ok=False)
    return _found("storage", "Files can be written and read.", ok=kept)


def _check_disk(settings: Settings) -> Check:
    usage = shutil.disk_usage(settings.data_folder)
    used = 1 - usage.free / usage.total
    sentence = f"{usage.free / 2**30:.1f} GiB of {usage.total / 2**30:.1f} GiB are free."
    return _found("disk", sentence, ok=used < DISK_FULL)


def _found(name: str, message: str, *, ok: bool) -> Check:
    return {"name": name, "ok": ok, "message": message}
