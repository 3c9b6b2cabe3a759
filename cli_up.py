"""``python -m cli up``: everything that one machine needs, started and looked after."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import IO

import click
import psutil

import embedded_valkey
import schema
from cli_settings import read_settings
from cli_web import GIVEN_BACK, web_command
from server import create_server
from services import runtime
from services.actor import COMMAND_LINE, WORKER, acting_as
from services.jobs.job_runs import JobRunService
from services.jobs.queues import QUEUES
from services.user_service import UserService
from settings import Settings, not_set
from storage.databases import shown
from supervisor import NotStarted, Program, Supervisor
from tasks.celery_app import make_celery, make_sender

# What is left of a start that was killed ends by itself within this time.
LEFT_OVER_S = 20.0
STOP_STREAMS = ((signal.SIGTERM, 8.0),)  # a checkpoint is written
# A job may end by itself first; then it is cut short, and goes on after the next start.
STOP_WORKER = ((signal.SIGTERM, 2.0), (signal.SIGQUIT, 6.0))


@click.command()
def up() -> None:
    """Start everything on this machine: database, Valkey, web, workers. Ctrl-C stops it."""
    settings = read_settings("up")
    keeper = Supervisor()
    keeper.stop_on_signals()
    try:
        with only_one(settings) as lock:
            check_port(settings.host, settings.port)
            keeper.pass_fds = (lock.fileno(),)
            try:
                _start(keeper, settings)
                keeper.watch()
            finally:
                click.echo("Stopping")
                keeper.stop()
    except NotStarted as error:
        raise click.ClickException(str(error)) from error
    click.echo("Stopped")


def _start(keeper: Supervisor, settings: Settings) -> None:
    if not settings.redis_url:
        keeper.start([embedded_valkey.program(settings)])
    schema.upgrade(settings)
    keeper.start([_web(settings)])
    if keeper.stop_asked:
        return
    click.echo(f"Rotorscope is at {settings.public_url}/")
    _prepare(settings)
    click.echo(f"{_kept(settings)} Ctrl-C stops it.")
    keeper.start(_workers(settings))


def _kept(settings: Settings) -> str:
    """Where what the installation remembers lies."""
    folder, rows, store = settings.data_folder, settings.database_url, settings.storage_url
    if rows == f"sqlite:///{folder / 'rotorscope.db'}" and store == str(folder / "artefacts"):
        return f"Everything is kept in {folder}."
    return f"Rows are kept in {shown(rows)}, files in {store}, the rest in {folder}."


def _prepare(settings: Settings) -> None:
    """What the database needs before workers start: jobs cut short, and a first admin."""
    server = create_server(settings)
    runtime.send_with(server, make_sender(make_celery(settings)))
    with server.app_context():
        if not settings.redis_url:  # all workers were ours, and none of them lives
            with acting_as(WORKER):
                JobRunService.requeue_all()
        with acting_as(COMMAND_LINE):
            token = UserService.create_setup_link()
        runtime.engine().dispose()
    if token is not None:
        click.echo("There is no account yet. This link makes the first admin; it works once:")
        click.echo(f"  {settings.public_url}/link/{token}")


def _web(settings: Settings) -> Program:
    return Program(
        "web",
        # Not by way of “cli web”: its imports would double the time until it serves again.
        ["env", *not_set(**GIVEN_BACK), *web_command(settings)],
        is_ready=lambda: _is_serving(settings),
        stop_by=((signal.SIGTERM, 8.0),),
    )


def _workers(settings: Settings) -> list[Program]:
    rest = ",".join(queue for queue in QUEUES if queue != "interactive")
    command = [sys.executable, "-m", "cli"]
    worker = [*command, "worker", "--name"]
    busy = ["--queues", rest, "--concurrency", str(settings.worker_concurrency)]
    waiting = ["--queues", "interactive", "--concurrency", "1", "--warm"]
    return [
        _worker("interactive", [*worker, "interactive", *waiting]),
        _worker("worker", [*worker, "worker", *busy]),
        Program("stream-worker", [*command, "stream-worker"], stop_by=STOP_STREAMS),
        Program("stream-gateway", [*command, "stream-gateway"], stop_by=STOP_STREAMS),
        Program("beat", [*command, "beat"], stop_by=((signal.SIGTERM, 5.0),), is_quiet=True),
    ]


def _worker(name: str, arguments: list[str]) -> Program:
    return Program(
        name,
        arguments,
        stop_by=STOP_WORKER,
        # Celery waits for its jobs after SIGTERM; nobody waits for us any more then.
        when_we_die=signal.SIGQUIT,
        is_quiet=True,
    )


@contextmanager
def only_one(settings: Settings) -> Iterator[IO[str]]:
    """Hold the folder's lock. The children hold it too, until the last of them has ended.

    Raises
    ------
    NotStarted
        If another ``up`` runs on the folder.
    """
    path = settings.data_folder / "up.lock"
    with path.open("a+") as lock:
        end = time.monotonic() + LEFT_OVER_S
        while not _locked(lock):
            lock.seek(0)
            other = lock.read().strip()
            if _is_running(other) or time.monotonic() > end:
                raise NotStarted(
                    f"Rotorscope runs already on {settings.data_folder} (process {other}). "
                    "Stop it first, or choose another folder: DATA_FOLDER=… make run."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock


@contextmanager
def stopped(settings: Settings) -> Iterator[None]:
    """See that nothing of ``up`` runs on the folder, and keep it so; else end the command."""
    try:
        with only_one(settings):
            yield
    except NotStarted as error:
        raise click.ClickException(
            f"Rotorscope runs on {settings.data_folder}. Stop it first."
        ) from error


def check_port(host: str, port: int) -> None:
    """See that the port is free.

    Raises
    ------
    NotStarted
        If it is taken, with the number and the program that has it, or cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = (
                f"is taken{_holder(port)}"
                if error.errno == errno.EADDRINUSE
                else f"fails: {error.strerror}"
            )
            raise NotStarted(
                f"Port {port} on {host} {reason}. Stop that program, "
                f"or choose another port: PORT={port + 1} make run."
            ) from error


def _holder(port: int) -> str:
    """The program that listens on a port, as far as the system tells us."""
    try:
        found = psutil.net_connections("tcp")
        pids = {c.pid for c in found if c.laddr and c.laddr.port == port and c.pid}
        names = [f"{psutil.Process(pid).name()}, process {pid}" for pid in sorted(pids)]
    except psutil.Error:
        return ""
    return f" by {names[0]}" if names else ""


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_running(pid: str) -> bool:
    try:
        return "cli" in psutil.Process(int(pid)).cmdline()
    except (ValueError, psutil.Error):
        return False


def _is_serving(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", f"{settings.url_prefix}/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
