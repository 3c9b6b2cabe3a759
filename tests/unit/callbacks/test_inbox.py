from __future__ import annotations

import json
from types import SimpleNamespace

from plotly.utils import PlotlyJSONEncoder

from callbacks import inbox
from layouts.registry import PAGES
from services.runtime import unit_of_work
from tests import factories


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def put(who, **given) -> int:
    with unit_of_work() as session:
        return factories.notice(session, user_id=who.user_id, **given).id


def test_notices_are_shown_with_their_state(analyst):
    put(analyst, text="Fan <b>failed</b>.", type="job.failed", level="error")
    shown, pages, is_hidden = inbox.show_notices({}, False, "all", 1, "")
    assert "Fan <b>failed</b>." in text(shown)  # React escapes it
    assert "Another job failed" in text(shown)
    assert '"unread"' in text(shown)
    assert (pages, is_hidden) == (1, True)
    assert inbox.count_unread({}) == "1 unread."


def test_more_than_a_page_is_paged(analyst):
    for _ in range(26):
        put(analyst)
    _, pages, is_hidden = inbox.show_notices({}, False, "all", 1, "")
    assert (pages, is_hidden) == (2, False)
    assert text(inbox.show_notices({}, False, "all", 2, "")[0]).count("Clean up is done.") == 1
    assert inbox.begin_anew(True, "") == 1


def test_an_empty_inbox_says_what_belongs_there(analyst):
    assert "Nothing yet" in text(inbox.show_notices({}, False, "all", 1, "")[0])
    assert "No such notice" in text(inbox.show_notices({}, True, "all", 1, "")[0])


def test_types_are_those_that_are_there(analyst):
    put(analyst)
    choices, chosen = inbox.show_types("job.done")
    assert [one["label"] for one in choices] == ["all", "Another job is done"]
    assert chosen == "job.done"
    assert inbox.show_types("job.failed")[1] == "all"


def test_one_or_all_are_marked(analyst, monkeypatch):
    one = put(analyst)
    put(analyst)
    clicked = SimpleNamespace(triggered_id={"id": one, "to": "read"})
    monkeypatch.setattr(inbox, "ctx", clicked)
    assert inbox.mark([1, None]) == "1 unread."
    clicked.triggered_id = {"id": one, "to": "unread"}
    assert inbox.mark([1, None]) == "2 unread."
    told = []
    monkeypatch.setattr(inbox, "tell", lambda *given: told.append(given[0]))
    assert inbox.mark_all(1) == inbox.mark_all(2) == "Nothing is unread."
    assert told == ["2 marked as read.", "All were read already."]


def test_the_page_can_be_opened_filtered(analyst):
    page = next(page for page in PAGES if page.slug == "inbox")
    assert '"job.done"' in text(page.build(type="job.done", unread="1"))
