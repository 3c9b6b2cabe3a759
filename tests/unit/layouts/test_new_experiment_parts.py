from __future__ import annotations

import pytest

from layouts.new_experiment_parts import _values_text


@pytest.mark.parametrize(
    ("values", "missing", "text"),
    [
        ({"2": 3, "1": 1}, 0, "2 (3), 1 (1)"),
        ({f"{n}.5": 1 for n in range(12)}, 2, "0.5 to 11.5, 12 different, unknown (2)"),
        ({f"{n}e3": 1 for n in (*range(9, 0, -1), -2)}, 0, "-2e3 to 9e3, 10 different"),
        (
            {**{f"{n}": 1 for n in range(8)}, "worn": 2},
            0,
            "0 (1), 1 (1), 2 (1), 3 (1), 4 (1), 5 (1), 6 (1), 7 (1), and 1 more",
        ),
    ],
)
def test_many_numbers_are_told_by_their_reach(values, missing, text):
    entry = {"values": values, "different": len(values), "missing": missing}
    assert _values_text(entry) == text
