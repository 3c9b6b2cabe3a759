import json
from base64 import b64decode
from xml.etree import ElementTree

from plotly.utils import PlotlyJSONEncoder

from layouts.evaluation import build
from layouts.evaluation_errors import waveform

RECORDING = {
    "name": 'a" onload="x',
    "minimum": [-1.0, -2.0, 0.0, 0.0],
    "maximum": [1.0, 2.0, 0.0, 0.0],
    "duration_s": 4.0,
    "start_s": 1.0,
    "stop_s": 2.0,
    "unit": "g",
}


def test_the_picture_shows_the_extremes_and_marks_the_window():
    drawn = waveform(RECORDING)
    svg = ElementTree.fromstring(b64decode(drawn.src.partition(",")[2]))
    window, wave = list(svg)
    assert (float(window.get("x")), float(window.get("width"))) == (60, 60)
    strokes = wave.get("d").strip("M").split("M")
    assert len(strokes) == 4
    assert strokes[1] == "90.0 1.0V39.0"
    assert "-2 to 2 g over 4 s" in drawn.title
    assert RECORDING["name"] in drawn.alt  # as text, where markup is none


def test_a_recording_that_is_gone_has_no_picture_and_a_still_one_a_line():
    assert waveform({**RECORDING, "minimum": [], "maximum": []}) == "–"
    assert waveform({**RECORDING, "minimum": [0.0], "maximum": [0.0]}).src


def test_the_address_chooses_and_nonsense_is_left_aside():
    page = build("7", "risk", "windows", **{"with": "8,x,9", "class": "worn"})
    drawn = json.dumps(page, cls=PlotlyJSONEncoder)
    assert '"with": [8, 9]' in drawn
    assert '"value": "risk"' in drawn
    odd = json.dumps(build("x", "<b>", "?"), cls=PlotlyJSONEncoder)
    assert "<b>" not in odd
    assert '"value": "curves"' in odd
