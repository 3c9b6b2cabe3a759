from __future__ import annotations

from datetime import UTC, datetime, timedelta

from layouts.figures.health import load_figure

FIRST = datetime(2026, 12, 1, 10, tzinfo=UTC)


def history(count: int) -> dict:
    at = [(FIRST + timedelta(minutes=number)).isoformat() for number in range(count)]
    return {"at": at, "mean": {"cpu_percent": [20.0] * count}, "highest": {}}


def test_a_single_measurement_has_time_around_it():
    drawn = load_figure(history(1))
    first, last = drawn.layout.xaxis.range
    assert last - first == timedelta(hours=1)
    assert drawn.data[0].mode == "lines+markers"


def test_many_measurements_fill_the_axis():
    drawn = load_figure(history(5))
    assert drawn.layout.xaxis.range is None
    assert drawn.data[0].mode == "lines"
