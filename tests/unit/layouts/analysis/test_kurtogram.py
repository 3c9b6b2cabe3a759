from __future__ import annotations

import pytest

from layouts.analysis import kurtogram

ROWS = [
    [{"level": 0.0, "low_hz": 0.0, "high_hz": 6_000.0, "kurtosis": 0.5}],
    [
        {"level": 1.0, "low_hz": 0.0, "high_hz": 3_000.0, "kurtosis": 0.1},
        {"level": 1.0, "low_hz": 3_000.0, "high_hz": 6_000.0, "kurtosis": 4.25},
    ],
]


def found(low_hz: float, high_hz: float):
    return kurtogram.found({"cells": ROWS, "x_factor": 1.0, "band": (low_hz, high_hz)})


def test_the_best_band_is_told():
    told = kurtogram.told(found(3_000.0, 6_000.0))
    assert told.startswith("Best band: 3 kHz to 6 kHz, kurtosis 4.25 where noise has 0.")


def test_the_best_band_is_not_always_that_of_the_highest_kurtosis():
    assert kurtogram.best(found(0.0, 6_000.0)) == ROWS[0][0]


@pytest.mark.parametrize(
    ("row", "frequency_hz", "low_hz"), [(0, 5_000, 0), (1, 10, 0), (1, 5_999, 3_000)]
)
def test_a_place_in_the_picture_is_a_band(row, frequency_hz, low_hz):
    assert kurtogram.cell_at(ROWS, row, frequency_hz)["low_hz"] == low_hz


@pytest.mark.parametrize(("row", "frequency_hz"), [(2, 10), (-1, 10), (1, 6_001), (0, -1)])
def test_beside_the_picture_there_is_none(row, frequency_hz):
    assert kurtogram.cell_at(ROWS, row, frequency_hz) is None
