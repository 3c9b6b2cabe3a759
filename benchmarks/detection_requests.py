"""How long a detection takes over HTTP, on a whole running site, and what others feel of it."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.anomaly_detection import BARE
from benchmarks.measure import Benchmark, Figure, at_most, main, median, percentile, seconds_of
from benchmarks.planted import planted
from models import Role
from services import runtime
from services.actor import COMMAND_LINE, Actor, acting_as
from services.api_key_service import MOST_RATE_OF_ADMIN, APIKeyService
from services.source_service import SourceService
from services.user_service import UserService
from tests.anomalous import uploaded
from tests.beside import beside
from tests.running import free_port, start, wait_for

ROWS, COLUMNS = 10_000, 10
TIMES, MORE_S = 1.3, 0.1
REPEAT = 5
HEALTH_EVERY_S = 0.02


@dataclass
class Site:
    url: str
    client: httpx.Client  # one connection: making a client takes longer than some detections
    source_id: str


def run() -> Benchmark:
    values = planted(7, ROWS, COLUMNS).values
    with _site(values) as site:
        figures = list(_figures(site, values))
    return Benchmark(
        name="detection_requests",
        title="A detection over HTTP",
        method=(
            f"POST …/anomaly/detect on a table of {ROWS:,} rows × {COLUMNS} columns until the "
            "answer with its result, on a running site with its own workers on the same cores, "
            "medians. Bare: the library alone in memory, see “Time of a detection”. Meanwhile "
            "/healthz is asked every 20 ms."
        ),
        figures=figures,
        command="python -m benchmarks.detection_requests",
    )


def _figures(site: Site, values: Any) -> Iterator[Figure]:
    asked: list[float] = []
    for name, work in BARE.items():
        theirs = median(seconds_of(partial(work, values), repeat=REPEAT))
        _detect(site, name)  # the worker has loaded what it needs
        with _asking_for_health(site, asked):
            ours = median([_detect(site, name) for _ in range(REPEAT)])
        yield Figure(f"{name}, bare library", theirs, "s", REPEAT)
        yield at_most(name, ours, TIMES * theirs + MORE_S, "s", n=REPEAT)
    p99 = percentile(asked, 99) * 1e3
    yield at_most("/healthz meanwhile, p99", p99, 30, "ms", n=len(asked))


def _detect(site: Site, algorithm: str) -> float:
    address = f"{site.url}/api/v1/sources/{site.source_id}/anomaly/detect"
    begun = time.perf_counter()
    answer = site.client.post(address, json={"algorithm": algorithm})
    taken = time.perf_counter() - begun
    assert (answer.status_code, answer.json()["status"]) == (201, "success"), answer.text
    return taken


@contextmanager
def _asking_for_health(site: Site, times: list[float]) -> Iterator[None]:
    over = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=30) as client:
            while not over.wait(HEALTH_EVERY_S):
                begun = time.perf_counter()
                client.get(f"{site.url}/healthz")
                times.append(time.perf_counter() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _site(values: Any) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="detect") as folder:
        place = Path(folder) / "var"
        up = start(place, free_port(), LOG_LEVEL="WARNING")
        try:
            up.wait_until_ready()
            server = beside(up)
            with server.app_context():
                key, source_id = _fill(values)
                runtime.engine().dispose()
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(headers=headers, timeout=90) as client:
                yield Site(up.url, client, source_id)
        finally:
            up.stop()


def _fill(values: Any) -> tuple[str, str]:
    with acting_as(COMMAND_LINE):
        owner_id = int(UserService.add_user("bench", Role.ADMIN)["id"])
    with acting_as(Actor(owner_id, Role.ADMIN, frozenset(), "page", "bench")):
        allowed = ["anomaly:read", "anomaly:write"]
        made = APIKeyService.generate_key(
            owner_id, "bench", rate_limit=MOST_RATE_OF_ADMIN, scopes=allowed
        )
        key = made["key"]
        source_id = SourceService.create_source("table", {"upload_id": uploaded(_csv(values))})
        wait_for(lambda: SourceService.get_source(source_id)["status"] == "ready", 60)
    return key, source_id


def _csv(values: Any) -> bytes:
    head = ",".join(f"c{place}" for place in range(values.shape[1]))
    lines = [",".join(f"{one:.6g}" for one in row) for row in values.tolist()]
    return "\n".join([head, *lines]).encode()


if __name__ == "__main__":
    main(run)
