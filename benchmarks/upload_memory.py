"""How much memory the web process takes while a file of 2 GB comes in over HTTP."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.measure import Benchmark, Figure, at_most, main
from tests.running import Up, free_port, start

SIZE = 2 << 30
CHUNK = 4 << 20
MIB = 2**20
MOST_GROWTH_MIB = 40.0
PASSWORD = "lattice orbit vane 47 pump"  # of an account that lives as long as this program
SAMPLE_EVERY_S = 0.05


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as place:
        up = start(Path(place) / "var", free_port())
        try:
            up.wait_until_ready()
            figures = _measured(up)
        finally:
            up.stop()
    return Benchmark(
        "upload_memory",
        "Memory of an upload",
        "A file of 2 GiB, made on the way, is sent to a running `up` in chunks of 4 MiB with their "
        "SHA-256, as the page does. The resident memory of all web processes is read every "
        "50 ms; the growth is the most that was seen over what they had just before, after a "
        "first upload of 64 MiB.",
        figures,
        "python -m benchmarks.upload_memory",
    )


def _measured(up: Up) -> list[Figure]:
    with _signed_in(up) as client:
        web = up.child("gunicorn")
        _send(client, "warm.csv", 64 << 20)
        before = _resident(web)
        with _watched(web) as seen:
            began = time.perf_counter()
            _send(client, "large.csv", SIZE)
            seconds = time.perf_counter() - began
    growth = (max(seen) - before) / MIB
    return [
        Figure("web process before", before / MIB, "MiB"),
        Figure("web process at most, while 2 GiB come in", max(seen) / MIB, "MiB", len(seen)),
        at_most("growth while 2 GiB come in", growth, MOST_GROWTH_MIB, "MiB", n=len(seen)),
        Figure("speed of the upload, one connection", SIZE / 1e6 / seconds, "MB/s"),
    ]


@contextmanager
def _signed_in(up: Up) -> Iterator[httpx.Client]:
    """A client that made the first account by the printed link."""
    found = re.search(r"http://\S+/link/\S+", up.printed)
    assert found is not None
    with httpx.Client(base_url=up.url, timeout=120, follow_redirects=True) as client:
        page = client.get(found.group()).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        sent = {"csrf_token": token.group(1), "name": "root"}
        client.post(found.group(), data={**sent, "password": PASSWORD, "again": PASSWORD})
        client.headers["X-CSRFToken"] = client.cookies["_csrf_token"]
        yield client


def _send(client: httpx.Client, name: str, size: int) -> None:
    announced = client.post("/api/v1/uploads", json={"file_name": name, "size": size})
    announced.raise_for_status()
    address = f"/api/v1/uploads/{announced.json()['id']}/content"
    noise = os.urandom(CHUNK)
    for offset in range(0, size, CHUNK):
        # No two chunks are equal, and none costs more to make than to send.
        chunk = offset.to_bytes(8, "big") + noise[: min(CHUNK, size - offset) - 8]
        headers = {"X-Content-SHA256": hashlib.sha256(chunk).hexdigest()}
        answer = client.put(address, params={"offset": offset}, content=chunk, headers=headers)
        answer.raise_for_status()


@contextmanager
def _watched(web: psutil.Process) -> Iterator[list[int]]:
    """Resident bytes of the web processes, read all the while."""
    seen, over = [_resident(web)], threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_EVERY_S):
            seen.append(_resident(web))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _resident(web: psutil.Process) -> int:
    processes = [web, *web.children(recursive=True)]
    return sum(int(process.memory_info().rss) for process in processes)


if __name__ == "__main__":
    main(run)
