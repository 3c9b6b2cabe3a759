from __future__ import annotations

import threading

import pytest

from services.signals.kept import Kept


def test_a_result_is_computed_once_and_the_oldest_is_forgotten():
    asked: list[str] = []
    kept: Kept[str] = Kept(2)

    def get(key: str) -> str:
        return kept.get(key, lambda: asked.append(key) or key.upper())

    assert [get(key) for key in ("a", "b", "a", "c", "a", "b")] == ["A", "B", "A", "C", "A", "B"]
    assert asked == ["a", "b", "c", "b"]


def test_of_many_who_ask_at_once_one_computes():
    kept: Kept[int] = Kept(2)
    computed: list[int] = []
    begun, may_end = threading.Event(), threading.Event()

    def compute() -> int:
        begun.set()
        assert may_end.wait(5)
        computed.append(1)
        return 7

    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept.get("key", compute))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert (found, computed) == ([7, 7, 7, 7], [1])


def test_what_fails_is_tried_again():
    kept: Kept[int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)
    assert kept.get("key", lambda: 2) == 2
