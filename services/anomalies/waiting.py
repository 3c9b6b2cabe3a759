"""Wait for a worker in a request: without a lock, and never in all threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST_WAIT_S = 60.0
FIRST_LOOK_S, SLOWEST_LOOK_S = 0.01, 0.25
# Looks come at most this share of the whole wait too late.
LATE = 0.05
# Of the threads that answer, so many may wait for a worker; who comes then is answered at once.
MOST_WAITING = 6
_waiting = threading.BoundedSemaphore(MOST_WAITING)


def until(is_over: Callable[[], bool], seconds: float) -> None:
    """Look whether something is over, more and more seldom, for so many seconds at most."""
    begun = time.monotonic()
    ends = begun + min(max(0.0, seconds), LONGEST_WAIT_S)
    if not _waiting.acquire(blocking=False):
        return
    try:
        while not is_over() and time.monotonic() < ends:
            pause = min(max(FIRST_LOOK_S, LATE * (time.monotonic() - begun)), SLOWEST_LOOK_S)
            time.sleep(min(pause, max(0.0, ends - time.monotonic())))
    finally:
        _waiting.release()
