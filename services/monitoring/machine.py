"""What is measured of the machine that the collector runs on."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

import psutil

from services.files import room

# The first look has no earlier one to count from; an old one would tell of long ago.
FIRST_LOOK_S = 0.5
OLDEST_LOOK_S = 600.0


@dataclass(frozen=True)
class MachineLoad:
    host: str
    cpu_percent: float
    memory_percent: float
    disk_percent: float


class Machine:
    """Looks at the machine; the use of the processor is that since the look before."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")

    def look(self) -> MachineLoad:
        is_fresh = time.monotonic() - self._looked_at < OLDEST_LOOK_S
        cpu = psutil.cpu_percent(interval=None if is_fresh else FIRST_LOOK_S)
        self._looked_at = time.monotonic()
        return MachineLoad(
            host=socket.gethostname(),
            cpu_percent=cpu,
            memory_percent=psutil.virtual_memory().percent,
            disk_percent=100.0 * max(disk.used_share for disk in room.disks()),
        )
