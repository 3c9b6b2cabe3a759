"""The connection to Valkey, for what is shared between processes and may be lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import redis
from flask import Flask, current_app

T = TypeVar("T")

TIMEOUT_S = 0.5
# After a failure nobody waits for another time-out for this long.
REST_S = 2.0


class Valkey:
    """A client that answers quickly that there is no answer."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            decode_responses=True,
            retry=None,
        )
        self._rests_until = 0.0

    def ask(self, question: Callable[[redis.Redis], T]) -> T | None:
        """What the server answers, or None while it cannot be reached."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            return question(self._client)
        except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
            # ResponseError too: while it loads its file after a crash it refuses commands.
            self._rests_until = time.monotonic() + REST_S
            return None

    @property
    def client(self) -> redis.Redis:
        """The client itself, for who has an answer of its own to a server that is away."""
        return self._client

    @property
    def is_reachable(self) -> bool:
        return bool(self.ask(lambda client: client.ping()))


def init_app(server: Flask, url: str) -> None:
    server.extensions["valkey"] = Valkey(url)


def valkey() -> Valkey:
    connection: Valkey = current_app.extensions["valkey"]
    return connection
