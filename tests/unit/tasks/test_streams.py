from __future__ import annotations

import pytest
from sqlalchemy import select

from diagnostics.progress import Progress
from models import Job, SourceVersion
from services.errors import Conflict, Invalid
from services.runtime import unit_of_work
from services.source_service import SourceService
from services.streaming.pushing import Full
from services.streaming.replay_service import StreamReplayService
from services.streaming_service import StreamingService
from tasks import streams
from tests import anomalous, factories


@pytest.fixture
def recording_id(analyst) -> int:
    with unit_of_work() as session:
        made = factories.recording(session, factories.sine(count=2_600))
        factories.version(session, {made.id: "inner"}, made.dataset_id)
        return made.id


@pytest.fixture
def pushed(monkeypatch) -> list[tuple[str, int]]:
    """What was pushed: the name of each batch and how many points it had."""
    found = []

    def push(session_id, points, wait=True, sent_as=""):
        found.append((sent_as, len(points)))
        return {"count": len(points), "first": 0, "alerts": [1] if len(found) == 1 else []}

    monkeypatch.setattr(StreamingService, "push", staticmethod(push))
    return found


def test_windows_become_points_with_features(recording_id):
    (windows,) = StreamReplayService.read_windows(recording_id, 500)
    assert len(windows) == 5
    assert windows[0].features["RMS"] == pytest.approx(0.707, abs=0.01)
    assert windows[0].lasts_s > 0


def test_a_replay_sends_all_windows_under_names_of_their_own(recording_id, pushed):
    told: list[Progress] = []
    result = streams.replay_stream(told.append, "S", 0.0, [recording_id, recording_id], 500)
    assert result == {"session_id": "S", "points": 10, "alerts": 1}
    assert len({name for name, _ in pushed}) == len(pushed) == 2
    assert told[-1].fraction == 1.0


def test_a_replay_keeps_to_its_time(recording_id, pushed, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(streams, "_wait_until", lambda moment, *_: waited.append(moment))
    streams.replay_stream(lambda _: None, "S", 1.0, [recording_id], 500)
    lasts_s = next(StreamReplayService.read_windows(recording_id, 500))[0].lasts_s
    _, first = pushed[0]
    assert waited[-1] - waited[0] == pytest.approx((5 - first) * lasts_s, abs=0.01)


@pytest.mark.parametrize(("window", "speed"), [(255, 0), (2**21, 0), (512, -1), (512, 1e9)])
def test_what_cannot_be_replayed_is_refused(recording_id, analyst, window, speed):
    with unit_of_work() as session:
        made = factories.stream(session, owner_id=analyst.user_id).id
    with pytest.raises(Invalid):
        StreamReplayService.request_replay(made, 1, None, window, speed)


TIMED = b"""time,g,heat,state
2024-01-01T00:00:00,1.0,,on
2024-01-01T00:00:01,,,on
2024-01-01T00:00:04,-200,5.5,off
,2.5,6.5,on
2024-01-01T00:00:02,3.5,7.5,on
2024-01-01T00:01:00,4.5,8.5,on
"""
AS_FAST_AS_IT_GOES, AS_RECORDED = None, 0.25


@pytest.fixture
def version_id(analyst) -> int:
    anomalous.imported(TIMED, missing_codes=["-200"])
    with unit_of_work() as session:
        return session.scalars(select(SourceVersion.id)).one()


def test_rows_become_points_with_their_times(version_id):
    (rows,) = StreamReplayService.read_rows(version_id, ["g", "heat"], AS_FAST_AS_IT_GOES)
    assert rows.points is not None
    assert [repr(one) for one in rows.points.values] == [
        *("1.0", "nan", "nan", "5.5", "2.5", "6.5", "3.5", "7.5", "4.5", "8.5")
    ]
    begin_ms = 1_704_067_200_000
    after_ms = [time and time - begin_ms for time in rows.points.times_ms]
    assert after_ms == [0, 4000, None, 2000, 60_000]
    assert (rows.end, rows.total) == (6, 6)


def test_rows_last_as_long_as_their_times_say(version_id):
    read = StreamReplayService.read_rows(version_id, ["g"], AS_RECORDED)
    lasted = [(rows.end, rows.lasts_s) for rows in read]
    assert lasted == [(1, 0.0), (2, 1.0), (5, 3.0), (6, 58.0)]


def test_rows_without_a_time_last_a_second(analyst):
    anomalous.source(anomalous.table_csv(5))
    with unit_of_work() as session:
        made = session.scalars(select(SourceVersion.id)).one()
    read = list(StreamReplayService.read_rows(made, ["flow"], AS_RECORDED))
    assert [rows.lasts_s for rows in read] == [1.0] * 5


def test_a_table_is_replayed_once_whatever_waits(version_id, monkeypatch):
    pushed: list[tuple[str, int]] = []

    def push(session_id, points, wait=True, sent_as=""):
        pushed.append((sent_as, len(points)))
        if len(pushed) == 1:
            raise Full("The quota of this hour is used up.", 0)
        return {"count": len(points), "first": 0, "alerts": [1]}

    monkeypatch.setattr(StreamingService, "push", staticmethod(push))
    table = {"version_id": version_id, "columns": ["g", "heat"]}
    told: list[Progress] = []
    result = streams.replay_stream(told.append, "S", 0.0, table=table)
    assert result == {"session_id": "S", "points": 5, "alerts": 1}
    assert pushed[0] == pushed[1]
    assert told[-1].fraction == 1.0


def session_of(owner_id: int, **more) -> str:
    with unit_of_work() as session:
        return factories.stream(session, owner_id=owner_id, **more).id


@pytest.mark.parametrize(
    ("judged", "asked", "expected"),
    [
        (None, None, ["flow_in", "flow", "heat"]),
        (["heat", "g", "flow"], None, ["heat", "flow"]),
        (["heat"], ["flow"], ["flow"]),
    ],
)
def test_the_columns_of_the_session_are_sent(analyst, judged, asked, expected):
    stream, source = session_of(analyst.user_id, columns=judged), anomalous.source()
    job_id = StreamReplayService.request_table_replay(stream, source, asked, 10.0)
    with unit_of_work() as session:
        arguments = session.get_one(Job, job_id).arguments
    assert (arguments["table"]["columns"], arguments["speed"]) == (expected, 10.0)
    assert StreamReplayService.request_table_replay(stream, source, asked, 10.0) == job_id


@pytest.mark.parametrize(
    ("judged", "asked", "speed", "message"),
    [
        (["g"], None, 0, "none of the columns that the session judges: g"),
        (None, ["state"], 0, "“state” is none of the columns"),
        (None, [], 0, "Name some"),
        (None, None, -1, "speed"),
    ],
)
def test_a_table_that_cannot_be_replayed_is_refused(analyst, judged, asked, speed, message):
    stream = session_of(analyst.user_id, columns=judged)
    with pytest.raises(Invalid, match=message):
        StreamReplayService.request_table_replay(stream, anomalous.source(), asked, speed)


def test_a_source_that_was_never_read_cannot_be_replayed(analyst):
    unread = SourceService.create_source("table", {"upload_id": anomalous.uploaded(TIMED)})
    with pytest.raises(Conflict, match="no rows yet"):
        StreamReplayService.request_table_replay(session_of(analyst.user_id), unread)
