from __future__ import annotations

import pytest

from layouts.components.moments import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0, "0.0 s"),
        (0.02, "under 0.1 s"),
        (0.06, "0.1 s"),
        (42.3, "42 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_a_time_has_the_digits_that_tell_something(seconds, text):
    assert duration(seconds) == text
