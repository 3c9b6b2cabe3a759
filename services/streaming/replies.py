"""Those who wait in this process until their points are judged."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import redis
from flask import Flask, current_app

from services.streaming.transport import replies_channel, transport

AGAIN_AFTER_S = 0.2


@dataclass
class Waiting:
    """One who waits: ``token`` goes with the points, ``alerts`` come back."""

    token: str
    come: threading.Event = field(default_factory=threading.Event)
    alerts: list[dict[str, Any]] | None = None
    error: str | None = None


class Replies:
    """A thread that listens on a channel of this process, begun when the first one waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}
        self._numbers = itertools.count()
        self._pause = threading.Event()  # never set
        self._process, self._pid = "", 0

    def expect(self) -> Waiting:
        with self._lock:
            if self._pid != os.getpid():  # the first time, and in each process after a fork
                self._begin()
            number = str(next(self._numbers))
            waiting = self._waiting[number] = Waiting(f"{self._process}/{number}")
        return waiting

    def forget(self, waiting: Waiting) -> None:
        with self._lock:
            self._waiting.pop(waiting.token.rpartition("/")[2], None)

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._process = f"{socket.gethostname()}:{self._pid}:{secrets.token_hex(4)}"
        self._waiting.clear()
        client, heard = transport().client, threading.Event()
        told = (client, replies_channel(self._process), heard)
        threading.Thread(target=self._listen, args=told, name="replies", daemon=True).start()
        heard.wait(AGAIN_AFTER_S)  # or the first answer comes before anybody listens

    def _listen(self, client: redis.Redis, channel: str, heard: threading.Event) -> None:
        while True:
            try:
                listener: Any = client.pubsub()  # type: ignore[no-untyped-call]
                with listener:
                    listener.subscribe(channel)
                    while True:
                        message = listener.get_message(timeout=1.0)
                        if message is None:
                            continue
                        heard.set()
                        if message["type"] == "message":
                            self._hand_out(json.loads(message["data"]))
            except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError, OSError):
                # What was told meanwhile is lost; those who wait look for themselves.
                self._pause.wait(AGAIN_AFTER_S)

    def _hand_out(self, told: list[list[Any]]) -> None:
        for number, alerts, error in told:
            with self._lock:
                waiting = self._waiting.pop(number, None)
            if waiting is not None:
                waiting.alerts, waiting.error = alerts, error
                waiting.come.set()


def init_app(server: Flask) -> None:
    server.extensions["stream_replies"] = Replies()


def replies() -> Replies:
    found: Replies = current_app.extensions["stream_replies"]
    return found
