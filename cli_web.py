"""How the web process is started, by ``web`` and by ``up``."""

from __future__ import annotations

import sys

from settings import Settings

# For glibc, which else keeps what a plot of millions of samples took: a heap for each thread, and
# a growing size from which memory is asked of the system and given back to it.
GIVEN_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(2**20)}


def web_command(settings: Settings) -> list[str]:
    """The program with its arguments."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = [
        f"--bind={host}:{settings.port}",
        "--worker-class=web_worker.PatientWorker",
        f"--workers={settings.web_processes}",
        f"--threads={settings.web_threads}",
        "--limit-request-line=8190",  # searches are long in letters that take many bytes
        "--graceful-timeout=5",
        "--log-level=warning",
        "--logger-class=logging_setup.GunicornLogger",
        "--forwarded-allow-ips=",  # server.py believes proxies, and it knows how many
        "--no-control-socket",
    ]
    return [sys.executable, "-m", "gunicorn", *options, "app:wsgi()"]
