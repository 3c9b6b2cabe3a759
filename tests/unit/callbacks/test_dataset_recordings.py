from __future__ import annotations

import pytest
from dash import no_update

from callbacks import dataset_recordings as page
from layouts import dataset_recordings as layout
from layouts.components.grids import NO_ROWS
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.errors import Conflict
from tests.unit.callbacks.pages import clicked
from tests.unit.services.test_dataset_service import stored

SHOWN = {"search": "", "where": [], "total": 3, "opened": "now"}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def view(analyst):
    dataset_id = DatasetService.create("pumps")
    samples = [
        stored(name, 50.0 + place, label=label, attributes={"size mil": 7 * place})
        for place, (name, label) in enumerate({"a": "ball", "b": "ball", "c": None}.items())
    ]
    DatasetService.add_recordings(dataset_id, samples, "import")
    filters = {"label": {"type": "equals"}}
    return {"dataset": dataset_id, "version": None, "filters": filters, "opened": "now"}


def rows(view, version=1, search="", **request):
    asked = {"startRow": 0, "endRow": 100, "sortModel": [], **request}
    return page.give_rows(asked, view, version, search)


def names(given):
    return [row["name"] for row in given[0]["rowData"]]


def planned(view, button, selected=(), every=False, label="inner", shown=SHOWN, version=1):
    with clicked(button):
        ids = [{"id": str(one)} for one in selected]
        return page.plan(1, 1, view, version, ids, every, shown, label, "seen")


def test_blocks_come_sorted_filtered_and_counted_by_the_server(view):
    given = rows(view, sortModel=[{"colId": "name", "sort": "desc"}])
    assert names(given) == ["c", "b", "a"]
    assert (given[0]["rowCount"], given[1]) == (3, "3 recordings")
    given = rows(view, search="b", filterModel={"label": {"type": "equals", "filter": "ball"}})
    assert given[3] == {**SHOWN, "search": "b", "where": ["label:equals:ball"], "total": 2}
    assert given[1] == "2 recordings match"
    assert rows(view, search="c")[1] == "1 recording matches"
    assert "where=label%3Aequals%3Aball" in given[2]
    assert given[2].startswith(f"/api/v1/datasets/{view['dataset']}/recordings.csv?version=1")


def test_later_blocks_leave_the_rest_alone(view):
    given = rows(view, startRow=2)
    assert names(given) == ["c"]
    assert given[1:] == (no_update,) * 3


def test_attributes_are_columns(view):
    asked = {"colId": "attribute.size mil", "sort": "desc"}
    given = rows(view, sortModel=[asked])
    assert names(given) == ["c", "b", "a"]
    assert given[0]["rowData"][0]["attribute.size mil"] == "14"
    model = {"attribute.size mil": {"type": "equals", "filter": "7"}}
    assert names(rows(view, filterModel=model)) == ["b"]


def test_nothing_is_given_before_the_version_is_known(view):
    assert rows(view, version=None)[0] == NO_ROWS
    assert page.give_rows(None, view, 1, "")[0] is no_update


def test_a_wrong_filter_of_an_address_is_told_and_ignored(view, told):
    model = {"speed_rpm": {"type": "greaterThanOrEqual", "filter": "fast"}}
    assert len(names(rows(view, filterModel=model))) == 3
    assert "compared with a number" in told[0]


def test_the_filters_of_the_address_are_set_once(view):
    columns, model, options, labels, hidden = page.describe(1, view, None)
    assert model == view["filters"]
    assert columns[-1]["colId"] == "attribute.size mil"
    assert columns[-1]["filter"] == "agNumberColumnFilter"
    assert options[-1] == {"label": "Size mil", "value": "attribute.size mil"}
    assert [label.value for label in labels] == ["ball"]
    assert hidden is False
    assert page.describe(1, view, SHOWN)[1] is no_update
    assert page.describe(1, {**view, "opened": "later"}, SHOWN)[1] == view["filters"]


def test_only_the_newest_version_is_changed_and_only_by_who_may(view, viewer):
    DatasetService.relabel(view["dataset"], {1: "inner"}, "")
    assert page.describe(1, view, None)[4] is True
    assert page.describe(2, view, None)[4] is False
    with acting_as(viewer):
        assert page.describe(2, view, None)[4] is True


def test_a_plan_says_what_would_change(view):
    is_open, title, text, plan = planned(view, page.Ids.relabel, selected=[1, 3])
    assert (is_open, title) == (True, "Relabel recordings?")
    assert all(word in str(text) for word in ("ball", "no label", "inner", "Version 2"))
    assert (plan["ids"], plan["based_on"]) == ([1, 3], 1)
    assert DatasetService.get_dataset_details(view["dataset"])["version"] == 1


def test_what_was_planned_is_carried_out(view, told):
    plan = planned(view, page.Ids.relabel, selected=[1, 3])[3]
    assert page.carry_out(1, plan, view, 0) == (1, False, [], False)
    classes = DatasetService.get_dataset_statistics(view["dataset"])["classes"]
    assert classes == {"ball": 1, "inner": 2}
    assert told == ["Version 2 has the new labels."]
    assert page.carry_out(None, plan, view, 0) == (no_update,) * 4


def test_all_that_match_go_out(view):
    shown = {"search": "", "where": ["label:equals:ball"], "total": 2}
    _, title, text, plan = planned(view, page.Ids.remove, every=True, shown=shown)
    assert title == "Take recordings out?"
    assert text.startswith("2 recordings")
    page.carry_out(1, plan, view, 0)
    assert DatasetService.get_dataset_statistics(view["dataset"])["unlabelled"] == 1


def test_a_second_tab_is_told(view):
    plan = planned(view, page.Ids.relabel, selected=[1])[3]
    DatasetService.relabel(view["dataset"], {2: "outer"}, "the other tab")
    with pytest.raises(Conflict, match="the other tab"):
        page.carry_out(1, plan, view, 0)


def test_the_selection_is_counted():
    assert page.count_selected([], False, SHOWN) == ("Select recordings in the list.", True, True)
    assert page.count_selected([{}, {}], False, SHOWN) == ("2 selected", False, False)
    assert page.count_selected([], True, SHOWN)[1:] == (False, False)


@pytest.mark.parametrize(
    ("query", "conditions"),
    [
        ({"label": "equals:ball"}, ["label:equals:ball"]),
        ({"speed_rpm": "between:1700:1800.5"}, ["speed_rpm:between:1700.0:1800.5"]),
        ({"attribute.a:b": "blank"}, ["attribute.a:b:blank"]),
        ({"attribute.elapsed_s": "most:6000"}, ["attribute.elapsed_s:most:6000.0"]),
        ({"warning": "present"}, ["warning:present"]),
        ({"label": "odd:x", "color": "equals:red", "channels": "blank"}, []),
    ],
)
def test_addresses_and_the_grid_say_the_same(query, conditions):
    assert layout.conditions(layout.filter_model(query)) == conditions


def test_filters_of_an_address_fit_columns_of_numbers():
    query = {"attribute.size": "equals:7", "attribute.clock": "equals:6"}
    model = layout.fitting(layout.filter_model(query), ["size"])
    assert model["attribute.size"] == {"filterType": "number", "type": "equals", "filter": 7.0}
    assert model["attribute.clock"]["filter"] == "6"


def test_the_early_life_of_a_bearing_is_chosen_by_a_number(view):
    model = {"attribute.size mil": {"type": "lessThanOrEqual", "filter": 7}}
    assert names(rows(view, filterModel=model)) == ["a", "b"]
