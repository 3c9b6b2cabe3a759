import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks.explain_zoom import span_of, zoom
from diagnostics.progress import silent
from services.explanation_cache import ExplanationCache
from services.explanation_view_service import ExplanationViewService
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tests.trained import RATE_HZ, trained_experiment


@pytest.fixture
def shown(analyst):
    """What is on the screen: a recording explained by two methods, its third window."""
    number = trained_experiment(epochs=1)
    recording = XAIService.list_recordings(number)[0]["recording_id"]
    explain_recording(silent, number, recording, "worn")
    explain_recording(silent, number, recording, "worn", "occlusion")
    return {
        "key": {"experiment": number, "recording": recording, "class": "worn", "asked": "worn"},
        "there": [["gradcam", {}], ["occlusion", {}]],
        "start_s": 2048 / RATE_HZ,
    }


def test_a_zoom_brings_the_samples_of_its_time(shown):
    key = shown["key"]
    kept = ExplanationCache.get_explanation(key["experiment"], key["recording"], "occlusion")
    begin, step = shown["start_s"], 1 / RATE_HZ
    span = begin + 100.5 * step, begin + 150.5 * step
    change = zoom({"xaxis2.range[0]": span[0], "xaxis2.range[1]": span[1]}, shown)
    given = {
        tuple(one["location"]): one["params"]["value"]
        for one in change.to_plotly_json()["operations"]
    }
    assert {location[1] for location in given} == {0, 1, 2, 3}
    assert given["data", 2, "x"][[0, -1]] == pytest.approx([begin + 100 * step, begin + 151 * step])
    mine = kept["arrays"]["attribution"][2, 0, 100:151]
    assert given["data", 2, "z"][0] == pytest.approx(mine, rel=1e-3, abs=1e-6)
    assert len(given["data", 3, "x"]) == 51
    whole = zoom({"xaxis.autorange": True}, shown).to_plotly_json()["operations"]
    assert whole[0]["params"]["value"][[0, -1]] == pytest.approx([begin, begin + 1024 * step])


def test_a_zoom_beyond_the_window_shows_what_there_is(shown):
    key, begin = shown["key"], shown["start_s"]
    place = key["experiment"], key["recording"], "worn", [("occlusion", {})]
    (beyond,) = ExplanationViewService.zoom(*place, begin, (begin - 5, begin + 5))
    assert np.ptp(beyond["edges_s"]) == pytest.approx(1024 / RATE_HZ)
    (outside,) = ExplanationViewService.zoom(*place, begin, (begin + 5, begin + 6))
    assert len(outside["edges_s"]) == 3
    assert ExplanationViewService.zoom(*place, 99.0, (None, None)) == []


def test_other_events_change_nothing(shown):
    for event in (None, {}, {"dragmode": "pan"}, {"yaxis.range[0]": 1, "yaxis.range[1]": 2}):
        with pytest.raises(PreventUpdate):
            zoom(event, shown)
    with pytest.raises(PreventUpdate):
        zoom({"xaxis.autorange": True}, None)
    assert span_of({"xaxis3.range": [1, 2]}) == (1.0, 2.0)
    assert span_of({"xaxis.range[0]": 1}) is None
