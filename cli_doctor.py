"""``python -m cli doctor``: whether this installation can work, and what is wrong if not."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from uuid import uuid4

import click
import fsspec
import redis
from redis.exceptions import NoPermissionError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from cli_backup import MADE as BACKUP_MADE
from cli_settings import read_settings
from models import Event
from models.base import now
from schema import is_current
from server import create_server
from services import health, runtime
from services.monitoring.levels import Check, Level, checked
from services.runtime import unit_of_work
from services.valkey import valkey
from settings import Settings
from storage.databases import shown

LIBRARIES = ("dash", "flask", "celery", "sqlalchemy", "redis", "numpy", "scipy", "h5py", "torch")


@click.command()
def doctor() -> None:
    """Check database, broker, workers, storage, disk, backup; the exit code is 1 if one fails."""
    settings = read_settings(log_level="ERROR")
    with create_server(settings).app_context():
        checks = list(examine(settings))
    for check in checks:
        mark = click.style("ok  ", fg="green") if check["ok"] else click.style("FAIL", fg="red")
        click.echo(f"{mark}  {check['name']:<10}  {check['message']}")
    click.echo(f"      kept in     {shown(settings.database_url)} and {settings.storage_url}")
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    click.echo(f"      versions    Python {platform.python_version()}, {versions}")
    if not all(check["ok"] for check in checks):
        raise SystemExit(1)


def examine(settings: Settings) -> Iterator[Check]:
    """Every check in turn; a failure of one does not hide the others."""
    yield health.check_database()
    yield _check_migrations()
    yield _check_broker()
    yield health.check_workers()
    yield _check_storage(settings.storage_url)
    yield health.check_disk()
    yield _check_backup()


def _check_migrations() -> Check:
    try:
        with runtime.engine().connect() as connection:
            current = is_current(connection)
    except SQLAlchemyError:
        return checked(
            "migrations", "Unknown, because the database does not answer.", Level.UNHEALTHY
        )
    if current:
        return checked("migrations", "The tables fit this version.")
    return checked("migrations", "Run “python -m cli migrate”.", Level.UNHEALTHY)


def _check_broker() -> Check:
    """Whether it answers; that it would lose what waits in it is told, and no failure."""
    check, told = health.check_broker(), valkey().ask(_told)
    if not told:
        return check
    risks = []
    if not told.get("aof_enabled"):
        risks.append("loses what waits when it is killed (appendonly no)")
    policy = str(told.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        risks.append(f"drops what waits when memory gets short (maxmemory-policy {policy})")
    if not risks:
        return check
    advice = "See docs/how-to/use-another-valkey.md."
    return checked("broker", f"Valkey answers, but it {' and '.join(risks)}. {advice}")


def _told(client: redis.Redis) -> dict[str, object]:
    """What it says of itself; nothing where its operator does not let us ask."""
    try:
        return dict(client.info())
    except NoPermissionError:
        return {}


def _check_backup() -> Check:
    """When the last one was made. That is for people to know, and no failure."""
    newest = select(func.max(Event.created_at)).where(Event.type == BACKUP_MADE)
    try:
        with unit_of_work(writing=False) as session:
            made_at = session.scalar(newest)
    except SQLAlchemyError:
        return checked("backup", "Unknown, because there are no tables.")
    if made_at is None:
        return checked("backup", "None was made yet: “python -m cli backup FILE”.")
    days = (now() - made_at).days
    when = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return checked("backup", f"The last one was made {when}.")


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
        return checked("storage", f"Files cannot be kept: {error}", Level.UNHEALTHY)
    return checked(
        "storage", "Files can be written and read.", Level.HEALTHY if kept else Level.UNHEALTHY
    )
