"""How many points a second a stream takes, with every one of them on the disk."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from websockets.sync.client import ClientConnection, connect

from benchmarks.measure import Benchmark, Figure, at_least, at_most, main, median, percentile
from tests.crash_streams.trial import make_key, up_has
from tests.running import Up, free_port, start

ROOT = "/api/v1/anomaly/streaming"
COLUMNS = tuple("abcde")
WINDOW = 100
CONNECTIONS = 16
UNACKNOWLEDGED = 64
SECONDS = 3.0
SESSIONS = 50
MEMORY_POINTS = 300_000
# Points per second: one by one, in batches of 100, over a socket with acknowledgement.
TARGETS: dict[str, tuple[int, int, int]] = {
    "zscore_rolling": (400, 30_000, 5_000),
    "ema": (400, 30_000, 5_000),
    "half_space_trees": (400, 10_000, 3_000),
    "rrcf": (300, 3_000, 1_500),
    "isolation_forest_incremental": (300, 5_000, 1_500),
}
PROCESSES = {"stream-worker": "stream-worker", "web": "gunicorn", "gateway": "stream-gateway"}


@dataclass
class Site:
    up: Up
    key: str
    points: list[dict[str, float]]

    @property
    def port(self) -> int:
        return int(self.up.url.rpartition(":")[2])

    def call(self, connection: HTTPConnection, path: str, body: Any) -> Any:
        return self.send(connection, path, json.dumps(body), self.key)

    def send(self, connection: HTTPConnection, path: str, body: str, key: str) -> Any:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", ROOT + path, body, headers)
        answer = connection.getresponse()
        read = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{answer.status}: {read.decode()}")
        return json.loads(read)

    def session(self, algorithm: str) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = {"algorithm": algorithm, "window_size": WINDOW}
        made = str(self.call(connection, "/start", body)["id"])
        # Past its first points, with all that it needs loaded.
        first = {"data_points": [{"data": one} for one in self.points[:500]]}
        self.call(connection, f"/{made}/batch", first)
        connection.close()
        return made


def run() -> Benchmark:
    with tempfile.TemporaryDirectory(prefix="bench") as place:
        site = begun_site(Path(place) / "var")
        try:
            figures = [one for name in TARGETS for one in _speeds(site, name)]
            figures += _latency(site)
            figures += _many_sessions(site)
            figures += memory_grown(site, MEMORY_POINTS, [site.key])
        finally:
            site.up.stop()
    return Benchmark(
        name="streaming",
        title="Streams",
        method=(
            f"“cli up” on an empty folder, Valkey with appendfsync always; {len(COLUMNS)} columns "
            f"of noise (seed 0), window {WINDOW}, threshold 3. One client on the same two cores: "
            f"over HTTP {CONNECTIONS} connections, each waits for its verdict before it sends "
            f"again; over the socket {UNACKNOWLEDGED} points unacknowledged. {SECONDS:g} s each, "
            "after 500 points to warm up. Half-space trees 25 × 8, RRCF 40 × 256, isolation "
            "forest 50 trees, grown anew every 100 points."
        ),
        figures=figures,
        command="python -m benchmarks.streaming",
    )


def begun_site(folder: Path) -> Site:
    """A site that has compiled what it compiles, with a key and points to send."""
    up = start(folder, free_port(), LOG_LEVEL="WARNING")
    up.wait_until_ready()
    for words in PROCESSES.values():
        up_has(up, words)
    time.sleep(15)  # what is compiled ahead is, then
    rows = np.random.default_rng(0).normal(size=(2_000, len(COLUMNS))).round(4)
    points = [dict(zip(COLUMNS, row, strict=True)) for row in rows.tolist()]
    return Site(up, make_key(folder), points)


def _speeds(site: Site, algorithm: str) -> list[Figure]:
    session_id = site.session(algorithm)
    found = (
        ("one by one", _over_http(site, session_id, 1)),
        ("batches of 100", _over_http(site, session_id, 100)),
        ("socket", _over_socket(site, session_id)),
    )
    limits = TARGETS[algorithm]
    return [
        at_least(f"{algorithm}, {how}", count / SECONDS, limit, "points/s", n=count)
        for (how, count), limit in zip(found, limits, strict=True)
    ]


def _over_http(site: Site, session_id: str, size: int) -> int:
    """Points that were judged in the time."""
    counts = [0] * CONNECTIONS
    points = site.points

    def push(mine: int, end: float) -> None:
        connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
        at = mine
        while time.monotonic() < end:
            if size == 1:
                body: Any = {"data": points[at % len(points)]}
                site.call(connection, f"/{session_id}/data", body)
            else:
                first = at % (len(points) - size)
                chosen = [{"data": one} for one in points[first : first + size]]
                site.call(connection, f"/{session_id}/batch", {"data_points": chosen})
            at += size
            counts[mine] += size
        connection.close()

    _at_once(push)
    return sum(counts)


def _at_once(push: Callable[[int, float], None]) -> None:
    end = time.monotonic() + SECONDS
    threads = [threading.Thread(target=push, args=(n, end)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _over_socket(site: Site, session_id: str) -> int:
    """Points that were acknowledged in the time."""
    with _socket(site, session_id) as socket:
        texts = [json.dumps({"type": "data", "data": one, "id": 0}) for one in site.points]
        sent = acknowledged = 0
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            while sent - acknowledged < UNACKNOWLEDGED:
                socket.send(texts[sent % len(texts)])
                sent += 1
            acknowledged += '"type": "ack"' in str(socket.recv(timeout=30))
        return acknowledged


def _socket(site: Site, session_id: str) -> ClientConnection:
    address = f"ws://127.0.0.1:{site.port}{ROOT}/{session_id}/ws"
    headers = {"Authorization": f"Bearer {site.key}"}
    return connect(address, additional_headers=headers, compression=None)


def _latency(site: Site) -> list[Figure]:
    """A point at a time, twenty a second: from sending to the verdict."""
    session_id = site.session("zscore_rolling")
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    taken = []
    for one in site.points[:100]:
        begun = time.perf_counter()
        site.call(connection, f"/{session_id}/data", {"data": one})
        taken.append((time.perf_counter() - begun) * 1e3)
        time.sleep(0.05)
    return [
        Figure("from sending to the verdict, p50", median(taken), "ms", len(taken)),
        Figure("from sending to the verdict, p99", percentile(taken, 99), "ms", len(taken)),
    ]


def _many_sessions(site: Site) -> list[Figure]:
    """Fifty sessions, each with a point of its own every half second."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    made = [
        str(site.call(connection, "/start", {"window_size": WINDOW})["id"]) for _ in range(SESSIONS)
    ]
    taken: list[float] = []
    end = time.monotonic() + SECONDS

    def push(mine: int) -> None:
        own = HTTPConnection("127.0.0.1", site.port, timeout=60)
        time.sleep(mine / SESSIONS / 2)
        while time.monotonic() < end:
            begun = time.perf_counter()
            site.call(own, f"/{made[mine]}/data", {"data": site.points[mine]})
            taken.append((time.perf_counter() - begun) * 1e3)
            time.sleep(0.5)

    threads = [threading.Thread(target=push, args=(n,)) for n in range(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    what = f"{SESSIONS} sessions at once, from sending to the verdict"
    return [
        Figure(f"{what}, p50", median(taken), "ms", len(taken)),
        Figure(f"{what}, p99", percentile(taken, 99), "ms", len(taken)),
    ]


def memory_grown(site: Site, count: int, keys: Sequence[str]) -> list[Figure]:
    """What the processes have grown by between the first tenth of many points and the last."""
    session_id = site.session("zscore_rolling")
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    body = json.dumps({"data_points": [{"data": one} for one in site.points[:1000]]})
    batches = count // 1000
    before: dict[str, float] = {}
    for number in range(batches):
        key = keys[number * len(keys) // batches]
        site.send(connection, f"/{session_id}/batch", body, key)
        if number == batches // 10:
            before = _megabytes(site)
    after = _megabytes(site)
    return [
        at_most(f"memory of the {name}, grown", after[name] - before[name], 20, "MB", n=count)
        for name in before
    ]


def _megabytes(site: Site) -> dict[str, float]:
    return {
        name: sum(_rss(one) for one in up_has(site.up, words)) / 1e6
        for name, words in {**PROCESSES, "valkey": "valkey"}.items()
    }


def _rss(process: psutil.Process) -> int:
    return int(process.memory_info().rss)


if __name__ == "__main__":
    main(run)
