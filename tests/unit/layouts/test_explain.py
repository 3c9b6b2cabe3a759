import json

import numpy as np
import plotly
import pytest

from layouts import explain
from models.base import now


def shown(component) -> str:
    return json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def view(**changes):
    picture = {
        "times_s": np.linspace(0, 1, 50),
        "samples": np.linspace(-1, 1, 50),
        "edges_s": np.array([0.0, 0.5, 1.0]),
        "attribution": np.array([0.2, 0.4]),
    }
    return {
        "recording_id": 5,
        "recording": "OR021",
        "generated": False,
        "channel": "drive <end>",
        "channel_position": 0,
        "unit": "g",
        "class_names": ["ball", "<i>outer</i>"],
        "true_class": "ball",
        "side": "test",
        "target_class": "ball",
        "probabilities": [0.3, 0.7],
        "of_target": [0.2, 0.4],
        "starts_s": [0.0, 0.5],
        "window_s": 0.5,
        "available": 2,
        "chosen": 1,
        "top": 0.4,
        "title": "Grad-CAM",
        "layer": "blocks.3",
        "positions": 50,
        "created_at": now(),
        "whole": picture,
        "close": picture,
        **changes,
    }


def test_the_verdict_stands_beside_label_side_and_vote():
    text = shown(explain.result(view()))
    assert "By the vote of 2 windows the network says “<i>outer</i>”" in text
    assert "the label says" in text
    assert "has not seen it before" in text
    assert "which is not what it says" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"top": 0.0}, "no colour is drawn"),
        ({"available": 900}, "2 of 900 windows were explained"),
        ({"side": "train"}, "the network may simply know it"),
    ],
)
def test_what_to_be_careful_about_is_said(changes, sentence):
    assert sentence in shown(explain.result(view(**changes)))


def test_a_recording_from_elsewhere_has_no_label_and_no_side():
    text = shown(explain.result(view(side=None, true_class="")))
    assert "the label says" not in text
    assert "The recording was" not in text


def test_a_generated_recording_is_marked():
    assert "generated" in shown(explain.result(view(generated=True)))
    assert "state-badge" not in shown(explain.result(view()))


def test_how_fine_the_colour_is_and_where_the_window_lies_are_said():
    text = shown(explain.result(view()))
    assert "shorter than 10 ms cannot be told apart" in text
    assert "start=0.5&stop=1" in text
    assert "Window 2 of 2" in text


def test_names_that_people_typed_do_not_become_markup_in_figures():
    text = shown(explain.result(view(target_class="<i>outer</i>")))
    assert "P(&lt;i&gt;outer" in text
    assert "drive &lt;end&gt; [g]" in text


def test_the_query_says_what_to_show_and_nonsense_shows_nothing():
    built = shown(explain.build(experiment="3", recording="x", window="-1", **{"class": "ball"}))
    view = {"experiment": 3, "recording": None, "class": "ball", "window": None}
    assert json.dumps({**view, "more": [], "methods": []}) in built
