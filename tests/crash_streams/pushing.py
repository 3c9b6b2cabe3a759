"""Somebody who sends numbered points and does not give up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

ROOT = "/api/v1/anomaly/streaming"
PATIENCE_S = 60.0
AGAIN_AFTER_S = 0.1
# Every so many points one is far from all others.
PLANTED_EVERY = 97
PLANTED, USUAL = 1_000.0, 1.0


@dataclass
class Pusher:
    """Sends batches in order. What got no answer is sent again, under the same name."""

    url: str
    key: str
    session_id: str
    count: int
    size: int
    acknowledged: int = 0
    alerts: dict[int, str] = field(default_factory=dict)  # by the number in the point
    sent_again: int = 0
    longest_gap_s: float = 0.0
    gaps: list[tuple[float, float]] = field(default_factory=list)
    error: BaseException | None = None

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        try:
            headers = {"Authorization": f"Bearer {self.key}"}
            with httpx.Client(base_url=self.url, headers=headers, timeout=12) as client:
                for first in range(0, self.count, self.size):
                    last = min(self.count, first + self.size)
                    self._deliver(client, first, last)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the thread raises it
            self.error = error

    def _deliver(self, client: httpx.Client, first: int, last: int) -> None:
        body = {"data_points": [{"data": point(number)} for number in range(first, last)]}
        begun = time.monotonic()
        for answer in self._tries(client, f"{first}-{last}", body):
            if answer is not None and answer.status_code == 200:
                for alert in answer.json():
                    self.alerts[int(alert["data_point"]["number"])] = alert["id"]
                break
            if answer is not None and answer.status_code not in (202, 409, 429, 500, 502, 503):
                raise AssertionError(f"{answer.status_code}: {answer.text}")
            if time.monotonic() - begun > PATIENCE_S:
                raise TimeoutError(f"the points from {first} on are not taken")
            self.sent_again += 1
            time.sleep(AGAIN_AFTER_S)
        self.acknowledged = last
        took = time.monotonic() - begun
        if took > 0.5:
            self.gaps.append((time.monotonic(), took))
        self.longest_gap_s = max(self.longest_gap_s, took)

    def _tries(self, client: httpx.Client, name: str, body: Any) -> Iterator[httpx.Response | None]:
        while True:
            try:
                yield client.post(
                    f"{ROOT}/{self.session_id}/batch",
                    json=body,
                    headers={"Idempotency-Key": name},
                )
            except httpx.TransportError:
                yield None


def point(number: int) -> dict[str, float]:
    """A quiet wave with a spike now and then; ``number`` is far from no mean of its window."""
    wave = USUAL + 0.1 * ((number * 7919) % 13)
    return {"number": number, "value": PLANTED if is_planted(number) else wave}


def is_planted(number: int) -> bool:
    return number > 20 and number % PLANTED_EVERY == 0
