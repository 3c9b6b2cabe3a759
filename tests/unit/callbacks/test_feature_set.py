from __future__ import annotations

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks import feature_set as page
from layouts.components.grids import NO_ROWS
from services.actor import acting_as
from services.errors import NotFound
from services.feature_set_service import FeatureSetService
from services.runtime import unit_of_work
from tests import factories
from tests.on_features import tiny_set, trained_on


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def made(analyst) -> int:
    with unit_of_work() as session:
        return factories.feature_set(session, owner_id=analyst.user_id).id


def test_the_page_shows_the_set(made, viewer):
    head, about, hidden, columns, labels, label, features, feature, known = page.show_set(made)
    assert f"/sources?kind=feature_set&object={made}" in str(head)
    assert not hidden
    assert "24" in str(head)
    assert "inner 12, outer 12" in str(about)
    assert [one["headerName"] for one in columns][-2:] == ["RMS [g]", "Kurtosis"]
    assert [one["value"] for one in labels] == ["*", "inner", "outer"]
    assert (label, feature, known["id"]) == ("*", "RMS@1", made)
    assert len(features) == 2
    assert "'display': 'none'" not in str(head)
    with acting_as(viewer):
        assert "'display': 'none'" in str(page.show_set(made)[0])


def test_the_channel_is_called_as_its_recordings_call_it(made):
    assert "Dd('drive end')" in str(page.show_set(made)[1])


@pytest.mark.parametrize("number", [None, 10**6])
def test_a_set_that_is_not_there(analyst, number):
    found = page.show_set(number)
    assert "There is no such feature set" in str(found[1])
    assert (found[2], found[-1]) == (True, None)


def test_a_feature_leads_to_its_trend(made):
    known = page.show_set(made)[-1]
    assert known["recording"] is not None
    told = str(page.show_distribution("Kurtosis@1", known)[1])
    assert f"over=trend&quantity=feature&features={made}&feature=Kurtosis%401" in told
    assert "over=trend" not in str(page.show_distribution("RMS@1", {**known, "recording": None})[1])


def test_rows_lead_to_their_windows(made):
    known = page.show_set(made)[-1]
    answer, told = page.give_rows({"startRow": 0, "sortModel": []}, known, "*")
    assert (answer["rowCount"], told) == (24, "24 windows")
    assert "start=0.256&stop=0.512" in answer["rowData"][1]["href"]
    sorting = [{"colId": "RMS@1", "sort": "desc"}]
    answer, told = page.give_rows({"startRow": 0, "sortModel": sorting}, known, "outer")
    numbers = [float(row["f0"]) for row in answer["rowData"]]
    assert numbers == sorted(numbers, reverse=True)
    assert told == "12 windows"
    assert page.give_rows(None, known, "*") == (no_update, no_update)
    assert page.give_rows({"startRow": 0}, None, "*") == (NO_ROWS, no_update)


def test_the_distribution_has_a_line_for_each_class_and_a_unit(made):
    known = page.show_set(made)[-1]
    drawn, told = page.show_distribution("RMS@1", known)
    assert [trace.name for trace in drawn.data] == ["inner", "outer"]
    assert drawn.layout.xaxis.title.text == "RMS [g]"
    assert "RMS@1" in str(told)
    with pytest.raises(PreventUpdate):
        page.show_distribution(None, known)


def test_deleting_asks_first(made, told):
    known = page.show_set(made)[-1]
    assert page.ask_first(None, known) == (no_update, no_update)
    question, displayed = page.ask_first(1, known)
    assert displayed
    assert "version 1" in question
    assert page.delete(None, known) is no_update
    assert page.delete(1, known).endswith("/features")
    with pytest.raises(NotFound):
        FeatureSetService.get_feature_set(made)


def test_the_page_leads_to_training_and_to_what_was_trained(analyst, viewer, told):
    made = tiny_set()
    head, about, *_, known = page.show_set(made.id)
    assert f"features={made.id}" in str(head)
    assert "no experiment yet" in str(about)
    assert page.ask_first(1, known)[0].endswith("can be extracted again.")
    trained_on(made)
    _, about, *_, known = page.show_set(made.id)
    assert "features%3A%22tiny%22" in str(about)
    assert "kept with 1 experiment that" in page.ask_first(1, known)[0]
    with acting_as(viewer):
        assert "Train a classifier" not in str(page.show_set(made.id)[0])
    page.delete(1, known)
    assert "kept with 1 experiment that learned from it." in told[0]
