from __future__ import annotations

from diagnostics.training.plateau import LEAST, find_plateau


def test_progress_has_to_be_worth_the_name():
    assert find_plateau([1.0, 1 - LEAST / 2, 1 - LEAST / 1.5], 2).best_epoch == 1
    assert find_plateau([1.0, 1 - 2 * LEAST], 1) is None
    assert find_plateau([1.0, 1.1, 1.2, 0.9], 2) is None


def test_slow_progress_adds_up():
    losses = [1 - LEAST / 3 * epoch for epoch in range(30)]
    assert find_plateau(losses, 10) is None
    assert find_plateau(losses, 3) is None


def test_never_and_nothing():
    assert find_plateau([], 3) is None
    assert find_plateau([1.0] * 50, 0) is None
    assert find_plateau([0.0, 0.0, 0.0], 2).since == 2
