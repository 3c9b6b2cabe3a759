"""A worker of streams that goes round when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from services.actor import WORKER, acting_as
from services.streaming import replies, transport
from services.streaming.worker import StreamWorker
from services.streaming_service import StreamingService


@dataclass
class Streams:
    """Push, and let the worker work; ``again`` gives a worker that knows nothing."""

    server: Flask
    url: str
    workers: list[StreamWorker] = field(default_factory=list)

    def again(self, holder: str = "test:worker") -> StreamWorker:
        self.workers = [StreamWorker(self.server, self.url, holder)]
        return self.workers[0]

    def go_round(self, times: int = 3) -> None:
        worker = self.workers[0] if self.workers else self.again()
        with acting_as(WORKER):
            for _ in range(times):
                worker.go_round()

    def push(self, session_id: str, *points: dict[str, Any], sent_as: str = "") -> int:
        given = [{"data": one} for one in points]
        return int(StreamingService.push(session_id, given, False, sent_as)["first"])


@pytest.fixture
def streams(server, real_valkey, valkey_settings, monkeypatch) -> Iterator[Streams]:
    monkeypatch.setattr("services.streaming.worker.BLOCK_MS", 20)
    monkeypatch.setattr("services.streaming.worker.CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr("services.streaming.worker.CHECKPOINT_SHARE", 0.0)
    transport.init_app(server, valkey_settings.valkey_url)
    replies.init_app(server)
    return Streams(server, valkey_settings.valkey_url)


@pytest.fixture
def waves() -> Callable[[int], list[dict[str, float]]]:
    return lambda count: [{"g": 1.0 + 0.1 * (n % 7), "rpm": 100.0 + n % 3} for n in range(count)]
