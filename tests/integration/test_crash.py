"""A small ``make crash-test``: jobs under accidents end as they should."""

from __future__ import annotations

from tests.crash.trial import attempt


def test_jobs_under_accidents_end_as_they_should_and_leave_nothing(tmp_path):
    trial = attempt(tmp_path / "var", jobs=12, seed=4, every_s=8.0, patience_s=200)
    assert trial.faults == []
    assert sum(trial.asked.values()) == 12
    assert sum(trial.kills.values()) > 0
