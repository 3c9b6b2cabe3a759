from __future__ import annotations

import numpy as np

from diagnostics.synthesis.streams import stream


def test_the_name_decides_and_not_the_order():
    first = stream(1, "wear", 2).random(4)
    stream(1, "other").random(100)
    np.testing.assert_array_equal(stream(1, "wear", 2).random(4), first)


def test_other_names_and_seeds_are_independent():
    drawn = [
        stream(seed, name, n).standard_normal(2_000)
        for seed in (0, 1)
        for name in ("a", "b")
        for n in (1, 2)
    ]
    between = np.corrcoef(drawn)[np.triu_indices(8, 1)]
    assert np.abs(between).max() < 0.1


def test_parts_of_a_name_do_not_run_together():
    assert stream(0, "a", "bc").random() != stream(0, "ab", "c").random()
