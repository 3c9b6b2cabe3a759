from __future__ import annotations

import pytest

from layouts.signals_prediction import answer, not_asked

DONE = {
    "status": "done",
    "error": None,
    "predicted": "worn",
    "classes": [
        {"name": "healthy", "probability": 0.125},
        {"name": "worn", "probability": 0.875},
    ],
    "windows": 12,
    "agreement": 0.9166,
    "side": None,
    "members": [],
    "estimates": [],
}


def test_the_most_probable_class_stands_first():
    text = str(answer(DONE))
    assert text.index("'worn'") < text.index("'healthy'")
    assert "0.875" in text
    assert "Mean over 12 windows, 92 % of which" in text


def test_an_answer_leads_to_its_explanation_but_for_a_vote():
    asked = {"experiment": 3, "recording": 7}
    assert "/explain?experiment=3&recording=7" in str(answer(DONE, asked))
    assert "/explain" not in str(answer(DONE))
    member = {"experiment_id": 3, "name": "Sharp", "predicted": "worn", "probability": 1.0}
    vote = {**DONE, "members": [{**member, "windows": 6}]}
    assert "/explain" not in str(answer(vote, asked))


def test_severity_and_speed_stand_beside_what_the_recording_says():
    severity = {"name": "severity", "off": "", "value": 0.4321, "low": 0.3, "high": 0.55}
    speed = {"name": "speed_rpm", "off": "no training recording says it", "value": None}
    estimates = [
        {**severity, "recorded": 0.5},
        {**speed, "low": None, "high": None, "recorded": None},
    ]
    text = str(answer({**DONE, "estimates": estimates}))
    for told in ("'0.43'", "'0.30 to 0.55'", "'0.50'", "not trained", "no training recording says"):
        assert told in text
    assert "Estimated" not in str(answer(DONE))


def test_members_of_a_vote_stand_one_by_one():
    member = {"experiment_id": 3, "predicted": "worn", "probability": 0.9, "windows": 6}
    other = {**member, "experiment_id": 4, "predicted": "healthy", "name": "Blunt"}
    members = [{**member, "name": "Sharp"}, other]
    text = str(answer({**DONE, "members": members, "agreement": 0.5}))
    assert "1 of 2 members name it." in text
    assert "Sharp" in text
    assert "Blunt" in text


@pytest.mark.parametrize(
    ("side", "told"),
    [("train", "used to train"), ("validation", "when to stop"), ("test", "held out")],
)
def test_what_the_experiment_has_seen_is_told(side, told):
    assert told in str(answer({**DONE, "side": side}))
    assert told not in str(answer(DONE))


@pytest.mark.parametrize(
    ("given", "shown"),
    [({"status": "running"}, "running"), ({"status": "failed", "error": "No such."}, "No such.")],
)
def test_a_job_without_an_answer_shows_its_state(given, shown):
    assert shown in str(answer({**DONE, "classes": [], **given}))


def test_who_may_not_ask_is_told_so():
    assert "Your role" in str(not_asked(False))
    assert "Your role" not in str(not_asked(True))
