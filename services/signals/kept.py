"""The last few results of a computation that several parts of a page ask for at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Kept(Generic[Result]):
    """At most so many results by key; of several who ask at once only one computes.

    They stay in the memory of this process, and all who ask get the same object: nobody may
    change it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, Future[Result]] = OrderedDict()

    def get(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The kept result, or a computed one. What fails is not kept; all who wait get the
        error."""
        with self._lock:
            known = self._results.get(key)
            result: Future[Result] = known or Future()
            self._results[key] = result
            self._results.move_to_end(key)
            if len(self._results) > self._most:
                self._results.popitem(last=False)
        if known is None:
            self._fill(key, result, compute)
        return result.result()

    def _fill(self, key: Hashable, result: Future[Result], compute: Callable[[], Result]) -> None:
        try:
            result.set_result(compute())
        except BaseException as error:
            with self._lock:
                if self._results.get(key) is result:
                    del self._results[key]
            result.set_exception(error)
            raise
