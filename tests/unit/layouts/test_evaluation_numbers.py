import pytest

from layouts.evaluation_numbers import count_text, interval_text, score_text


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


def test_intervals_and_counts():
    assert interval_text(0.812, 0.97, 20) == "0.81–0.97"
    assert interval_text(None, None, 20) == "–"
    assert count_text(1, "group") == "1 group"
    assert count_text(12_300, "window") == "12,300 windows"
    assert count_text(2, "class", "classes") == "2 classes"
