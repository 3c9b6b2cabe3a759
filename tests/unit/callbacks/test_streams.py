from __future__ import annotations

import pytest
from sqlalchemy import select

from callbacks import streams, streams_live
from layouts.streams import Ids, build
from layouts.streams_live import Ids as LiveIds
from models import Job, JobKind
from services import runtime
from services.errors import Invalid
from services.streaming_service import StreamingService
from tests import anomalous, factories
from tests.unit.callbacks.pages import clicked
from tests.unit.callbacks.test_jobs import text


@pytest.fixture
def session_id(analyst) -> str:
    with runtime.unit_of_work() as session:
        told = {"count": 7, "mean": 1.0, "std": 0.5, "min": 0.0, "max": 9.5}
        told |= {"anomaly_count": 1, "anomaly_rate": 1 / 7}
        given = {"owner_id": analyst.user_id, "name": "<pump>", "columns": ["g"]}
        made = factories.stream(session, **given, total_points=7, statistics={"g": told})
        factories.stream_alert(session, session_id=made.id)
        return made.id


def test_without_sessions_the_page_says_what_to_do(server, analyst):
    table, pages, one_page = streams.show_sessions(0, 1)
    assert "Start one above" in text(table)
    assert (pages, one_page) == (1, True)
    assert "streams-live" in text(build())


def test_sessions_are_listed_with_a_link(session_id):
    table, *_ = streams.show_sessions(5, None)
    for part in ("<pump>", f"/streams?id={session_id}", "running", "Rolling z-score"):
        assert part in text(table)


def test_the_form_follows_the_algorithm(analyst):
    about, fields = streams.show_algorithm("rrcf")
    assert "CoDisp" in text(about)
    assert [one["name"] for one in ids_in(fields)] == ["num_trees", "tree_size"]


def ids_in(fields):
    return [part.id for one in fields for part in one._traverse() if getattr(part, "id", None)]


def test_a_missing_number_is_told(analyst):
    with pytest.raises(Invalid, match="number is missing"):
        streams.start(1, "", "ema", 100, 3, "", [None], [{"name": "alpha"}])


def test_a_session_is_drawn_once(session_id, monkeypatch):
    nothing = {"points": [], "limit": 3.0, "judged_after_ms": 2.0, "judged_at_ms": 1.0}
    monkeypatch.setattr(StreamingService, "get_live", staticmethod(lambda *_: nothing))
    drawn = streams_live.show_live(0, [], session_id, None)
    assert "<pump>" in text(drawn[0])
    assert "Rolling z-score, window" in text(drawn[0])
    for part in ("running", session_id, "Pause", "Stop"):
        assert part in text(drawn[0])
    assert drawn[2] == drawn[3] == ["g"]
    assert "9.5" in text(drawn[4])
    assert drawn[5].startswith("The newest point was judged 2 ms after it came in")
    again = streams_live.show_live(1, ["g"], session_id, drawn[6])
    assert again == (streams_live.no_update,) * 7


def test_a_session_that_is_gone_is_told(analyst):
    assert "no such session" in text(streams_live.show_live(0, [], "none", None)[0])
    assert streams_live.show_live(0, [], None, None) == (streams_live.no_update,) * 7


def test_an_alert_is_acknowledged(session_id, analyst):
    (alert,) = StreamingService.list_alerts(session_id)
    with clicked(LiveIds.shown, "data"):
        assert "Acknowledge" in text(streams_live.show_alerts(None, [None], session_id))
    with clicked({"type": LiveIds.acknowledge, "id": alert["id"]}):
        streams_live.show_alerts(None, [1], session_id)
    (alert,) = StreamingService.list_alerts(session_id)
    assert alert["acknowledged_by"] == analyst.user_id


def test_deleting_asks_first(session_id):
    with clicked({"type": LiveIds.verb, "verb": "delete", "id": session_id}):
        question, is_asked = streams_live.change([1])
    assert (question, is_asked) == ("Delete the session <pump> and its 0 alerts?", True)
    assert streams_live.delete(None, session_id) is streams_live.no_update


def test_a_table_is_replayed(session_id, monkeypatch):
    monkeypatch.setattr(streams_live, "tell", lambda *_: None)
    source_id = anomalous.source(anomalous.table_csv().replace(b"heat", b"g"))
    assert streams_live.list_sources(None) == []
    (option,) = streams_live.list_sources(session_id)
    assert option == {"label": "pump.csv, 300 rows", "value": source_id}
    streams_live.replay_table(1, session_id, source_id, 0.0)
    with runtime.unit_of_work() as session:
        job = session.scalars(select(Job).where(Job.kind == JobKind.REPLAY_STREAM)).one()
        assert job.arguments["table"]["columns"] == ["g"]
    with pytest.raises(Invalid, match="Choose a source"):
        streams_live.replay_table(1, session_id, None, 0.0)


def test_ids_of_the_parts_are_apart():
    assert Ids.chosen != LiveIds.section
