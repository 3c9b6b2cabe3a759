from __future__ import annotations

import base64
import json

import pytest
from dash import no_update

from callbacks import import_data_profiles as page
from layouts.import_data import SHARED
from layouts.import_data_profiles import NOT_CHOSEN
from services.actor import acting_as
from services.errors import Invalid
from services.import_profile_service import ImportProfileService


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


def typed(**given):
    return [given.get(name) for name in SHARED]


@pytest.fixture
def saved(analyst):
    values = typed(sample_rate_hz=25600, unit="g", pattern="{label}_*")
    changed, name, chosen = page.save_profile(1, "Rig 7", "plain", 0, *values)
    assert (changed, name, chosen) == (1, "", "Rig 7")
    return chosen


def test_what_is_typed_is_saved_and_offered(saved, told):
    choices = ImportProfileService.find_profile(saved)["choices"]
    assert choices == {
        "profile": "plain", "sample_rate_hz": 25600, "unit": "g", "pattern": "{label}_*",
    }  # fmt: skip
    options, chosen = page.show_profiles(1, saved)
    assert chosen == saved
    assert "saved by" in next(one["label"] for one in options if one["value"] == saved)
    assert told == ["The profile “Rig 7” is saved."]
    assert page.save_profile(None, "x", None, 0, *typed()) == (no_update,) * 3


def test_one_on_top_of_another_has_the_values_of_both(saved):
    page.save_profile(1, "Rig 8", saved, 0, *typed(unit="V", label="pump"))
    choices = ImportProfileService.find_profile("Rig 8")["choices"]
    assert (choices["sample_rate_hz"], choices["unit"], choices["label"]) == (25600, "V", "pump")


def test_each_profile_says_what_it_is_for(saved, viewer):
    text, hidden = page.show_about(saved, 0)
    assert "sampling rate 25600 Hz" in str(text)
    assert not hidden
    for name in (NOT_CHOSEN, "cwru", "plain", "pronostia"):
        text, hidden = page.show_about(name, 0)
        assert len(str(text)) > 40
        assert hidden
    with acting_as(viewer):
        assert page.show_about(saved, 0)[1]


def test_goes_through_a_file(saved, told):
    document = ImportProfileService.export_profile(ImportProfileService.find_profile(saved)["id"])
    assert page.delete_profile(1, saved, 4) == 5
    assert page.show_profiles(5, saved)[1] == NOT_CHOSEN
    packed = base64.b64encode(json.dumps(document).encode()).decode()
    assert page.load_profile(f"data:application/json;base64,{packed}", "rig.json", 5) == (6, None)
    assert ImportProfileService.find_profile("Rig 7")["choices"]["unit"] == "g"
    assert page.load_profile(None, None, 6) == (no_update, None)
    assert page.delete_profile(None, saved, 6) is no_update
    assert page.delete_profile(1, "cwru", 6) is no_update


@pytest.mark.parametrize("contents", ["data:,", "data:;base64,!!!", "data:;base64,bm9uZQ=="])
def test_files_of_something_else_are_told(analyst, contents):
    with pytest.raises(Invalid):
        page.load_profile(contents, "rig.json", 0)
