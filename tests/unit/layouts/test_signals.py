from __future__ import annotations

import pytest

from layouts.analysis.plots import Ids as PlotIds
from layouts.analysis.plots import Kind, part_note
from layouts.analysis.settings import Ids as SettingIds
from layouts.signals import Ids, build, recording_details, statistics_table

RECORDING = {
    "id": 3,
    "label": "IR",
    "origin": "generated",
    "duration_s": 3.0,
    "sample_rate_hz": 97_656.0,
    "sample_count": 292_968,
    "speed_rpm": 1_772.0,
    "speed_source": "file",
    "load": "1 hp",
    "bearing": "6205 <b>",
    "machine": None,
    "attributes": {"fault_size_mil": 7.0, "bpfo_hz": 81.125, "clock_position": "6"},
    "warnings": [{"code": "clipped", "message": "The channel is clipped.", "channel": "a"}],
    "channels": [{"name": "drive end", "unit": "g"}],
}


def found(page, component_id):
    return next(c for c in page._traverse() if getattr(c, "id", None) == component_id)


def test_the_address_names_what_to_show():
    page = build(dataset="2", recording="17", channel="1", plot="envelope", start="0.5", low="2e3")
    expected = {"dataset": 2, "recording": 17, "channel": 1, "start": 0.5, "stop": None}
    assert found(page, Ids.view).data == expected
    assert found(page, PlotIds.kind).value == Kind.ENVELOPE
    assert found(page, PlotIds.low).value == 2_000


def test_the_address_names_the_settings():
    page = build(plot="density", unit="mm/s", x="cpm", detector="peak", cursor="single")
    assert found(page, SettingIds.settings).data == {
        "unit": "mm/s",
        "x": "cpm",
        "cursor": "single",
    }
    drawn = {"kind": "density", "settings": {"unit": "mm/s", "x": "cpm"}}
    assert found(page, SettingIds.drawn).data == drawn


@pytest.mark.parametrize("nonsense", ["x", "-1", "nan", "1e99", "²", "9" * 30])
def test_nonsense_in_the_address_is_not_followed(nonsense):
    page = build(dataset=nonsense, recording=nonsense, plot=nonsense, unknown=nonsense)
    assert found(page, Ids.view).data["recording"] is None
    assert found(page, PlotIds.kind).value == Kind.SPECTRUM


def test_details_name_what_is_known_and_what_is_not():
    text = str(recording_details(RECORDING))
    for part in ("97.656 kHz", "1772 rpm (file)", "drive end [g]", "generated", "is clipped"):
        assert part in text
    for part in ("Dt('Fault size'), Dd('7 mil')", "Dt('BPFO'), Dd('81.125 Hz')", "Clock position"):
        assert part in text
    assert text.count("unknown") == 1


def test_statistics_have_units():
    rows = [{"name": "rms", "title": "RMS", "value": 0.0123, "unit": "g"}]
    assert "12.3 mg" in str(statistics_table(rows))


def test_a_capped_part_says_so():
    part = {"start_s": 1.0, "stop_s": 3.0, "sample_count": 2_000, "chosen_count": 2_000}
    assert "Zoom in" not in str(part_note(part, "Hann;"))
    _, capped = part_note({**part, "chosen_count": 9_000}, "Hann;")
    told = capped.children[-1]
    assert "middle 2,000 of the 9,000 chosen samples (1 to 3 s)" in told
