"""Keys that were verified a moment ago, so that the slow hash is not paid for every request.

Only a keyed hash of the key is remembered, for a minute, and only while Valkey tells at each
request whether the key was revoked since.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from models import Role

LASTS_S = 60.0
MOST = 5_000


@dataclass(frozen=True)
class VerifiedKey:
    """What a request has to know of its key, and of whom the key belongs to."""

    id: int
    prefix: str
    name: str
    user_id: int
    user_name: str
    role: Role
    scopes: frozenset[str]
    reads_only: bool
    rate_limit: int
    expires_at: datetime | None


class VerifiedKeys:
    """The memory of one process."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[float, str, VerifiedKey]] = OrderedDict()

    def find(self, text: str) -> tuple[str, VerifiedKey] | None:
        """The epoch in which the key was verified, and the key."""
        name = self._name(text)
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or kept[0] < time.monotonic():
                return None
            return kept[1], kept[2]

    def keep(self, text: str, epoch: str, key: VerifiedKey) -> None:
        name = self._name(text)
        with self._lock:
            self._kept[name] = (time.monotonic() + LASTS_S, epoch, key)
            self._kept.move_to_end(name)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def forget(self, text: str) -> None:
        with self._lock:
            self._kept.pop(self._name(text), None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _name(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._secret, digest_size=32).digest()


VERIFIED = VerifiedKeys()
