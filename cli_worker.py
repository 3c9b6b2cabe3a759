"""``python -m cli worker`` and ``beat``: the processes that do and arrange the work."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import socket
import threading
import warnings
from contextlib import suppress
from typing import Any

import click
import psutil
from celery import Celery, bootsteps
from celery.exceptions import CPendingDeprecationWarning
from celery.signals import setup_logging, worker_process_init, worker_shutting_down
from flask import Flask

from cli_settings import read_settings
from loading import loading
from server import create_server
from services import health, runtime
from services.health import HEARTBEAT_EVERY_S
from services.jobs.queues import QUEUES
from settings import advise_libraries
from supervisor import die_with_parent
from tasks.celery_app import make_celery, make_sender
from tasks.rounds import go_round_for_ever, rounds
from tasks.runner import GIVE_BACK

# Loaded ahead by a warm worker, so that the first person does not wait for them.
SLOW_TO_LOAD = (
    *("torch", "scipy.signal", "h5py"),
    *("sklearn.ensemble", "sklearn.neighbors", "sklearn.svm", "pyarrow.parquet", "pyarrow.compute"),
)
# A job that ends within this time after the wish to stop may do so.
PATIENCE_S = 1.0
# Lines for every message that comes and goes; the row of the job says it better.
CHATTY = ("celery.worker.strategy", "celery.app.trace")

log = logging.getLogger(__name__)


@click.command()
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="Which jobs to take.")
@click.option("--concurrency", type=click.IntRange(1, 256), help="How many jobs at a time.")
@click.option("--name", default="worker", show_default=True, help="Tells workers apart.")
@click.option("--warm", is_flag=True, help="Load the large libraries before the first job.")
def worker(queues: str, concurrency: int | None, name: str, warm: bool) -> None:
    """Work on jobs."""
    wanted = tuple(queue.strip() for queue in queues.split(",") if queue.strip())
    unknown = sorted(set(wanted) - set(QUEUES))
    if unknown or not wanted:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'nothing'} given; there are {', '.join(QUEUES)}.",
            param_hint="--queues",
        )
    settings = read_settings(name)
    at_once = concurrency or settings.worker_concurrency
    share_cores(at_once)
    with loading():  # only here are the libraries of the jobs loaded
        from tasks.worker import make_worker

    os.nice(10)
    _quieten()
    celery = make_worker(settings)
    _beat_heart(celery, create_server(settings), name, wanted)
    worker_process_init.connect(_warm_up if warm else _begin, weak=False)
    worker_shutting_down.connect(_give_jobs_back, weak=False)
    controller = celery.Worker(
        hostname=f"{name}@{socket.gethostname()}",
        pool="prefork",
        concurrency=at_once,
        queues=",".join(wanted),
        quiet=True,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        redirect_stdouts=False,
    )
    controller.start()
    raise SystemExit(controller.exitcode)


@click.command()
def beat() -> None:
    """Do what is due beside the jobs, such as sending lost ones again; one of it is enough."""
    settings = read_settings("beat")
    _quieten()
    server = create_server(settings)
    runtime.send_with(server, make_sender(make_celery(settings)))
    go_round_for_ever(server, rounds(settings))


def share_cores(jobs_at_once: int) -> None:
    """Give each job its part of the cores: threads beyond them wait for each other, spinning.

    Read by OpenMP when the libraries of the jobs are loaded; who has set it knows better.
    """
    advise_libraries(OMP_NUM_THREADS=str(max(1, (os.cpu_count() or 1) // jobs_at_once)))


def _quieten() -> None:
    """Keep Celery from setting up a log of its own, and from advice that does not concern us."""
    setup_logging.connect(lambda **_: None, weak=False)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="(?s).*superuser privileges")
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


def _begin(**_: object) -> None:
    """In each process of the pool: end with the worker, even when it is killed."""
    die_with_parent(signal.SIGKILL)
    signal.signal(GIVE_BACK, signal.SIG_IGN)  # means something only while a job runs


def _warm_up(**_: object) -> None:
    _begin()
    # In a thread, as a process of the pool has to report within seconds.
    threading.Thread(target=_load_ahead, name="warm-up", daemon=True).start()


def _give_jobs_back(*, how: str, **_: object) -> None:
    """At SIGTERM: let jobs that do not end by themselves soon go to another worker."""

    def ask() -> None:
        with suppress(psutil.Error):  # one that has just ended
            for process in psutil.Process().children():
                process.send_signal(GIVE_BACK)

    if how == "Warm":
        timer = threading.Timer(PATIENCE_S, ask)
        timer.daemon = True
        timer.start()


def _load_ahead() -> None:
    for name in SLOW_TO_LOAD:
        try:
            importlib.import_module(name)
        except ImportError:
            log.warning("%s could not be loaded ahead", name)


def _beat_heart(celery: Celery, server: Flask, name: str, queues: tuple[str, ...]) -> None:
    """Let others see that this worker lives, as long as it is connected to the broker."""
    known_as = f"{name}@{socket.gethostname()}"

    def hear() -> None:
        with server.app_context():
            health.hear_worker(known_as, queues)

    class Heart(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no hints
        requires = {"celery.worker.consumer.tasks:Tasks"}

        def start(self, consumer: Any) -> None:
            hear()
            self.timer = consumer.timer.call_repeatedly(HEARTBEAT_EVERY_S, hear)

        def stop(self, consumer: Any) -> None:
            self.timer.cancel()

        def shutdown(self, consumer: Any) -> None:
            with server.app_context():
                health.forget_worker(known_as, queues)

    celery.steps["consumer"].add(Heart)
