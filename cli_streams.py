"""``python -m cli stream-worker`` and ``stream-gateway``: the processes behind streams."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click

from cli_settings import read_settings
from loading import loading
from server import create_server
from settings import advise_libraries
from supervisor import die_with_parent


@click.command("stream-worker")
def stream_worker() -> None:
    """Judge the points of streams; several share them."""
    settings = read_settings("stream-worker")
    # Small arrays: threads would wait for each other.
    advise_libraries(
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
        NUMBA_CACHE_DIR=str(settings.data_folder / "compiled"),
    )
    with loading():  # after what its libraries read
        from services.streaming.worker import StreamWorker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _compile_ahead()
    StreamWorker(create_server(settings), settings.valkey_url).run(stop)


@click.command("stream-gateway")
def stream_gateway() -> None:
    """Serve the WebSockets of streams, which the web process hands over."""
    settings = read_settings("stream-gateway")
    with loading():
        from api.sockets.gateway import Gateway

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        gateway = Gateway(create_server(settings), settings.valkey_url)
        await gateway.run(settings.data_folder, stop)

    asyncio.run(serve())


def _compile_ahead() -> None:
    """Beside the judging, which would stand still for the seconds that it takes."""
    subprocess.Popen(
        [sys.executable, "-m", "diagnostics.streaming.compiling"],
        cwd=Path(__file__).parent,
        stdin=subprocess.DEVNULL,
        preexec_fn=_later,  # noqa: PLW1509  # no threads here yet
    )


def _later() -> None:
    os.nice(10)
    die_with_parent(signal.SIGKILL)
