from __future__ import annotations

import pytest

from callbacks.shell_search import search
from services.actor import acting_as
from services.runtime import unit_of_work
from tests import factories


def test_what_is_found_leads_there(analyst):
    with unit_of_work() as session:
        machine = factories.machine(session, name="<b>Pump</b>")
        recording = factories.recording(session, name="pump-17")
        ids = machine.id, recording.id
    shown = str(search("pump"))
    assert f"/machines/{ids[0]}" in shown
    assert f"/signals?recording={ids[1]}" in shown
    assert "<b>Pump</b>" in shown


def test_pages_are_found_by_who_may_open_them(admin, viewer):
    assert "/audit" in str(search("audit"))
    with acting_as(viewer):
        assert "'/audit'" not in str(search("audit"))
        assert "/machines" in str(search("MACHINES"))


@pytest.mark.parametrize("text", [None, "", " a "])
def test_too_little_is_answered_with_what_can_be_found(analyst, text):
    assert "data sets, recordings, machines" in str(search(text))


def test_the_guide_is_searched_for_words(web, analyst):
    shown = str(search("KURTOGRAM"))
    assert "In the guide" in shown
    assert "/guide?topic=look-at-a-bearing" in shown
    assert "Nothing is called “xylophone”" in str(search("xylophone"))
