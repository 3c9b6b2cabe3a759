import pytest

from layouts import home
from layouts.evaluation_numbers import (
    interval_text,
    interval_words,
    score_text,
    share_text,
)
from layouts.figures import detection_curves, evaluation_curves


@pytest.mark.parametrize(
    ("value", "items", "text"),
    [
        (1.0, 12, "1.00"),
        (0.9999, 20_000, "0.9999"),
        (0.5, 12, "0.50"),
        (0.12345, 20_000, "0.123"),
        (None, 12, "–"),
    ],
)
def test_scores_have_the_digits_that_are_known_and_never_round_up_to_perfection(value, items, text):
    assert score_text(value, items) == text


SHARES = [(0.9996, "99.96 %"), (0.004, "0.4 %"), (1.0, "100 %"), (0.0, "0 %"), (0.336, "34 %")]


@pytest.mark.parametrize(("share", "text"), SHARES)
def test_a_share_is_all_or_nothing_only_where_it_is(share, text):
    assert share_text(share) == text


def test_an_interval_without_spread_is_not_shown_as_certainty():
    assert interval_text(1.0, 1.0, 20) == "no spread"
    assert interval_words(1.0, 1.0, 20) == "no spread between groups"
    assert interval_words(None, None, 20) == "no interval can be given"


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (0.998, 0.99, 1.0, "0.998 (0.99 to 1.00)"),
        (1.0, 1.0, 1.0, "1.00 (no spread)"),
        (0.5, None, None, "0.50 (no interval can be given)"),
    ],
)
def test_the_first_page_shows_no_score_better_than_it_is(value, low, high, shown):
    score = {"value": value, "low": low, "high": high}
    summary = {"recordings": {"balanced_accuracy": score}, "n": {"recordings": 500}}
    assert home.score(summary) == shown


def test_areas_beside_curves_are_no_better_than_they_are():
    line = {"name": "worn", "x": [0, 1], "y": [0, 1], "area": 0.9996, "band": None}
    drawn = evaluation_curves.curves([{**line, "guessing": None}], "x", "y", None, "%{y}")
    assert drawn.data[0].name == "worn, area 0.9996"
    found = {"roc": {"x": [0, 1], "y": [0, 1]}, "ordinary": 4, "anomalies": 1}
    one = {"false_positives": 0, "recall": 1.0, "roc_auc": 0.998}
    assert detection_curves.roc({"a": found}, {"a": one}, {"a": "LOF"}).data[0].name == (
        "LOF, area 0.998"
    )


def test_intervals():
    assert interval_text(0.812, 0.97, 20) == "0.81–0.97"
    assert interval_text(None, None, 20) == "–"
