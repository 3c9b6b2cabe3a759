import pytest

from diagnostics.evaluation.calibration import calibration
from diagnostics.evaluation.coverage import risk_report
from diagnostics.evaluation.curves import MACRO, precision_recall_lines, roc_lines
from diagnostics.evaluation.items import Level, items_of
from layouts.figures import evaluation_curves as figures
from tests.unit.diagnostics.evaluation.made import NAMES, predictions


@pytest.fixture(scope="module")
def items():
    return items_of(predictions(), Level.WINDOWS, 0, resamples=100)


def names(drawn):
    return [trace.name for trace in drawn.data]


def test_all_classes_have_a_line_and_no_band(items):
    lines = [line.to_dict() for line in roc_lines(items)]
    drawn = figures.curves(lines, "False positive rate", "True positive rate", None, "%{y}")
    assert [name.partition(",")[0] for name in names(drawn)] == [*NAMES, MACRO, "Guessing"]


@pytest.mark.parametrize("chosen", [NAMES[1], MACRO])
def test_one_line_has_its_band_and_what_guessing_gives(items, chosen):
    lines = [line.to_dict() for line in precision_recall_lines(items)]
    drawn = figures.curves(lines, "Recall", "Precision", chosen, "%{y}")
    assert [name.partition(",")[0] for name in names(drawn)] == ["95 % band", chosen, "Guessing"]
    band, _, guessing = drawn.data
    assert len(band.x) == 202
    assert guessing.y == pytest.approx((1 / 3, 1 / 3))


def test_points_of_the_reliability_are_as_large_as_their_bins(items):
    one = calibration(items).to_dict()
    found = {"before": one, "after": None, "level": "windows"}
    drawn = figures.reliability(found)
    assert names(drawn) == ["As sure as right", "As it is"]
    points = drawn.data[1]
    assert sum(points.customdata) == len(items)
    assert max(points.marker.size) == pytest.approx(20)
    assert sum(figures.counts(found).data[0].y) == len(items)


def test_risk_ends_at_the_error_rate(items):
    drawn = figures.risk(risk_report(items))
    assert names(drawn) == ["95 % band", "The surest answers first", "In no order"]
    assert drawn.data[1].y[-1] == pytest.approx(items.wrong.mean(), abs=1e-4)


def test_an_experiment_has_one_color_in_every_order_of_costs():
    front = {"on_front": {"parameter_count": True, "latency_ms": True}, "low": None, "high": None}
    known = {"name": "a", "title": "CNN", "accuracy": 0.9, **front}
    rows = [
        {**known, "experiment_id": 1, "parameter_count": 9, "latency_ms": 1.0},
        {**known, "experiment_id": 2, "parameter_count": 1, "latency_ms": 2.0, "name": "b"},
    ]
    colors = [
        {one.name: one.marker.color for one in figures.costs(rows, cost, "").data[1:]}
        for cost in ("parameter_count", "latency_ms")
    ]
    assert colors[0] == colors[1]
    assert len(set(colors[0].values())) == 2


def test_ends_of_intervals_become_bars_and_missing_ones_none():
    row = {"name": "<b>", "title": "CNN", "parameter_count": 1000, "accuracy": 0.9}
    front = {"on_front": {"parameter_count": True}}
    nowhere = {"on_front": {"parameter_count": None}}
    dear = {"experiment_id": 9, "parameter_count": 2000}
    drawn = figures.costs(
        [
            {**row, **front, "experiment_id": 7, "low": 0.8, "high": 0.95},
            {**row, **nowhere, "experiment_id": 8, "parameter_count": None, "low": None},
            {**row, **front, **dear, "low": None, "high": None},
        ],
        "parameter_count",
        "Parameters",
    )
    assert len(drawn.data) == 3
    assert drawn.data[1].name == "&lt;b&gt;"
    assert drawn.data[1].error_y.array == pytest.approx((0.05,))
    assert drawn.data[1].error_y.arrayminus == pytest.approx((0.1,))
    assert drawn.data[2].error_y.visible is False
