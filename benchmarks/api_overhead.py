"""What a key costs: authentication, limit and log of a request, and how fast revoking is.

The same route, which asks no database, is called in one process with and without them, in turn.
Then two web processes of gunicorn are asked over the network.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from flask import Flask, g
from flask.testing import FlaskClient

import embedded_valkey
import schema
from api.registry import register_api
from benchmarks.measure import Benchmark, Figure, at_least, at_most, main, median, percentile
from benchmarks.web import loaded_web
from models import Role
from server import create_server
from services import actor
from services.actor import COMMAND_LINE, acting_as
from services.api_key_service import MOST_RATE_OF_ADMIN, APIKeyService
from services.user_service import UserService
from settings import Settings
from tests.running import free_port

ROUTE = "/api/v1/import-folders"
CALLS, WARM_UP = 2_000, 200
THREADS, LOAD_S = 8, 10.0
REVOCATIONS = 20
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Site:
    settings: Settings
    port: int
    user_id: int


def run() -> Benchmark:
    with site() as one:
        server = loaded_web(one.settings)
        with server.app_context():
            with_key, without = _in_turn(server, one)
        per_second, answers = _load(one)
        ended_s = _revocations(one)
    added_ms = (median(with_key) - median(without)) * 1e3
    return Benchmark(
        name="api_overhead",
        title="What an API key costs",
        method=(
            f"GET {ROUTE}, which asks no database, in one process: with key, limit and log, and "
            f"without any of them. Then {THREADS} connections to two processes of gunicorn, the "
            "client on the same two cores; then keys are revoked, and both processes are asked "
            "until they refuse. Valkey is the embedded one."
        ),
        figures=[
            at_most("added to a request, p50", added_ms, 1.0, "ms", n=CALLS),
            Figure("request without, p50", median(without) * 1e3, "ms", CALLS),
            Figure("request with key, p50", median(with_key) * 1e3, "ms", CALLS),
            Figure("request with key, p99", percentile(with_key, 99) * 1e3, "ms", CALLS),
            at_least("keyed requests in a second", per_second, 400, "1/s", n=answers),
            Figure(
                "revoked until refused by every process, p50",
                median(ended_s) * 1e3,
                "ms",
                REVOCATIONS,
            ),
            Figure(
                "revoked until refused by every process, longest",
                max(ended_s) * 1e3,
                "ms",
                REVOCATIONS,
            ),
        ],
        command="python -m benchmarks.api_overhead",
    )


def _in_turn(server: Flask, one: Site) -> tuple[list[float], list[float]]:
    """Seconds of each call with a key, and of each without gate, limit and log."""
    plain = create_server(one.settings)

    def enter() -> None:
        g.token = actor.enter(COMMAND_LINE)

    def leave(_error: BaseException | None) -> None:
        actor.leave(g.token)

    plain.before_request(enter)
    plain.teardown_request(leave)
    register_api(plain)
    headers = {"Authorization": f"Bearer {api_key(one)}"}
    keyed, bare = server.test_client(), plain.test_client()
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM_UP + CALLS):
        times = (_seconds(keyed, headers), _seconds(bare, {}))
        if number >= WARM_UP:
            found[0].append(times[0])
            found[1].append(times[1])
    return found


def _seconds(client: FlaskClient, headers: dict[str, str]) -> float:
    begun = time.perf_counter()
    answer = client.get(ROUTE, headers=headers)
    taken = time.perf_counter() - begun
    assert answer.status_code == 200, answer.text
    return taken


def _load(one: Site) -> tuple[float, int]:
    """Answers in a second, and how many there were."""
    headers, counts = {"X-API-Key": api_key(one)}, [0] * THREADS
    end = time.monotonic() + LOAD_S

    def ask(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", one.port, timeout=10)
        while time.monotonic() < end:
            if _status(connection, headers) == 200:
                counts[number] += 1

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / LOAD_S, sum(counts)


def _revocations(one: Site) -> list[float]:
    """Seconds from the call that revokes until the last of many connections is refused."""
    server = create_server(one.settings)
    found = []
    for _ in range(REVOCATIONS):
        key, key_id = _made(one)
        connections = [HTTPConnection("127.0.0.1", one.port, timeout=10) for _ in range(8)]
        for connection in connections:  # both processes remember the key
            assert _status(connection, {"X-API-Key": key}) == 200
        with server.app_context(), acting_as(COMMAND_LINE):
            begun = time.perf_counter()
            APIKeyService.revoke_key(key_id, one.user_id)
        for connection in connections:
            # After many of them the address is told to wait instead.
            while _status(connection, {"X-API-Key": key}) not in (401, 429):
                pass
        found.append(time.perf_counter() - begun)
    return found


def _status(connection: HTTPConnection, headers: dict[str, str]) -> int:
    connection.request("GET", ROUTE, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def api_key(one: Site) -> str:
    """A new key of the person who owns everything."""
    return _made(one)[0]


def _made(one: Site) -> tuple[str, int]:
    with create_server(one.settings).app_context(), acting_as(COMMAND_LINE):
        made = APIKeyService.generate_key(one.user_id, "bench", rate_limit=MOST_RATE_OF_ADMIN)
    return made["key"], made["api_key_id"]


@contextmanager
def site() -> Iterator[Site]:
    """Two processes of gunicorn and a Valkey on a folder of their own, with one admin."""
    with tempfile.TemporaryDirectory(prefix="overhead") as folder, ExitStack() as ends:
        given = {"DATA_FOLDER": folder, "PORT": str(free_port()), "WEB_PROCESSES": "2"}
        settings = Settings.from_environment({**given, "LOG_LEVEL": "WARNING"})
        schema.upgrade(settings)
        with create_server(settings).app_context(), acting_as(COMMAND_LINE):
            user_id = UserService.add_user("anna", Role.ADMIN)["id"]
        environment = [f"{name}={value}" for name, value in given.items()]
        for arguments in (
            embedded_valkey.program(settings).arguments,
            ["env", *environment, sys.executable, "-m", "cli", "web"],
        ):
            process = ends.enter_context(subprocess.Popen(list(arguments), cwd=ROOT))
            ends.callback(process.terminate)
        _wait(settings.port)
        yield Site(settings, settings.port, user_id)


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main(run)
