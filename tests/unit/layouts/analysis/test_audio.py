from __future__ import annotations

from layouts.analysis.audio import place, source


def test_nothing_is_fetched_before_it_is_played():
    shown = str(place())
    assert "preload='none'" in shown
    assert "controls=True" in shown


def test_the_whole_recording_needs_no_times():
    shown = {"recording": 7, "channel": 1, "start": None, "stop": None}
    assert source(shown).endswith("/api/v1/recordings/7/audio?channel=1")
    assert source({**shown, "start": 0.0, "stop": 0.5}).endswith("channel=1&start=0.0&stop=0.5")
