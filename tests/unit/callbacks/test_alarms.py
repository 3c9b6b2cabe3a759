from __future__ import annotations

import pytest

from callbacks import alarms
from layouts.alarms import OPEN, Ids, build
from models import Severity
from services.actor import acting_as
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked
from tests.unit.callbacks.test_jobs import text


@pytest.fixture
def alarm_id(analyst) -> int:
    with unit_of_work() as session:
        given = {"object": "machine:3", "kind": "anomaly", "message": "Louder than it was."}
        return factories.alarm(session, **given).id


def shown(states=OPEN, severities=(), kind="any", words="", order="-last_seen_at", page=1):
    return alarms.show_alarms(0, list(states), list(severities), kind, words, order, page)


def test_nothing_wrong_and_nothing_found_are_told_apart(analyst):
    assert "Nothing is wrong" in text(shown()[0])
    assert "No alarm fits" in text(shown(words="pump")[0])


def test_list_links_to_the_alarm_and_to_its_object(alarm_id):
    table, told, pages, one_page = shown()
    for part in ("Louder than it was.", f"/alarms?id={alarm_id}", "/machines/3", "warning"):
        assert part in text(table)
    assert (told, pages, one_page) == ("1 alarm", 1, True)
    assert "No alarm fits" in text(shown(severities=["critical"])[0])
    assert alarms.list_kinds(0, "stream")[1:] == [
        {"label": "anomaly", "value": "anomaly"},
        {"label": "stream", "value": "stream"},
    ]


def test_an_alarm_names_its_object_and_leads_to_what_raised_it(analyst):
    known = {"name": "Pump house", "detection_id": "01ABC"}
    with unit_of_work() as session:
        made = factories.alarm(session, object="source:01XYZABC", details=known).id
    assert "source “Pump house”" in text(shown()[0])
    found = text(alarms.show_detail(0, made))
    for part in ("source “Pump house”", "/sources/01XYZABC", "/anomalies/01ABC"):
        assert part in found


def test_pages_are_counted(analyst):
    with unit_of_work() as session:
        for _ in range(26):
            factories.alarm(session, severity=Severity.NOTICE)
    _, told, pages, one_page = shown(page=2)
    assert (told, pages, one_page) == ("26 alarms", 2, False)


def press(button, alarm_id, note="", hours="8", fault=""):
    clicks = [1 if button == one else None for one in BUTTONS]
    with clicked(button):
        return alarms.act(*clicks, note, hours, fault, alarm_id, 4)


BUTTONS = (Ids.acknowledge, Ids.shelve, Ids.clear, Ids.confirm)


def test_each_button_does_what_it_says(alarm_id, monkeypatch):
    told = []
    monkeypatch.setattr(alarms, "tell", told.append)
    assert press(Ids.acknowledge, alarm_id, note="on my way") == 5
    assert press(Ids.shelve, alarm_id, hours="24") == 5
    assert "until" in text(alarms.show_detail(0, alarm_id))
    press(Ids.confirm, alarm_id, fault="outer race")
    press(Ids.clear, alarm_id)
    assert [one.split(" is ")[1] for one in told] == [
        "acknowledged.",
        "shelved.",
        "shelved.",
        "cleared.",
    ]
    drawn = text(alarms.show_detail(1, alarm_id))
    for part in ("on my way", "outer race", "cleared"):
        assert part in drawn


def test_drawing_the_buttons_presses_none(alarm_id):
    with clicked(Ids.clear):
        drawn = alarms.act(None, None, None, None, "", "8", "", alarm_id, 4)
    assert drawn is alarms.no_update


def test_a_viewer_is_shown_no_buttons(alarm_id, viewer):
    assert Ids.clear in text(alarms.show_detail(0, alarm_id))
    with acting_as(viewer):
        assert Ids.clear not in text(alarms.show_detail(0, alarm_id))
    assert alarms.show_detail(0, None) == []
    assert "There is no alarm 9999" in text(alarms.show_detail(0, 9999))


def test_the_address_says_which_are_shown(server):
    assert '"value": []' in text(build(states="any"))
    assert '"value": ["cleared"]' in text(build(states="cleared,odd"))
