"""Run one command of the project, tell its output while it runs, and leave nothing of it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.errors import Unavailable

TELL_EVERY_S = 1.0
LIMIT_S = 3_600.0
# Of what a command told, so much is kept: its end says how it went.
KEPT_CHARACTERS = 200_000

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Finished:
    code: int
    output: str
    seconds: float


def run(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    tell: Tell,
    limit_s: float = LIMIT_S,
) -> Finished:
    """Run a program with these arguments, without a shell.

    ``tell`` gets the lines of the last second, or "" when there were none; when it raises, as it
    does when somebody cancels, the program and all that it has started are killed.

    Raises
    ------
    Unavailable
        If it runs longer than ``limit_s``, or cannot be started.
    """
    began = time.monotonic()
    process = _started(arguments, folder, environment)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    kept, is_over = "", False
    try:
        while not is_over:
            told, is_over = _gathered(lines)
            kept = (kept + told)[-KEPT_CHARACTERS:]
            tell(told.rstrip("\n"))
            if time.monotonic() - began > limit_s:
                raise Unavailable(f"The check was ended: it ran longer than {limit_s / 60:g} min.")
        return Finished(process.wait(), kept, time.monotonic() - began)
    finally:
        _kill(process)
        reader.join()
        if process.stdout is not None:
            process.stdout.close()


def _started(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            list(arguments),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # a group of its own, to be killed as a whole
        )
    except OSError as error:
        raise Unavailable(f"The check cannot be started: {error.strerror}.") from error


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def _gathered(lines: queue.SimpleQueue[str | None]) -> tuple[str, bool]:
    """What comes within a second, and whether that was all."""
    told: list[str] = []
    end = time.monotonic() + TELL_EVERY_S
    while (left := end - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except queue.Empty:
            break
        if line is None:
            return "".join(told), True
        told.append(line)
    return "".join(told), False


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
