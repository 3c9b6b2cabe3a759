"""``python -m cli doctor``: whether this installation can work, and what is wrong if not."""

from __future__ import annotations

import platform
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
from services.health import Check, Level
from settings import Settings

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
    yield health.check_disk()


def _check_migrations() -> Check:
    try:
        with runtime.engine().connect() as connection:
            current = is_current(connection)
    except SQLAlchemyError:
        return health.checked(
            "migrations", "Unknown, because the database does not answer.", Level.UNHEALTHY
        )
    if current:
        return health.checked("migrations", "The tables fit this version.")
    return health.checked("migrations", "Run “python -m cli migrate”.", Level.UNHEALTHY)


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
        return health.checked("storage", f"Files cannot be kept: {error}", Level.UNHEALTHY)
    return health.checked(
        "storage", "Files can be written and read.", Level.HEALTHY if kept else Level.UNHEALTHY
    )
