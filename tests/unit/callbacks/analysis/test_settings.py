from __future__ import annotations

from callbacks.analysis.settings import tell_settings


def test_closed_panels_say_what_is_set():
    drawn = {"kind": "spectrum", "settings": {"unit": "mm/s", "x": "cpm"}}
    assert tell_settings(drawn) == ("in mm/s", "0 to peak · Hann · CPM")
