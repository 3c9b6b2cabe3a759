from __future__ import annotations

from diagnostics.signals.quality import Problem
from diagnostics.signals.quality_checks.findings import ADVICE
from layouts.analysis.quality import MILD, MOST_PLACES, SEVERE, SHARES, findings
from layouts.dataset_content import PROBLEMS

PLACE = {"start_s": 2.0, "stop_s": 2.2, "shown_from_s": 1.9, "shown_to_s": 2.3}
FINDING = {
    "code": "dropout",
    "message": "b is exactly zero for 2,000 samples.",
    "advice": "Samples were lost.",
    "channel": 1,
    "channel_name": "b",
    "value": 0.033,
    "threshold": 0.0001,
    "places": [PLACE],
}
CHECKED = {"findings": [FINDING], "channel_count": 2, "sample_count": 9, "checked_count": 9}


def test_every_problem_has_a_title_and_an_advice():
    assert set(PROBLEMS) == set(Problem)
    assert set(ADVICE) == set(Problem) - {Problem.NOTE}
    assert {*SEVERE, *MILD, *SHARES} <= set(Problem)


def test_a_row_has_mark_words_value_and_the_way_to_the_place():
    text = str(findings(CHECKED))
    for part in (
        "Lost samples",
        " · b",
        "b is exactly zero for 2,000 samples.",
        "Samples were lost.",
        "Measured 3.3 %, counts from 0.01 %.",
        "data-quality-start='1.9'",
        "data-quality-channel='1'",
        "Show 2.0",
        "title='Warning'",
        "Checked all 9 samples of 2 channels.",
    ):
        assert part in text


def test_what_to_do_is_said_once():
    text = str(findings({**CHECKED, "findings": [FINDING, FINDING]}))
    assert text.count("Samples were lost.") == 1
    assert text.count("Measured") == 2


def test_many_places_are_cut_short():
    text = str(findings({**CHECKED, "findings": [{**FINDING, "places": 9 * [PLACE]}]}))
    assert text.count("data-quality-start") == MOST_PLACES
    assert "and more" in text


def test_what_concerns_all_has_no_place():
    one = {**FINDING, "code": "short", "channel": None, "channel_name": None, "places": []}
    text = str(findings({**CHECKED, "findings": [one]}))
    assert "Few turns of the shaft" in text
    assert "button" not in text.lower()


def test_nothing_found_and_what_was_left_out():
    text = str(findings({**CHECKED, "findings": [], "checked_count": 5, "channel_count": 1}))
    assert "Nothing found." in text
    assert "Checked the first 5 of 9 samples of 1 channel." in text
