from __future__ import annotations

import pytest
from dash import no_update

from callbacks import dataset
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.runtime import unit_of_work
from tests import factories
from tests.trained import planned_experiment
from tests.unit.callbacks.pages import clicked


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(dataset, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def filled(analyst):
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        one = factories.dataset(session, name="pumps", **owner)
        ids = [factories.recording(session, dataset_id=one.id, **owner).id for _ in range(2)]
        factories.version(session, dict(zip(ids, ("ball", None), strict=True)), one.id)
        return {"dataset": one.id, "version": None}


def act_button(verb):
    return {"type": dataset.Ids.act, "verb": verb}


def test_shows_what_it_is(filled):
    head, options, chosen, hidden, told, uses, made = dataset.show_dataset(filled, 0)
    assert (chosen, hidden, told, uses, made) == (1, False, [], [], [])
    assert [option["value"] for option in options] == [1]
    assert all(word in str(head) for word in ("pumps", "Archive", "Import", "Edit"))
    for way in ("signals", "features", "new-experiment"):
        assert f"/{way}?dataset={filled['dataset']}" in str(head)
    figures = str(dataset.show_figures("1", filled))
    assert "no label" not in figures
    # The second recording has no label, which is no class.
    assert "children='Classes', className='figure-note'), Span(children='1', " in figures
    assert dataset.show_figures(None, filled) == []


def test_viewers_see_no_buttons_that_change(filled, viewer):
    with acting_as(viewer):
        head = str(dataset.show_dataset(filled, 0)[0])
    assert "Look at the signals" in head
    assert not any(word in head for word in ("Archive", "Delete", "Edit", "Import", "Train"))


def test_the_version_of_the_address_is_shown_until_there_is_another(filled):
    with unit_of_work() as session:
        factories.version(session, {}, filled["dataset"], number=2)
    view = {**filled, "version": 1}
    assert dataset.show_dataset(view, 0)[2] == 1
    assert dataset.show_dataset(view, 1)[2] == 2
    assert dataset.show_dataset({**filled, "version": 9}, 0)[2] == 2


@pytest.mark.parametrize("dataset_id", [None, 999])
def test_what_is_not_there_says_so(analyst, dataset_id):
    view = {"dataset": dataset_id, "version": None}
    assert "There is no such data set" in str(dataset.show_dataset(view, 0))


def test_an_empty_one_says_how_to_fill_it(analyst):
    view = {"dataset": DatasetService.create("empty"), "version": None}
    shown = dataset.show_dataset(view, 0)
    assert shown[3]
    assert "Import recordings" in str(shown[4])


def test_how_it_was_generated_is_told(analyst):
    made = {"generator": "rolling", "seed": 7, "config": {"classes": ["inner"]}, "token": "5d07"}
    one = DatasetService.create("made", provenance=made)
    shown = str(dataset.show_dataset({"dataset": one, "version": None}, 0)[6])
    assert all(word in shown for word in ("rolling", "Seed", "inner"))
    assert "Token" not in shown


def test_changes_are_asked_for_first(filled):
    with clicked(act_button("archive")):
        question, shown, verb, refusal = dataset.ask_first([1], filled)
    assert ("pumps" in question, shown, verb, refusal) == (True, True, "archive", [])
    with clicked(act_button("archive")):
        assert dataset.ask_first([None], filled) == (no_update,) * 4


def test_deleting_names_what_stands_in_the_way(analyst):
    experiment_id = planned_experiment()
    (one,) = DatasetService.list_datasets()
    with clicked(act_button("delete")):
        *asked, told = dataset.ask_first([1], {"dataset": one["id"], "version": None})
    assert asked == [no_update] * 3
    assert f"/experiments/{experiment_id}" in str(told)
    shown = dataset.show_dataset({"dataset": one["id"], "version": None}, 0)[5]
    assert f"/experiments/{experiment_id}" in str(shown)


def test_changes_are_done_once_they_are_confirmed(filled):
    dataset_id = filled["dataset"]
    # A dialogue that has only just been put into the page has confirmed nothing.
    assert dataset.act(None, "delete", filled, 0) == (no_update,) * 2
    assert dataset.act(1, "archive", filled, 0) == (1, no_update)
    assert DatasetService.count_datasets() == 0
    dataset.act(1, "restore", filled, 0)
    assert dataset.act(1, "delete", filled, 0)[1].endswith("/datasets")
    assert DatasetService.get_dataset_details(dataset_id) is None


def test_name_and_description_are_changed_by_the_owner(filled, told):
    with clicked({"type": dataset.Ids.edit, "of": "dataset"}):
        assert dataset.open_editor([1], None, filled) == (True, "pumps", "")
        assert dataset.open_editor([None], None, filled)[0] is False
    with clicked(dataset.Ids.put_away):
        assert dataset.open_editor([1], 1, filled)[0] is False
    assert dataset.save(1, "fans", "two of them", filled, 0) == (1, False)
    assert dataset.save(None, "x", "", filled, 0) == (no_update, no_update)
    found = DatasetService.get_dataset_details(filled["dataset"])
    assert (found["name"], found["description"]) == ("fans", "two of them")
