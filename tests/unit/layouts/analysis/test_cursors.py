from __future__ import annotations

from layouts.analysis import cursors


def test_what_a_cursor_reads_is_hidden_while_there_is_none():
    assert cursors.place({}).hidden
    assert not cursors.place({"cursor": "single", "at": 107.4}).hidden


def test_the_handle_can_be_reached_and_read():
    drawn = str(cursors.place({"cursor": "single"}))
    assert "role='slider'" in drawn
    assert "tabIndex='0'" in drawn
    assert "aria-valuenow" in drawn


def test_the_fields_hold_what_the_address_says():
    drawn = str(cursors.controls({"cursor": "sideband", "at": 160.0, "spacing": 29.9}))
    for text in ("value='sideband'", "value=160.0", "value=29.9", "value=5"):
        assert text in drawn
