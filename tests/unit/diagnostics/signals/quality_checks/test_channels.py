from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.quality_checks.channels import copies

NOISE = np.random.default_rng(0).normal(size=(2, 40_000))
TIME = np.arange(40_000) / 10_000


@pytest.mark.parametrize("late", [3, -3, 700, -700])
@pytest.mark.parametrize("factor", [1.0, -1.0, 0.3])
def test_shifted_copies_are_found(late, factor):
    first, second = NOISE[0][1_000:31_000], NOISE[0][1_000 - late : 31_000 - late]
    (found,) = copies([("a", first), ("b", factor * second + 2)], shifted=True)
    assert found.value == pytest.approx(factor, rel=1e-3)
    assert f"a shift of {abs(late)} samples" in found.message


def test_shifts_are_looked_for_when_asked():
    assert copies([("a", NOISE[0][:-9]), ("b", NOISE[0][9:])]) == []


def test_channels_that_are_only_alike():
    tone, later = np.sin(2 * np.pi * 50 * TIME), np.sin(2 * np.pi * 50 * TIME - 1)
    path = np.convolve(NOISE[0], [0.6, 0.4], mode="same")  # the same source by another way
    pairs = [(NOISE[0], NOISE[1]), (tone, later), (NOISE[0], path)]
    pairs.append((NOISE[0][:-9], NOISE[0][9:] + 0.02 * NOISE[1][9:]))
    for one, other in pairs:
        assert copies([("a", one), ("b", other)], shifted=True) == []
