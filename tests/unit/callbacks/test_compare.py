import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import compare
from services.actor import acting_as
from tests.compared import answered, wide_version


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def three(analyst):
    version = wide_version()
    wrong = [f"worn {n}" for n in range(2, 8)]
    return [
        answered(version, "Sharp"),
        answered(version, "Blunt", wrong, seed=7),
        answered(version, "<b>Almost</b>", ["healthy 4"]),
    ]


def test_without_experiments_the_page_says_what_to_do(analyst):
    assert compare.show_choices({"experiments": [], "windows": False}) == ([], [], False)
    assert "Train another one on the same data" in text(compare.show([], False))


def test_one_alone_is_not_compared(three):
    assert "Choose two experiments or more" in text(compare.show(three[:1], False))
    assert "Choose two experiments or more" in text(compare.show(None, None))


def test_the_address_decides_what_is_chosen_even_what_is_not_there(three):
    view = {"experiments": [three[1], 999], "windows": True}
    options, value, windows = compare.show_choices(view)
    assert (value, windows) == ([three[1], 999], True)
    assert [one["value"] for one in options[:2]] == [three[1], three[2]]
    assert options[-1] == {"label": "Not found (experiment 999)", "value": 999}
    assert "There is no experiment 999." in text(compare.show(value, False))


def test_what_is_searched_stands_beside_what_is_chosen(three):
    options = compare.search("blunt", [three[0]])
    assert [one["label"] for one in options] == [
        f"Sharp (experiment {three[0]})",
        f"Blunt (experiment {three[1]})",
    ]
    assert len(compare.search(None, None)) == 3


def test_the_comparison_is_shown_with_everything_it_rests_on(three, viewer):
    with acting_as(viewer):
        drawn = text(compare.show(three, False))
    for part in (
        "All were tested on the same 12 recordings.",
        "Smallest mid-p possible",
        "Cochran’s Q, exact",
        "Average ranks over 6 groups",
        "Only Sharp is right: 0 recordings",
        "Settings that differ",
        f"/experiments/{three[0]}",
        "/api/v1/comparison.html?experiments=",
    ):
        assert part in drawn, part
    assert "not independent" not in drawn
    assert "(not independent)" in text(compare.show(three, True))


def test_recordings_that_only_one_gets_right_lead_to_their_signal(three):
    drawn = text(compare.show(three[:2], False))
    assert "Only Sharp is right: 6 recordings" in drawn
    assert "/signals?recording=" in drawn


def test_names_that_people_typed_do_not_become_markup_in_figures(three):
    assert "&lt;b&gt;Almost&lt;/b&gt;" in text(compare.show(three, False))


def test_what_cannot_be_compared_says_why(three):
    other = answered(wide_version(), "Elsewhere", tested=("0",))
    assert "have none in common" in text(compare.show([three[0], other], False))
