"""The log of requests: a request only notes itself in memory, a thread writes what was noted.

So no request waits for the database, and the database is written once a second, not once a
request. The memory is bounded: what finds no room is counted as lost, and the count is written.
"""

from __future__ import annotations

import atexit
import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from models.base import now
from services.api_requests.writing import write
from services.runtime import unit_of_work

MOST_NOTED = 20_000
WRITE_EVERY_S = 1.0
# So many are written without waiting for the second to end.
WRITE_AT = 2_000
# What the database answers to nobody, or not now.
AWAY = (OperationalError, InterfaceError)
# It, or its driver, says that something cannot be written.
REFUSED = (SQLAlchemyError, ValueError, OverflowError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Noted:
    """One request. ``endpoint`` is its route; no secret belongs in any of these."""

    endpoint: str
    method: str
    status_code: int
    duration_us: int
    ip_address: str | None = None
    user_agent: str | None = None
    api_key_id: int | None = None
    user_id: int | None = None
    request_id: str | None = None
    request_size: int = 0
    response_size: int = 0
    error_message: str | None = None
    request_sample: dict[str, Any] | None = None
    response_sample: dict[str, Any] | None = None
    at: datetime = field(default_factory=now)


class RequestLog:
    """What one process has noted and not yet written."""

    def __init__(self, most: int = MOST_NOTED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._noted: list[Noted] = []
        self._lost = 0
        self._wake, self._stop = threading.Event(), threading.Event()

    def note(self, request: Noted) -> None:
        with self._lock:
            if len(self._noted) < self._most:
                self._noted.append(request)
            else:
                self._lost += 1
            is_much = len(self._noted) >= WRITE_AT
        if is_much:
            self._wake.set()

    def write(self) -> int:
        """Write all that was noted; how many. In an application context.

        What is noted while the database is away stays, as far as there is room. A request that
        the database does not take holds up no other, and is counted as lost.
        """
        with self._lock:
            batch, self._noted = self._noted, []
            lost, self._lost = self._lost, 0
        if not batch and not lost:
            return 0
        written, waiting = 0, [batch]
        while waiting:
            some = waiting.pop()
            try:
                with unit_of_work() as session:
                    write(session, some, lost)
            except AWAY:
                self._put_back([one for part in (some, *waiting[::-1]) for one in part], lost)
                raise
            except REFUSED as error:
                if len(some) < 2:
                    lost += len(some)
                    log.warning("A request cannot be written down: %s", type(error).__name__)
                else:  # find the one that is not taken
                    middle = len(some) // 2
                    waiting += [some[middle:], some[:middle]]
            else:
                written, lost = written + len(some), 0
        self._put_back([], lost)
        return written

    def start(self, server: Flask) -> None:
        """Write from now on once a second, and at the end of the process."""
        thread = threading.Thread(
            target=self._go_on, args=(server,), name="request log", daemon=True
        )
        thread.start()

        def end() -> None:
            self._stop.set()
            self._wake.set()
            thread.join(WRITE_EVERY_S)
            self._try_to_write(server)

        atexit.register(end)

    def _go_on(self, server: Flask) -> None:
        while not self._stop.is_set():
            self._wake.wait(WRITE_EVERY_S)
            self._wake.clear()
            self._try_to_write(server)

    def _try_to_write(self, server: Flask) -> None:
        try:
            with server.app_context():
                self.write()
        except Exception:
            # The database may be away; the next second comes.
            log.exception("The log of API requests cannot be written; it is tried again.")

    def _put_back(self, batch: list[Noted], lost: int) -> None:
        with self._lock:
            room = max(self._most - len(self._noted), 0)
            self._lost += lost + max(len(batch) - room, 0)
            self._noted = batch[:room] + self._noted


def init_app(server: Flask) -> None:
    server.extensions["request_log"] = RequestLog()


def request_log() -> RequestLog:
    found: RequestLog = current_app.extensions["request_log"]
    return found


def note(request: Noted) -> None:
    request_log().note(request)
