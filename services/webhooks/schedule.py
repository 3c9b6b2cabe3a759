"""When a delivery that failed is tried again, and when a webhook has failed for too long."""

from __future__ import annotations

import zlib
from datetime import timedelta

# As Standard Webhooks advises: three days and three hours, and then it is given up.
DELAYS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# Nothing has arrived for so long: it is switched off. Shorter than the schedule, so that one event
# that never arrives is enough.
FAILING_AT_MOST = timedelta(days=3)
LONGEST_WAIT_S = 86_400.0
JITTER = 0.1


def delay_s(message_id: str, attempts: int, asked_s: float | None = None) -> float | None:
    """Seconds until the next attempt; None when there is none.

    Up to a tenth longer than the schedule, by the message: those that failed together do not come
    together again. What the receiver asks for counts when it is more, up to a day.

    Examples
    --------
    >>> 5 <= delay_s("msg_1", 1) <= 5.5, delay_s("msg_1", 1, asked_s=60) >= 60
    (True, True)
    >>> delay_s("msg_1", 10) is None
    True
    """
    if attempts >= len(DELAYS_S):
        return None
    share = zlib.crc32(f"{message_id}:{attempts}".encode()) / 2**32
    planned = DELAYS_S[attempts] * (1 + JITTER * share)
    return max(planned, min(asked_s or 0.0, LONGEST_WAIT_S))
