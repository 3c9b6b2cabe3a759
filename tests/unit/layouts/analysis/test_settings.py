from __future__ import annotations

import pytest

from layouts.analysis import plot_settings, plots, processing
from layouts.analysis.controls import setting_of
from layouts.analysis.settings import SETTINGS, Form, drawn_by, processed_by, settings_of
from services.errors import Invalid
from services.signals.settings import TITLES, PlotSettings

PANELS = (processing, plot_settings, plots)


def test_the_page_and_the_services_know_the_same_settings():
    assert set(SETTINGS) == set(TITLES)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_default_of_the_page_is_that_of_the_services(name):
    given = PlotSettings.from_mapping({name: SETTINGS[name].default})
    assert given.to_mapping() == {}


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.__name__)
def test_every_control_holds_a_setting(panel):
    assert {setting_of(control) for control in panel.CONTROLS} <= set(SETTINGS)


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("unit", processing.UNITS),
        ("detrend", processing.DETRENDS),
        ("filter", processing.FILTERS),
        ("detector", plot_settings.DETECTORS),
        ("window", plot_settings.WINDOWS),
        ("averaging", plot_settings.AVERAGINGS),
        ("x", plot_settings.FREQUENCIES),
        ("y", plot_settings.SCALES),
        ("band", plots.BANDS),
    ],
)
def test_every_choice_is_one_of_the_services(name, choices):
    for value in choices:
        expected = {} if value == SETTINGS[name].default else {name: value}
        assert PlotSettings.from_mapping({name: value}).to_mapping() == expected
    with pytest.raises(Invalid):
        PlotSettings.from_mapping({name: "something else"})


def test_what_cannot_be_is_left_out_of_an_address():
    query = {"low": "nan", "high": "1e99", "squared": "perhaps", "unit": "x" * 200, "y": "db"}
    assert settings_of(query) == {"y": "db"}


def test_switches_stand_in_the_address_as_words():
    assert settings_of({"squared": "true", "shaft": "false"}) == {"squared": True}


def test_cursors_ask_for_no_new_plot():
    assert drawn_by({"cursor": "single", "at": 50.0, "y": "db"}) == {"y": "db"}


def test_numbers_of_the_page_are_numbers_of_the_services():
    for name, setting in SETTINGS.items():
        if setting.form is Form.NUMBER:
            with pytest.raises(Invalid, match=TITLES[name]):
                PlotSettings.from_mapping({name: "much"})


def test_processing_changes_the_samples_and_the_rest_does_not():
    names = set(processed_by(dict.fromkeys(SETTINGS, 1)))
    assert names == {setting_of(control) for control in processing.CONTROLS}
