"""Load many modules without looking for garbage in between, of which there is none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded inside stays, and no later search for garbage looks at it again.

    It takes a sixth of the time off that the modules of the web process need.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
