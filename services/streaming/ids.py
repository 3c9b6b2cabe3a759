"""ULIDs: ids as text that sort by time. Those of alerts follow from what they are about."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHAPE = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id() -> str:
    """An id that nothing else has."""
    return _ulid(time.time_ns() // 1_000_000, secrets.token_bytes(10))


def alert_id(session_id: str, sequence: int, arrived_ms: int) -> str:
    """The id of the alert of one point: the same whenever it is judged again."""
    made = hashlib.blake2b(f"{session_id}:{sequence}".encode(), digest_size=10)
    return _ulid(arrived_ms, made.digest())


def _ulid(milliseconds: int, rest: bytes) -> str:
    number = (milliseconds << 80) | int.from_bytes(rest, "big")
    return "".join(_LETTERS[(number >> shift) & 31] for shift in range(125, -1, -5))
