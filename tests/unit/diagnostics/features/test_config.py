from __future__ import annotations

import pytest

from diagnostics.errors import FeatureError
from diagnostics.features.config import ExtractionConfig, read_config, window_starts


def test_what_is_missing_has_its_default():
    assert read_config(None) == ExtractionConfig()
    assert read_config({"overlap": None, "window": 512.0}) == ExtractionConfig(window=512)
    assert read_config(ExtractionConfig(band_hz=(10.0, 20.0)).as_dict()).band_hz == (10.0, 20.0)


@pytest.mark.parametrize(
    "given",
    [
        {"windows": 512},
        {"window": 255},
        {"window": 512.5},
        {"window": True},
        {"window": float("inf")},
        {"window": 1 << 23},
        {"overlap": 1},
        {"overlap": float("nan")},
        {"overlap": "half"},
        {"channel": -1},
        {"group_by": 7},
        {"band_hz": (20.0, 10.0)},
        {"band_hz": 5},
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused(given):
    with pytest.raises(FeatureError):
        read_config(given)


@pytest.mark.parametrize("count", [0, 255, 256, 257, 1000])
def test_windows_lie_inside_and_none_is_left_out(count):
    starts = window_starts(count, 256, 100)
    assert all(start + 256 <= count for start in starts)
    assert len(starts) == max(0, (count - 256) // 100 + 1)
