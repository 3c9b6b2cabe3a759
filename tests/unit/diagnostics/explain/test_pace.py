"""How the size of a batch is found."""

from __future__ import annotations

import pytest
from torch import nn

from diagnostics.explain import pace
from diagnostics.explain.pace import Climb
from tests.unit.diagnostics.explain.nets import windows


def climbed(seconds_each, rounds=40):
    """Sizes that were asked for, on a machine where a window takes so long in each of them."""
    climb = Climb(nn.Flatten(), windows(1)[0])
    sizes = []
    for _ in range(rounds):
        sizes.append(climb.following())
        climb.tell(sizes[-1], seconds_each[sizes[-1]] * sizes[-1])
    return sizes


@pytest.mark.parametrize(
    ("seconds_each", "best", "largest"),
    [
        ({1: 2, 2: 1, 4: 3, 8: 3, 16: 3, 32: 3}, 2, 4),
        ({1: 1, 2: 2, 4: 2, 8: 2, 16: 2, 32: 2}, 1, 2),
        ({1: 9, 2: 8, 4: 7, 8: 6, 16: 5, 32: 4}, 32, 32),
    ],
)
def test_the_quickest_size_is_kept_and_far_ones_are_not_tried(seconds_each, best, largest):
    sizes = climbed(seconds_each)
    assert sizes[-1] == best
    assert max(sizes) == largest


def test_the_first_pass_and_the_last_few_masks_say_nothing():
    climb = Climb(nn.Flatten(), windows(1)[0])
    climb.tell(1, 100.0)
    assert climb.following() == 1
    for _ in range(2):
        climb.tell(climb.following(), 1.0)
    assert climb.following() == 2
    climb.tell(1, 0.001)  # what was left at the end of a window
    assert climb.following() == 2


def test_what_does_not_fit_into_memory_is_not_tried(monkeypatch):
    monkeypatch.setattr(pace, "_MOST_BYTES", 2 * 2 * windows(1).nbytes)
    assert max(climbed({1: 9, 2: 8})) == 2
    monkeypatch.setattr(pace, "_MOST_BYTES", 1)
    assert set(climbed({1: 9})) == {1}
