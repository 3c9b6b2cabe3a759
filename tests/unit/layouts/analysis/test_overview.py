from __future__ import annotations

import pytest

from layouts.analysis.overview import Ids, hidden_parts, made, note, place


@pytest.mark.parametrize(
    ("overview", "seen"),
    [
        ("", set()),
        ("trend", {Ids.choices, Ids.of_trend, Ids.shown}),
        ("waterfall", {Ids.choices, Ids.of_waterfall, Ids.shown}),
    ],
)
def test_only_what_matters_is_seen(overview, seen):
    assert {part for part, hidden in hidden_parts(overview).items() if not hidden} == seen


def test_the_note_ends_with_what_can_be_done():
    assert note(["in order of time"], "One step is 1 g.") == (
        "In order of time. One step is 1 g. Click to open a recording."
    )


def test_the_card_says_what_of_which_and_how():
    shown = str(made("trend of RMS", "run 1", ["in order of time", "Hann window"]))
    for words in ("all of the channel of run 1", "trend of RMS", "in order of time; Hann window"):
        assert words in shown


def test_what_the_address_says_is_in_the_controls():
    shown = str(place({"over": "trend", "quantity": "bearing", "sort": "name"}))
    for words in ("'trend'", "'bearing'", "'name'"):
        assert words in shown
