from __future__ import annotations

from layouts.figures.streams import MOST_COLUMNS, live_figure

POINTS = [
    {
        "sequence": n,
        "timestamp": f"2026-01-01T00:00:0{n}+00:00",
        "data": {"<g>": float(n), "rpm": None},
        "anomaly_score": 0.5 * n,
        "is_anomaly": n == 4,
    }
    for n in range(5)
]


def test_values_scores_limit_and_alerts_are_drawn():
    drawn = live_figure(POINTS, ["<g>", "rpm"], 1.5)
    by_name = {trace.name: trace for trace in drawn.data}
    assert list(by_name["&lt;g&gt;"].y) == [0, 1, 2, 3, 4]
    assert list(by_name["score"].y) == [0, 0.5, 1.0, 1.5, 2.0]
    assert list(by_name["threshold"].y) == [1.5, 1.5]
    assert (list(by_name["alert"].x), list(by_name["alert"].y)) == ([4], [4.0])


def test_nothing_is_an_empty_figure_with_axes():
    drawn = live_figure([], [], None)
    assert drawn.layout.yaxis2.title.text == "Score"


def test_many_columns_are_not_all_drawn():
    names = [f"c{n}" for n in range(20)]
    points = [{**POINTS[0], "data": dict.fromkeys(names, 1.0)}]
    assert len(live_figure(points, names, None).data) == MOST_COLUMNS + 2
