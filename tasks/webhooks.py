"""Send what is due for webhooks, several at a time."""

from __future__ import annotations

import secrets
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from flask import Flask, current_app

from services.actor import WORKER, acting_as
from services.leases import this_process
from services.webhooks.sending import claim_due, send_claimed

AT_ONCE = 16
# How soon what becomes due is begun while something slow is under way.
LOOK_AGAIN_S = 0.5
# So many to one host before another may have the thread.
IN_A_ROW = 25


def send_deliveries() -> int:
    """Send until nothing is due and nothing under way; how many attempts were made."""
    server: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    # A process that is started again may have the same number, but not the old leases.
    holder = f"{this_process()}:{secrets.token_hex(4)}"
    under_way: dict[Future[int], str] = {}
    count = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
        while True:
            for one in claim_due(holder, AT_ONCE - len(under_way), Counter(under_way.values())):
                under_way[pool.submit(_send, server, one.id, holder)] = one.host
            if not under_way:
                return count
            done, _ = wait(under_way, timeout=LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
            for future in done:
                del under_way[future]
                count += future.result()


def _send(server: Flask, delivery_id: int, holder: str) -> int:
    """Send it and what is due to the same host; how many attempts were made."""
    following: int | None = delivery_id
    count = 0
    with server.app_context(), acting_as(WORKER):
        while following is not None:
            count += 1
            following = send_claimed(following, holder, go_on=count < IN_A_ROW)
    return count
