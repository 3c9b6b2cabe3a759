"""Models that a process keeps open, and how many questions it takes at a time.

An open model is never changed: one that is swapped out goes on answering those who hold it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from diagnostics.deployment.session import DeployedModel, open_model
from diagnostics.errors import DeploymentError
from services.errors import Conflict, NotFound, Unavailable
from services.runtime import artefacts

MOST_OPEN = 8
# Questions in a process, answered and waiting; the other threads of the web server stay free.
MOST_AT_ONCE = 8
# Computing at the same time: more would only make each slower.
_COMPUTING = 2


class Busy(Unavailable):
    """Too much is asked at the same time."""

    @property
    def details(self) -> dict[str, Any]:
        return {"retry_after_s": 1}


_open: OrderedDict[str, DeployedModel] = OrderedDict()
_lock = threading.Lock()
_admitted = threading.BoundedSemaphore(MOST_AT_ONCE)
_computing = threading.BoundedSemaphore(_COMPUTING)


def opened(key: str, sha256: str) -> DeployedModel:
    """The model in a stored file; its hash is looked at when it is opened.

    Raises
    ------
    Conflict
        If the file is missing, was changed, or is no model: asking again does not help.
    """
    with _lock:
        model = _open.get(sha256)
        if model is not None:
            _open.move_to_end(sha256)
            return model
    try:
        model = open_model(artefacts().read(key), sha256)
    except (DeploymentError, NotFound) as error:
        raise Conflict(f"The model cannot be used. {error}") from error
    with _lock:
        _open[sha256] = model
        while len(_open) > MOST_OPEN:
            _open.popitem(last=False)
    return model


@contextmanager
def admitted() -> Iterator[None]:
    """Room for one question.

    Raises
    ------
    Busy
        At once, if there are too many: who waits in a long queue gets stale answers.
    """
    if not _admitted.acquire(blocking=False):
        raise Busy(
            f"{MOST_AT_ONCE} predictions are being made already. Send this one again in a moment."
        )
    try:
        yield
    finally:
        _admitted.release()


@contextmanager
def computing() -> Iterator[None]:
    """One of the few who compute; the others wait their turn."""
    with _computing:
        yield
