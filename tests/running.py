"""Start ``python -m cli up`` on a folder of its own, watch it, stop it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[1]


@dataclass
class Up:
    """A running ``up``: its process, folder, address and what it printed."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    log: Path
    given: Mapping[str, str]  # settings other than folder and port

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def status(self, path: str) -> int:
        try:
            return httpx.get(self.url + path, timeout=60).status_code
        except httpx.TransportError:
            return 0

    def wait_until_ready(self) -> None:
        wait_for(lambda: self.status("/readyz") == 200)

    def child(self, words: str) -> psutil.Process:
        """The direct child whose command line has the words."""

        def find() -> psutil.Process | None:
            for child in psutil.Process(self.process.pid).children():
                if words in command_of(child):
                    return child
            return None

        return wait_for(find)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)


def start(folder: Path, port: int, **settings: str) -> Up:
    log = folder.parent / f"{folder.name}.log"
    # What takes seconds to compile is compiled once for all tests.
    shared = {"NUMBA_CACHE_DIR": str(ROOT / ".pytest_cache" / "compiled")}
    own = {"DATA_FOLDER": str(folder), "PORT": str(port)}
    environment = {**shared, **os.environ, **settings, **own}
    with log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Up(process, folder, f"http://127.0.0.1:{port}", log, settings)


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(ready, seconds: float = 120.0):
    end = time.monotonic() + seconds
    while not (answer := ready()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
    return answer


def processes_of(folder: Path) -> list[str]:
    """Processes whose environment or command names the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            text = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in text:
            found.append(path.name)
    return found


def run_cli(up: Up, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_FOLDER": str(up.folder), "PORT": up.url.rpartition(":")[2]}
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
