"""Which file answers under a name: remembered by each process until a name changes anywhere.

A counter in Valkey says how often names were changed. It is read before the database is, and
counted up after the commit, so that nobody remembers what was true before a change. Without
Valkey nothing is remembered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from services.runtime import after_commit
from services.valkey import valkey

# A process can be lost between its commit and its counting, and a database be restored.
LASTS_S = 30.0
MOST_REMEMBERED = 1_000
_COUNTER = "served-models:changes"


@dataclass(frozen=True)
class Chosen:
    """Which file answers."""

    number: int
    kind: str
    key: str
    sha256: str
    manifest: dict[str, Any]
    variant_id: int


class Remembered:
    """What one process knows, by name and version as they were asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[str, float, Chosen]] = {}

    def find(self, asked: tuple[str, str], changes: str) -> Chosen | None:
        known = self._known.get(asked)
        if known is None or known[0] != changes or known[1] < time.monotonic():
            return None
        return known[2]

    def keep(self, asked: tuple[str, str], changes: str, chosen: Chosen) -> None:
        with self._lock:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[asked] = (changes, time.monotonic() + LASTS_S, chosen)


def resolve(name: str, version: str, look: Callable[[], Chosen]) -> Chosen:
    """The file that a version of a model means now.

    Parameters
    ----------
    name, version : str
        As they were asked for; a version is a number or an alias.
    look : function
        Reads it from the database.
    """
    changes = valkey().ask(lambda client: str(client.get(_COUNTER) or "0"))
    if changes is None:
        return look()
    remembered: Remembered = current_app.extensions.setdefault("served_models", Remembered())
    found = remembered.find((name, version), changes)
    if found is None:
        found = look()
        remembered.keep((name, version), changes, found)
    return found


def changed(session: Session) -> None:
    """Let every process look again once the unit of work is committed."""
    # The server's own, since nothing says that the call comes inside of a request.
    connection = valkey()
    after_commit(session, lambda: connection.ask(lambda client: client.incr(_COUNTER)))
