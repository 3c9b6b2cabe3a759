from __future__ import annotations

import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import overlay as page
from services.runtime import unit_of_work
from tests import factories

SETTINGS = {"bearing": "6205-2RS JEM", "harmonics": 2, "shaft": True}


@pytest.fixture
def shown(analyst):
    with unit_of_work() as session:
        made = factories.recording(session, speed_rpm=1_800.0)
        return {"recording": made.id, "channel": 0, "start": None, "stop": None}


def drawn(**settings):
    return {"kind": "spectrum", "settings": settings}


def test_lines_are_given_to_the_browser_and_told(shown):
    lines, source, told = page.show_overlay(shown, drawn(**SETTINGS))
    assert {one["kind"] for one in lines["lines"]} == {"BPFO", "BPFI", "BSF", "FTF", "shaft"}
    assert told == "SKF 6205-2RS JEM and shaft at 1800 rpm (recorded)"
    for text in ("BPFO", "outer race", "3.5848", "107.54 Hz", "Case Western", "as recorded"):
        assert text in str(source)


def test_without_a_bearing_it_is_said_what_to_do(shown):
    lines, source, told = page.show_overlay(shown, drawn())
    assert lines["lines"] == []
    assert told == "no lines"
    assert "Choose one from the list" in str(source)
    assert "/machines" in str(source)


def test_what_cannot_be_is_told_in_the_panel(shown):
    for settings in ({"harmonics": 11}, {"bearing": "x"}, {"bearing": "bearing:99"}):
        lines, source, told = page.show_overlay(shown, drawn(**settings))
        assert (lines, told) == (None, "no lines")
        assert len(str(source)) > 20
    with pytest.raises(PreventUpdate):
        page.show_overlay(None, drawn())


def test_bearings_are_offered_with_that_of_the_address(shown):
    options = page.offer_bearings(str(shown["recording"]), "recording")
    assert options[0]["value"] == "recording"
    offered = page.offer_bearings(str(shown["recording"]), "bearing:7")
    assert offered[-1] == {"label": "bearing:7", "value": "bearing:7"}
    with pytest.raises(PreventUpdate):
        page.offer_bearings(None, "none")


def test_the_rule_is_asked_only_when_somebody_looks(shown):
    with pytest.raises(PreventUpdate):
        page.show_verdict(shown, drawn(**SETTINGS), False)
    assert "Nothing." in str(page.show_verdict(shown, drawn(), True))
