"""A stream while its worker, the web and Valkey are killed: the small form of the crash test."""

from __future__ import annotations

from tests.crash_streams.__main__ import problems
from tests.crash_streams.trial import attempt


def test_every_point_counts_once_whatever_is_killed(tmp_path):
    trial = attempt(tmp_path / "var", 6_000, 50, ("stream-worker", "valkey", "web"))
    assert len(trial.planted) > 50
    assert [one for one in problems(trial) if "recover" not in one] == []
    assert trial.slowest_s < 30  # on a busy machine; the script holds it to its promise
