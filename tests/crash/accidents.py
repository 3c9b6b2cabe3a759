"""Kill processes of a site at random, from a seed."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable

import numpy as np
import psutil

from tests.running import Up, command_of

Find = Callable[[psutil.Process], list[psutil.Process]]


def _named(words: str) -> Find:
    return lambda parent: [one for one in parent.children() if words in command_of(one)]


def _inside(words: str) -> Find:
    """Processes that one of that name has started."""
    return lambda parent: [child for one in _named(words)(parent) for child in one.children()]


FIRST_AFTER_S = 1.0
# What is killed, how often against the others, and how it is found below ``up``.
TARGETS: dict[str, tuple[int, signal.Signals, Find]] = {
    "process of the worker": (8, signal.SIGKILL, _inside("--name worker")),
    "process of the interactive worker": (3, signal.SIGKILL, _inside("--name interactive")),
    "worker": (3, signal.SIGKILL, _named("--name worker")),
    "interactive worker": (1, signal.SIGKILL, _named("--name interactive")),
    "worker, SIGTERM": (1, signal.SIGTERM, _named("--name worker")),
    "web": (2, signal.SIGKILL, _named("gunicorn")),
    "process of the web": (2, signal.SIGKILL, _inside("gunicorn")),
    "beat": (2, signal.SIGKILL, _named("cli beat")),
    "Valkey": (3, signal.SIGKILL, _named("valkey")),
}


class Accidents:
    """Happen in a thread of their own between ``begin`` and ``end``."""

    def __init__(self, up: Up, seed: int, every_s: float) -> None:
        self._parent = psutil.Process(up.process.pid)
        self._rng = np.random.default_rng(seed)
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._happen, name="accidents", daemon=True)
        self.counted: Counter[str] = Counter()

    def __enter__(self) -> Accidents:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def spared(self) -> list[str]:
        """What was never killed, because the trial was too short."""
        return [name for name in TARGETS if not self.counted[name]]

    def _happen(self) -> None:
        names = list(TARGETS)
        weights = np.array([weight for weight, _, _ in TARGETS.values()], dtype=float)
        # Each once in an order of its own, so that a short trial leaves none out.
        ahead = [names[place] for place in self._rng.permutation(len(names))]
        pause_s = FIRST_AFTER_S
        while not self._over.wait(pause_s):
            pause_s = self._pause_s()
            drawn = str(self._rng.choice(names, p=weights / weights.sum()))
            name = ahead[0] if ahead else drawn
            if self._hit(name, draw=float(self._rng.random())):
                self.counted[name] += 1
                ahead = ahead[1:]

    def _pause_s(self) -> float:
        return float(np.clip(self._rng.exponential(self._every_s), 0.5, 3 * self._every_s))

    def _hit(self, name: str, draw: float) -> bool:
        """Kill one of that name; False when there is none, because it is being started."""
        _, number, find = TARGETS[name]
        try:
            found = find(self._parent)
            if found:
                found[int(draw * len(found))].send_signal(number)
        except psutil.NoSuchProcess:
            return False
        return bool(found)
