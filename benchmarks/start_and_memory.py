"""How long until the first page, and how much memory the web takes before and after use."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.measure import (
    Benchmark,
    Figure,
    at_most,
    main,
    median,
    memory_mib,
    percentile,
)
from layouts.registry import PAGES
from tests.beside import beside
from tests.running import Up, free_port, start, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.sample import ALLOWED, prepare
    from tests.browser.site import Site, SiteBrowser

STARTS = 5
IDLE_S = 15.0
ROUNDS = 3
METHOD = (
    "Time from `python -m cli up` on a migrated folder to the whole first page (sign-in), "
    f"{STARTS} starts. Memory of the web (gunicorn and its worker) {IDLE_S:g} s after everything "
    f"is up, and after a browser has visited each page {ROUNDS} times on a generated data set "
    "with a training and an explanation. RSS counts shared pages for each process, PSS once."
)


def run() -> Benchmark:
    with tempfile.TemporaryDirectory(prefix="rotorscope-") as name:
        folder = Path(name) / "var"
        with running(folder):  # makes the tables, so that the starts below find them
            pass
        seconds = [first_page(folder) for _ in range(STARTS)]
        with running(folder) as up:
            figures = [*starts(seconds), *memory(up, Path(name))]
    return Benchmark(
        "start_and_memory",
        "Start and memory",
        METHOD,
        figures,
        "python -m benchmarks.start_and_memory",
    )


def starts(seconds: list[float]) -> list[Figure]:
    return [
        Figure("first page, median", median(seconds), "s", len(seconds)),
        Figure("first page, slowest", percentile(seconds, 100), "s", len(seconds)),
    ]


def first_page(folder: Path) -> float:
    """Seconds from the command to the first page."""
    begin = time.perf_counter()
    up = start(folder, free_port(), **ALLOWED)
    try:
        wait_for(lambda: up.status("/sign-in") == 200)
        return time.perf_counter() - begin
    finally:
        up.stop()


def memory(up: Up, downloads: Path) -> list[Figure]:
    """Idle first, then after every page has been visited."""
    time.sleep(IDLE_S)
    idle = memory_mib(web_processes(up))
    site = Site(up, beside(up))
    sample = prepare(site)
    with SiteBrowser(site, str(downloads)) as browser:
        browser.sign_in("admin")
        for _ in range(ROUNDS):
            for page in PAGES:
                browser.open(sample.address(page))
    after = memory_mib(web_processes(up))
    visits = ROUNDS * len(PAGES)
    return [
        at_most("web idle, RSS", idle["rss"], 250, "MiB"),
        Figure("web idle, PSS", idle["pss"], "MiB"),
        at_most("web after all pages, RSS", after["rss"], 400, "MiB", n=visits),
        Figure("web after all pages, PSS", after["pss"], "MiB", visits),
        Figure("everything after all pages, PSS", memory_mib(all_processes(up))["pss"], "MiB"),
    ]


def web_processes(up: Up) -> list[psutil.Process]:
    master = up.child("gunicorn")
    return [master, *master.children(recursive=True)]


def all_processes(up: Up) -> list[psutil.Process]:
    """``up``, Valkey, the web, the workers and beat."""
    top = psutil.Process(up.process.pid)
    return [top, *top.children(recursive=True)]


@contextmanager
def running(folder: Path) -> Iterator[Up]:
    up = start(folder, free_port(), **ALLOWED)
    try:
        up.wait_until_ready()
        httpx.get(up.url + "/sign-in").raise_for_status()
        yield up
    finally:
        up.stop()


if __name__ == "__main__":
    main(run)
