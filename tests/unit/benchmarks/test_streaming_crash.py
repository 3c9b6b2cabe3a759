from __future__ import annotations

from benchmarks.streaming_crash import figures
from tests.crash_streams.trial import Trial


def alert(number: int, id: str) -> dict[str, object]:
    return {"id": id, "data_point": {"number": number}}


def test_what_is_lost_doubled_or_late_breaks_a_limit():
    fine = Trial(
        300, ["web", "valkey", "web"], 9.0, 300, {7}, [alert(7, "a")], {7: "a"}, 1, [1, 2, 3]
    )
    held = {figure.name: figure for figure in figures(fine) if figure.holds is not None}
    assert all(figure.holds for figure in held.values())
    web = held["web killed: recovered after, slowest"]
    assert (web.value, web.n) == (3, 2)
    twice = [alert(7, "a"), alert(7, "b")]
    bad = Trial(300, ["web"], 9.0, 299, {7, 8}, twice, {7: "c"}, 1, [5.5])
    assert [figure.holds for figure in figures(bad) if figure.holds is not None] == [False] * 5
