import pytest

from layouts import compare_tables as tables
from services.comparison_service import ComparisonService
from tests.compared import answered, wide_version

WORN = [f"worn {n}" for n in range(2, 8)]
WRONG = {"A": [], "B": WORN, "C": ["healthy 2", "healthy 5"]}


@pytest.fixture
def version(analyst):
    return wide_version()


@pytest.fixture
def pair(version):
    """One that is right, one that calls everything healthy."""
    return [answered(version, "Sharp"), answered(version, "Blunt", WORN, epochs=9)]


def compared(numbers, *, windows=False):
    return ComparisonService.get_comparison_data(numbers, windows=windows)


def cells(found, row):
    return dict(zip(found.head, next(r for r in found.rows if r[0] == row), strict=True))


def test_scores_are_marked_where_the_difference_is_supported(pair):
    found = tables.scores(compared(pair))
    accuracy = cells(found, "Accuracy, recordings")
    assert accuracy["Sharp"] == "1.00 (no spread)"
    assert accuracy["Blunt"].startswith("0.50")
    assert accuracy["Blunt"].endswith(tables.LOWER)
    assert cells(found, "Accuracy, windows")["Blunt"] == "0.50"
    assert "the test over groups" in found.notes[0]
    turned = tables.scores(compared(pair[::-1]))
    assert cells(turned, "Accuracy, recordings")["Sharp"].endswith(tables.HIGHER)


def test_scores_without_support_have_no_mark(version):
    made = [answered(version, "Sharp"), answered(version, "Almost", ["worn 3"])]
    data = compared(made)
    found = tables.scores(data)
    interval = cells(tables.pairs(data), "Sharp – Almost")["95 % interval"]
    assert interval.startswith(("0 to +", "−"))
    assert not any(sign in str(found.rows) for sign in (tables.HIGHER, tables.LOWER))


def test_pairs_carry_n_interval_p_and_the_smallest_p(pair):
    row = cells(tables.pairs(compared(pair)), "Sharp – Blunt")
    assert row["Recordings"] == "12"
    assert (row["Only first right"], row["Only second right"]) == ("6", "0")
    assert row["Difference in points"] == "+50"
    assert row["95 % interval"] == "no spread"
    assert (row["Exact p"], row["Mid-p"], row["Smallest mid-p possible"]) == (
        "0.031",
        "0.016",
        "0.016",
    )
    assert row["Odds ratio (95 %)"].startswith("∞ (")
    assert "Mid-p after Holm" not in row


def test_without_an_interval_the_reason_stands_below(version):
    made = [
        answered(version, name, wrong, ("2",)) for name, wrong in (("A", []), ("B", ["worn 2"]))
    ]
    data = compared(made)
    found = tables.pairs(data)
    assert cells(found, "A – B")["95 % interval"] == "–"
    assert "one group (“2”)" in found.notes[-1]
    assert tables.group_tests(data) is None
    assert "no interval can be given" in tables.scores(data).notes[0]


def test_groups_are_tested_where_they_are_more_than_recordings(pair):
    row = cells(tables.group_tests(compared(pair)), "Sharp – Blunt")
    assert (row["Groups"], row["that differ"], row["p"]) == ("6", "6", "0.031")
    assert row["Smallest p possible"] == "0.031"


def test_windows_are_marked_as_not_independent(pair):
    assert tables.windows(compared(pair)) is None
    found = tables.windows(compared(pair, windows=True))
    assert cells(found, "Sharp – Blunt")["Windows"] == "36"
    assert "not independent" in found.title
    assert "decide nothing" in found.notes[0]


def test_confusion_is_told_as_a_difference(pair):
    (found,) = tables.confusion_differences(compared(pair))
    assert found.title == "Confusion: Blunt less Sharp"
    assert found.rows == (("healthy", "0", "0"), ("worn", "+6", "−6"))


def test_settings_are_told_in_words(pair):
    found = tables.settings(compared(pair))
    assert ("Epochs", "30", "9") in found.rows
    assert all(row[0] != "Window" for row in found.rows)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("classifier", "cnn1d", "1-D CNN"),
        ("parameters.bootstrap", True, "yes"),
        ("learning_rate", 0.0003, "0.0003"),
        ("split.test", ["2", "3"], "2, 3"),
        ("split.test", [], "–"),
        ("patience", None, "–"),
        ("split.test", ["group"] * 60, "group, " * 17 + "g…"),
    ],
)
def test_values_are_told_as_people_write_them(name, value, told):
    assert tables._setting_value(name, value) == told


def test_three_have_tests_of_all_at_once(pair, version):
    third = answered(version, "Almost", ["healthy 4"])
    data = compared([*pair, third])
    rows = tables.overall(data).rows
    assert [row[0] for row in rows] == ["Cochran’s Q, exact", "Friedman, by chi-squared"]
    assert rows[1][5].startswith("Kendall’s W 0.")
    assert [row[0] for row in tables.ranks(data).rows] == ["Sharp", "Almost", "Blunt"]
    assert len(tables.rank_pairs(data).rows) == 3
    assert "Mid-p after Holm" in tables.pairs(data).head
    titles = [one.title for one in tables.all_tables(data)]
    assert len(titles) == len(set(titles))


def test_two_have_none_and_say_nothing_of_friedman(pair):
    assert tables.overall(compared(pair)) is None


def test_groups_of_one_recording_make_friedman_q_once_more(version):
    split = {"group_by": "recording", "split": {"by": "fractions", "test": 0.6, "validation": 0.2}}
    made = [answered(version, name, wrong, **split) for name, wrong in WRONG.items()]
    data = compared(made)
    tests = data["statistical_tests"]
    assert tests["friedman"]["statistic"] == pytest.approx(tests["cochran_q"]["statistic"])
    assert "Cochran’s Q once more" in tables.overall(data).notes[0]
    assert tables.group_tests(data) is None


@pytest.mark.parametrize(("value", "told"), [(None, "∞"), (236.49, "236"), (0.0512, "0.051")])
def test_odds_are_told_without_powers_of_ten(value, told):
    assert tables._ratio(value) == told
