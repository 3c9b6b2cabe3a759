"""Leases: one process at a time does something, and another takes over when it is gone.

They count by the clocks of the machines, which may differ by less than the lease lasts.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from models import Lease
from models.base import now
from services import actor
from services.runtime import unit_of_work


def this_process() -> str:
    """A name that no other living process has."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take(name: str, lasts: timedelta, holder: str | None = None) -> int | None:
    """Take the lease or prolong one's own; its fence, or None while somebody else has it."""
    actor.worker()
    me, moment = holder or this_process(), now()
    with unit_of_work() as session:
        mine = (
            update(Lease)
            .where(Lease.name == name, Lease.holder == me, Lease.until > moment)
            .values(until=moment + lasts)
            .returning(Lease.fence)
        )
        fence = session.scalar(mine)
        if fence is not None:
            return fence
        over = or_(Lease.until <= moment, Lease.holder == me)
        taken = (
            update(Lease)
            .where(Lease.name == name, over)
            .values(holder=me, fence=Lease.fence + 1, until=moment + lasts)
            .returning(Lease.fence)
        )
        fence = session.scalar(taken)
        if fence is not None:
            return fence
        if session.scalar(select(Lease.name).where(Lease.name == name)) is not None:
            return None
        try:
            with unit_of_work():  # a savepoint: another process may be as new as we are
                session.add(Lease(name=name, holder=me, fence=1, until=moment + lasts))
                session.flush()
        except IntegrityError:
            return None
        return 1


def give_back(name: str, holder: str | None = None) -> None:
    """End one's own lease before its time; that of somebody else stays."""
    actor.worker()
    me = holder or this_process()
    with unit_of_work() as session:
        # The row stays for its fence.
        ended = update(Lease).where(Lease.name == name, Lease.holder == me)
        session.execute(ended.values(until=now()))
